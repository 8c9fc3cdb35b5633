"""Counts and distances behind the scores of masks."""
