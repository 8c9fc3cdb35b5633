"""Exact counts of pixel values, which merge."""
