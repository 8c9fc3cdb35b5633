"""Estimators that make masks of masks: morphology, and cleaning by connected regions."""
