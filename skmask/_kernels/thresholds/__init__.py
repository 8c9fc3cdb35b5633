"""Thresholds and ranges chosen from histograms."""
