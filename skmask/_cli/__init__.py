"""The command ``skmask``: folders of images to models, folders of masks, tables and pictures."""
