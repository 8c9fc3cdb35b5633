"""Estimators that apply the masks of a masker to its images."""
