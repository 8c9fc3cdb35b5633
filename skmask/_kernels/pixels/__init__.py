"""Operations on single pixels: comparisons, filling, masks read as booleans, array namespaces."""
