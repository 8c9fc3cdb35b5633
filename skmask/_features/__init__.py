"""Estimators that turn images and masks into rows for other estimators."""
