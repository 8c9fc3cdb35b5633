"""Pure functions on arrays: NumPy and SciPy only, typed, one subject a file."""
