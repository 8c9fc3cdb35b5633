"""A search among maskers that is ready to use."""
