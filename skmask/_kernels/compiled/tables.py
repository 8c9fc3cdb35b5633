"""Tables of counts, many of which may be zero."""

from typing import Any

from skmask._kernels.compiled.jit import jit


@jit
def count_occupied(table: Any) -> Any:
    """Return how many counts are not zero."""
    n_occupied = 0
    for i in range(table.size):
        n_occupied += table[i] != 0
    return n_occupied
