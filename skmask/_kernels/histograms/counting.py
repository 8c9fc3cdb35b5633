"""Counting of the pixel values of stacks of images, in one pass over chunks that stay in the cache.

Pixels of up to 16 bits, and integers within a range of 16 bits, are counted in a table. Others are sorted
where they are few or have few values, and become 64-bit codes (`CodeCounter`) where they are many and differ.
"""

import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, Int64Array, IntArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.histograms.array_counting import count_array, n_finite
from skmask._kernels.histograms.code_counter import CodeCounter
from skmask._kernels.histograms.histogram import (
    KEY_MAX,
    KEY_MIN,
    NO_BINS,
    Bins,
    Histogram,
    Kind,
    Number,
    integers_of,
    merge_bins,
    swap_sign,
)

Balance = Literal["pixel", "image"]

IMAGE_UNIT = 2**36

_TABLE_CHUNK = 2**20
_CODE_CHUNK = 2**16

# So few pixels are sorted in less time than a table of 16 bits or their codes take; they fit in a histogram.
_FEW = 2**16

# Pixels of a chunk that are looked at to decide whether they have few values.
_SAMPLE = 2**12

# Parts that are merged at a time: few are held, and merging costs little.
_FAN_IN = 16

_PIECEWISE: Any = ["external_loop", "buffered", "zerosize_ok"]


def count(
    images: Array,
    *,
    weights: Array | None = None,
    roi: BoolArray | None = None,
    balance: Balance = "pixel",
) -> Histogram:
    """Count the pixel values of a stack of images.

    Parameters
    ----------
    images : ndarray of shape (n_images, ...)
        Booleans, integers or floats; floats of more than 64 bits are rounded. An array of another library is
        counted where it is, and takes a region of interest that is there too.
    weights : ndarray of shape (n_images,), optional
        Finite, not negative. An integer weight counts as that many copies of the image, 0 as none.
    roi : ndarray of bool, of the shape of the stack or of one image, optional
        Pixels where it is False are not counted.
    balance : {"pixel", "image"}
        Whether all pixels have the same weight, or all images, whatever their numbers of finite pixels. An
        image of weight 1 then adds `IMAGE_UNIT` to the counts, apart from rounding.

    Returns
    -------
    histogram : Histogram

    Examples
    --------
    >>> images = np.array([[[1, 2], [2, 9]], [[2, 2], [9, 9]]])
    >>> histogram = count(images, weights=np.array([1, 3]))
    >>> histogram.lowest, histogram.counts
    (array([1, 2, 9]), array([1, 8, 7]))
    """
    if weights is None and balance == "pixel":
        return count_rows(images, slice(None), roi=roi).of_images(images.shape[0])
    weighing = weigh(images, weights=weights, roi=roi, balance=balance)
    parts = [count_rows(images, rows, roi=roi).scaled(factor) for factor, rows in weighing.groups]
    merged = parts[0].merge(*parts[1:])
    return replace(merged, n_images=weighing.n_images, unit=weighing.unit)


class Weighing(NamedTuple):
    """How often each pixel counts.

    Attributes
    ----------
    groups : list of (int or float, slice or ndarray of int)
        Factors of the counts with the images that they are for. A factor of 0 is in a group of its own.
    n_images : int or float
        Sum of the weights.
    unit : int
        See `Histogram`.
    """

    groups: list[tuple[Number, IntArray | slice]]
    n_images: Number
    unit: int


def weigh(
    images: Array,
    *,
    weights: Array | None,
    roi: BoolArray | None,
    balance: Balance,
) -> Weighing:
    """Return how often the pixels of each image count, with the images grouped by that."""
    by_image = balance == "image"
    unit = IMAGE_UNIT if by_image else 1
    if weights is None and not by_image:
        return Weighing([(1, slice(None))], images.shape[0], unit)
    factors = exact_weights(weights, images.shape, unit)
    n_images = factors.sum().item()
    if by_image:
        shares = np.rint(unit / np.maximum(finite_by_image(images, roi), 1))
        factors = factors * shares.astype(np.int64)
    if not factors.any():
        return Weighing([(0, slice(0))], n_images, unit)
    if np.ptp(factors) == 0:
        return Weighing([(factors[0].item(), slice(None))], n_images, unit)
    distinct, group_of, sizes = np.unique(factors, return_inverse=True, return_counts=True)
    by_group = np.split(np.argsort(group_of, kind="stable"), np.cumsum(sizes)[:-1])
    groups: list[tuple[Number, IntArray | slice]] = [
        (factor, rows) for factor, rows in zip(distinct.tolist(), by_group, strict=True) if factor
    ]
    return Weighing(groups, n_images, unit)


