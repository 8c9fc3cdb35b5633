"""Estimators that make masks of images."""
