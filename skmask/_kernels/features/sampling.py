"""Pixels drawn from labeled images, with weights that undo how they were drawn."""

from collections.abc import Callable, Iterable

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, Int64Array, IntArray

__all__ = ["draw_pixels"]


# Labels of successive pixels of an image, and which of them count.
Part = tuple[Array, BoolArray]


def draw_pixels(
    parts: Callable[[], Iterable[Part]],
    n_pixels: int,
    rng: np.random.Generator,
    *,
    balance: bool,
) -> tuple[IntArray, Int64Array, FloatArray]:
    """Draw pixels of one image without replacement.

    Parameters
    ----------
    parts : callable
        Gives the parts of the image from the first pixel on, flat; called twice.
    n_pixels : int
        How many to draw; fewer where there are fewer.
    rng : Generator
    balance : bool
        Whether as many are drawn of each class, as far as there are, or pixels are drawn alike.

    Returns
    -------
    chosen : ndarray of int
        Positions in the flat image, ascending.
    labels : ndarray of int
    weights : ndarray of float64
        How many pixels each stands for, scaled to a mean of 1.

    Examples
    --------
    >>> labels = np.repeat([0, 1], [90, 10])
    >>> rng = np.random.default_rng(0)
    >>> _, drawn, weights = draw_pixels(lambda: [(labels, labels >= 0)], 20, rng, balance=True)
    >>> np.bincount(drawn), weights[[0, -1]]
    (array([10, 10]), array([1.8, 0.2]))
    """
    counts: dict[int, int] = {}
    for labels, known in parts():
        for label, size in zip(*np.unique(labels[known], return_counts=True), strict=True):
            counts[int(label)] = counts.get(int(label), 0) + int(size)
    classes = sorted(counts)
    sizes = np.array([counts[label] for label in classes], dtype=int)
    if sizes.sum() <= n_pixels:
        quotas = sizes
    elif balance:
        quotas = _quotas(sizes, n_pixels)
    else:
        # Classes come by chance, as they would from all pixels at once.
        quotas = rng.multivariate_hypergeometric(sizes, n_pixels)
    ranks = [
        np.sort(rng.choice(size, quota, replace=False)) if quota < size else np.arange(size)
        for size, quota in zip(sizes, quotas, strict=True)
    ]
    chosen = _find(parts(), classes, ranks)
    drawn = np.repeat(classes, quotas).astype(np.int64)
    weights = np.repeat(sizes / np.maximum(quotas, 1) if balance else np.ones(sizes.size), quotas)
    order = np.argsort(chosen)
    return chosen[order], drawn[order], weights[order] / (weights.mean() if weights.size else 1)


def _find(parts: Iterable[Part], classes: list[int], ranks: list[IntArray]) -> IntArray:
    """Return the positions of the pixels of each class that have some ranks among those of their class."""
    seen = [0] * len(classes)
    found: list[list[IntArray]] = [[] for _ in classes]
    start = 0
    for labels, known in parts:
        for i, label in enumerate(classes):
            members = np.flatnonzero((labels == label) & known)
            first, last = np.searchsorted(ranks[i], [seen[i], seen[i] + members.size])
            found[i].append(start + members[ranks[i][first:last] - seen[i]])
            seen[i] += members.size
        start += labels.size
    flat = [positions for one in found for positions in one]
    return np.concatenate(flat) if flat else np.zeros(0, np.intp)


def _quotas(sizes: IntArray, n_pixels: int) -> IntArray:
    """Share pixels among classes, alike but for those that have fewer."""
    quotas = np.zeros(sizes.size, int)
    left = n_pixels
    ascending = np.argsort(sizes, kind="stable")
    for rank, i in enumerate(ascending):
        quotas[i] = max(min(sizes[i], left // (sizes.size - rank)), 1)
        left -= quotas[i]
    return quotas
