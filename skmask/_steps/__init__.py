"""Steps from images to images, before a masker."""
