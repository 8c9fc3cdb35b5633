"""Folders of images as lazy sequences, and folders of masks as results."""