def exact_weights(weights: Array | None, shape: tuple[int, ...], unit: int) -> Array:
    """Return one weight for each image, as integers where that is exact and no sum can overflow."""
    if weights is None:
        return np.ones(shape[0], np.int64)
    given = np.asarray(weights, np.float64)
    most = given.sum() * max(unit, math.prod(shape[1:]))
    return given.astype(np.int64) if most < 2**62 and np.all(given == np.rint(given)) else given


def finite_by_image(images: Array, roi: BoolArray | None) -> IntArray:
    """Count the finite pixels of each image in its region of interest."""
    if not isinstance(images, np.ndarray):
        return n_finite(images, roi)
    size = math.prod(images.shape[1:])
    counts = np.full(len(images), size, np.intp)
    if roi is None and images.dtype.kind != "f":
        return counts
    step = max(1, _CODE_CHUNK // max(1, size))
    for first in range(0, len(images), step):
        some = slice(first, first + step)
        counted: BoolArray = np.isfinite(images[some])
        if roi is not None:
            counted &= roi[some] if roi.ndim == images.ndim else roi
        counts[some] = np.count_nonzero(counted, axis=tuple(range(1, images.ndim)))
    return counts


def count_rows(images: Array, rows: IntArray | slice, *, roi: BoolArray | None = None) -> Histogram:
    """Count the pixels of some images of a stack, each once."""
    if not isinstance(images, np.ndarray):
        return count_array(images, rows, roi=roi)
    if images.dtype.itemsize == 1 and roi is None and isinstance(rows, slice):
        return _count_bytes(images[rows])
    if images.dtype.itemsize > 8:
        images = images.astype(np.float64)  # longer floats differ beyond any bin
    dtype = images.dtype.newbyteorder("=")
    if dtype.itemsize == 1:
        return _count_in_table(_chunks(images, rows, roi, _TABLE_CHUNK), dtype)
    n_pixels = images[rows].size if isinstance(rows, slice) else rows.size * images[0].size
    if dtype.itemsize == 2 and n_pixels > _FEW:
        return _count_in_table(_chunks(images, rows, roi, _TABLE_CHUNK), dtype)
    if dtype.kind == "f" and roi is None and isinstance(rows, slice):
        return _count_floats(images[rows])
    if n_pixels <= _FEW:
        return _count_few(_chunks(images, rows, roi, n_pixels), dtype)
    chunks = _chunks(images, rows, roi, _CODE_CHUNK)
    if dtype.kind == "f" or not isinstance(rows, slice):
        return _count_many(chunks, dtype)
    lowest, highest = images[rows].min(), images[rows].max()
    is_narrow = int(highest) - int(lowest) < 2**16
    return _count_narrow(chunks, lowest) if is_narrow else _count_many(chunks, dtype)


@has_twin("histograms.counting")
def _count_bytes(images: Array) -> Histogram:
    """Count all pixels of images of 8 bits."""
    return _count_in_table(_chunks(images, slice(None), None, _TABLE_CHUNK), images.dtype)


@has_twin("histograms.floats")
def _count_floats(pixels: Array) -> Histogram:
    count_chunks = _count_few if pixels.size <= _FEW else _count_many
    chunks = _chunks(pixels, slice(None), None, _CODE_CHUNK)
    return count_chunks(chunks, pixels.dtype.newbyteorder("="))


def _count_narrow(chunks: Iterable[Array], lowest: Any) -> Histogram:
    """Count integers of any width whose values are within 16 bits from the lowest."""
    table = np.zeros(2**16, np.int64)
    for chunk in chunks:
        _add_counts((chunk - lowest).astype(np.uint16), table)
    places, counts = _occupied(table)
    values = places.astype(lowest.dtype) + lowest
    return Histogram(_kind_of(lowest.dtype), 0, _keys(values), counts)


class Outside(NamedTuple):
    """Numbers of pixels that are in no bin."""

    n_nan: int = 0
    n_neg_inf: int = 0
    n_pos_inf: int = 0


def _count_few(chunks: Iterable[Array], dtype: np.dtype[Any]) -> Histogram:
    """Count at most `_FEW` pixels of more than 8 bits, sorted."""
    parts, outside = [NO_BINS], Outside()
    for chunk in chunks:
        pixels, outside = _split_finite(chunk, outside)
        parts.append(_count_sorted(pixels))
    return Histogram(_kind_of(dtype), *merge_bins(parts), *outside)


def _count_many(chunks: Iterable[Array], dtype: np.dtype[Any]) -> Histogram:
    """Count pixels of more than 16 bits: chunks with few values sorted, others as codes."""
    counter, outside = CodeCounter(), Outside()
    parts = [NO_BINS]
    for chunk in chunks:
        pixels, outside = _split_finite(chunk, outside)
        if not _has_few_values(pixels):
            counter.add(_codes(pixels))
            continue
        parts.append(_count_sorted(pixels))
        if len(parts) == _FAN_IN:
            parts = [merge_bins(parts)]
    return Histogram(_kind_of(dtype), *merge_bins([*parts, counter.bins()]), *outside)


def _has_few_values(pixels: Array) -> bool:
    """Tell whether values occur several times, from a sample."""
    sample = np.sort(pixels[:: max(1, pixels.size // _SAMPLE)])
    return 4 * int(np.count_nonzero(sample[1:] != sample[:-1])) < sample.size


def _count_sorted(pixels: Array) -> Bins:
    values, counts = _distinct(pixels)
    return 0, _keys(values), counts


@has_twin("histograms.counting")
def _distinct(pixels: Array) -> tuple[Array, Int64Array]:
    """Return the different values of pixels, ascending, with their numbers."""
    # Few processors sort floats of 16 bits.
    pixels = np.sort(pixels.astype(np.float32) if pixels.dtype == np.float16 else pixels)
    is_first = np.ones(pixels.size, np.bool_)
    np.not_equal(pixels[1:], pixels[:-1], out=is_first[1:])
    starts = np.flatnonzero(is_first)
    return pixels.take(starts), np.diff(starts, append=pixels.size)


def _count_in_table(chunks: Iterable[Array], dtype: np.dtype[Any]) -> Histogram:
    """Count pixels of 8 or 16 bits."""
    unsigned = dtype if dtype.kind == "u" else np.dtype(f"u{dtype.itemsize}")
    table = np.zeros(2 ** (8 * dtype.itemsize), np.int64)
    for chunk in chunks:
        _add_counts(chunk.view(unsigned), table)
    if dtype.kind == "f":
        negative_zero = np.array(-0.0, dtype).view(unsigned)
        table[0] += table[negative_zero]
        table[negative_zero] = 0
    codes, counts = _occupied(table)
    if dtype.kind != "f":
        return integers_of(codes, counts, dtype)
    values = codes.astype(unsigned).view(dtype)
    finite = values[np.isfinite(values)]
    keys = swap_sign(_float_codes(finite))
    order = np.argsort(keys, kind="stable")
    return Histogram(
        "float",
        0,
        keys[order],
        counts[np.isfinite(values)][order],
        n_nan=int(counts[np.isnan(values)].sum()),
        n_neg_inf=int(counts[np.isneginf(values)].sum()),
        n_pos_inf=int(counts[np.isposinf(values)].sum()),
    )


@has_twin("histograms.counting")
def _occupied(table: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return where a table is not zero, and its numbers there."""
    places = np.flatnonzero(table)
    return places, table.take(places)


@has_twin("histograms.counting")
def _add_counts(pixels: Array, table: Int64Array) -> None:
    """Add the number of pixels of each value of 8 or 16 bits to a table of all values.

    The pixels are fewer than 2**32.
    """
    n_paired = pixels.size // 2 * 2
    if pixels.itemsize == 2 or n_paired < 2**17:
        counts = np.bincount(pixels)
        table[: counts.size] += counts
        return
    # Two pixels read as one number of 16 bits take one step instead of two.
    pairs = np.bincount(pixels[:n_paired].view(np.uint16), minlength=2**16).reshape(256, 256)
    table += pairs.sum(axis=0)
    table += pairs.sum(axis=1)
    table[pixels[n_paired:]] += 1


def _split_finite(pixels: Array, outside: Outside) -> tuple[Array, Outside]:
    """Return the finite pixels, and add the numbers of the others to those outside."""
    if pixels.dtype.kind != "f" or (finite := np.isfinite(pixels)).all():
        return pixels, outside
    others = pixels[~finite]
    n_nan = int(np.count_nonzero(np.isnan(others)))
    n_negative = int(np.count_nonzero(others == -np.inf))
    n_positive = others.size - n_nan - n_negative
    new = Outside(n_nan, n_negative, n_positive)
    return pixels[finite], Outside(*map(operator.add, outside, new))


def _kind_of(dtype: np.dtype[Any]) -> Kind:
    return "float" if dtype.kind == "f" else "uint64" if dtype == np.uint64 else "integer"


def _keys(values: Array) -> Int64Array:
    """Return the keys of ascending pixel values; see `Histogram`."""
    if values.dtype == np.uint64:
        return values.view(np.int64) ^ KEY_MIN
    if values.dtype.kind != "f":
        return values.astype(np.int64)
    keys = _float_codes(values)
    keys[: np.searchsorted(values, 0)] ^= KEY_MAX
    return keys


def _codes(values: Array) -> Int64Array:
    """Return the codes of finite pixel values; see `CodeCounter`."""
    if values.dtype.kind == "f":
        return _float_codes(values)
    keys = _keys(values)
    return swap_sign(keys) if keys.min(initial=0) < 0 else keys


def _float_codes(values: Array) -> Int64Array:
    """Return the bits of floats as float64; adding 0.0 turns -0.0 into 0.0."""
    return np.add(values, 0.0, dtype=np.float64).view(np.int64)


def _chunks(
    images: Array, rows: IntArray | slice, roi: BoolArray | None, size: int
) -> Iterable[Array]:
    """Return the pixels in contiguous one-dimensional pieces, in the order they have in memory.

    A piece is valid until the next one is asked for.
    """
    is_plain = images.flags.aligned and images.dtype.isnative
    if roi is None and is_plain and isinstance(rows, slice):
        block = images[rows]
        if block.flags.c_contiguous:
            pixels = block.reshape(-1)
            if pixels.size <= size:
                return (pixels,)
            return [pixels[i : i + size] for i in range(0, pixels.size, size)]
    return _pieces(images, rows, roi, size)


def _pieces(
    images: Array, rows: IntArray | slice, roi: BoolArray | None, size: int
) -> Iterator[Array]:
    """Yield pixels that are copied: chosen, far apart, or of another byte order."""
    for block, block_roi in _blocks(images, rows, roi, size):
        operands = [block] if block_roi is None else [block, block_roi]
        op_flags: Any = [["readonly", "contig", "aligned", "nbo"]] * len(operands)
        pieces = np.nditer(operands, _PIECEWISE, op_flags, order="K", buffersize=size)
        if block_roi is None:
            yield from pieces
        else:
            for pixels, inside in pieces:
                if inside.any():
                    yield pixels[inside]


def _blocks(
    images: Array, rows: IntArray | slice, roi: BoolArray | None, size: int
) -> Iterator[tuple[Array, BoolArray | None]]:
    """Yield the wanted images with their regions of interest; few at a time where that copies."""
    some: Sequence[IntArray | slice] = [rows]
    if not isinstance(rows, slice):
        n_images = max(1, size // max(1, images[0].size))
        some = [rows[i : i + n_images] for i in range(0, rows.size, n_images)]
    for part in some:
        if roi is None or roi.ndim < images.ndim:
            yield images[part], roi
        else:
            yield images[part], roi[part]
