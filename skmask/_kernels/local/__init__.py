"""Statistics and thresholds of the window around every pixel."""
