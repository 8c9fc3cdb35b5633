"""Scores of masks, and scorers for cross-validation."""
