"""Cutting of arrays into pieces that stay in a cache."""

import math
from collections.abc import Iterator


def slabs(shape: tuple[int, ...], size: int) -> Iterator[tuple[slice, ...]]:
    """Cut an array into slabs of about `size` pixels along its first axes.

    Examples
    --------
    >>> list(slabs((2, 4), 2))
    [(slice(0, 1, None), slice(0, 2, None)), (slice(0, 1, None), slice(2, 4, None)), \
(slice(1, 2, None), slice(0, 2, None)), (slice(1, 2, None), slice(2, 4, None))]
    """
    pixels = math.prod(shape[1:])
    if len(shape) == 1 or pixels <= size:
        step = max(1, size // max(1, pixels))
        yield from ((slice(start, start + step),) for start in range(0, shape[0], step))
        return
    for start in range(shape[0]):
        yield from ((slice(start, start + 1), *slab) for slab in slabs(shape[1:], size))
