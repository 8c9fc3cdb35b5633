"""Exact, mergeable counts of pixel values.

Every pixel value has an integer *key* that sorts as the value does: an integer is its own key, a
float has its bits read as sign and magnitude. Keys are grouped by powers of two, ``key >> shift``,
with the smallest shift that leaves at most `BIN_LIMIT` occupied bins. So few distinct values are
counted exactly, one bin a value, and many are counted in bins of equal width (integers) or of equal
relative width (floats), whatever their range: an outlier costs one bin. Bins of different shifts
nest, and the shift depends on nothing but the set of values; hence the counts of parts merge into
the counts of the whole, exactly, in any order.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from skmask._kernels.arrays import Array, Int64Array, IntArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.thresholds.cuts import middle

Kind = Literal["integer", "uint64", "float"]
Number = int | float
Bins = tuple[int, Int64Array, Array]

BIN_LIMIT = 65_536

# So many keys in so narrow a range are merged faster in a table of it than by sorting.
_MANY, _WIDE = 2**14, 2**20

KEY_MAX = np.int64(2**63 - 1)
KEY_MIN = np.int64(-(2**63))

_FLOAT, _CODE = struct.Struct("=d"), struct.Struct("=q")

NO_BINS: Bins = (0, np.empty(0, np.int64), np.empty(0, np.int64))


@dataclass(slots=True, eq=False)
class Histogram:
    """Counts of the finite pixel values of images, never changed after they are made.

    Attributes
    ----------
    kind : {"integer", "uint64", "float"}
        Type of the pixel values behind the keys. Booleans and all integers except uint64 are of one kind, all
        floats of another.
    shift : int
        A bin holds the values of ``2**shift`` neighboring keys; 0 means one bin a value.
    keys : ndarray of shape (n_bins,), int64
        Shifted keys of the occupied bins, ascending.
    counts : ndarray of shape (n_bins,), int64 or float64
        Weighted number of pixels in each bin; float64 when a weight is not an integer.
    n_nan, n_neg_inf, n_pos_inf : int or float
        Weighted number of pixels that are NaN, minus infinity, infinity. They are in no bin.
    n_images : int or float
        Sum of the weights of the images.
    unit : int
        Number that one pixel adds to the counts or, balanced by image, one image.
    """

    kind: Kind
    shift: int
    keys: Int64Array
    counts: Array
    n_nan: Number = 0
    n_neg_inf: Number = 0
    n_pos_inf: Number = 0
    n_images: Number = 1
    unit: int = 1

    @property
    def lowest(self) -> Array:
        """Lowest value that each bin can hold; the value itself at shift 0."""
        return lowest_values(self.kind, self.shift, self.keys)

    @property
    def highest(self) -> Array:
        """Highest value that each bin can hold; the value itself at shift 0."""
        return highest_values(self.kind, self.shift, self.keys)

    @property
    def middle(self) -> Array:
        """Middle of each bin, rounded down for integers; the value itself at shift 0."""
        lowest = self.lowest
        if self.shift == 0:
            return lowest
        width = self.highest - lowest
        return lowest + (width / 2 if self.kind == "float" else width // 2)

    def limits(self, first: int, last: int) -> tuple[Number, Number]:
        """Return the lowest value that a bin can hold, and the highest that another can."""
        return self._lowest_of(first), self._highest_of(last)

    def _lowest_of(self, i: int) -> Number:
        return key_value(self.kind, int(self.keys[i]) << self.shift)

    def _highest_of(self, i: int) -> Number:
        key = (int(self.keys[i]) + 1 << self.shift) - 1
        # See `highest_values`.
        is_zero = key == -1 and self.shift > 0 and self.kind == "float"
        return key_value(self.kind, key - is_zero)

    @property
    def n_pixels(self) -> Number:
        """Weighted number of finite pixels, or, balanced by image, of images."""
        total: Number = self.counts.sum().item()
        return total if self.unit == 1 else total / self.unit

    def merge(self, *others: "Histogram") -> "Histogram":
        """Return the histogram of all the images, as if they had been counted together.

        The others are of the same `kind` and `unit`.
        """
        if not others:
            return self
        parts = (self, *others)
        shift, keys, counts = merge_bins([(part.shift, part.keys, part.counts) for part in parts])
        return Histogram(
            self.kind,
            shift,
            keys,
            counts,
            n_nan=sum(part.n_nan for part in parts),
            n_neg_inf=sum(part.n_neg_inf for part in parts),
            n_pos_inf=sum(part.n_pos_inf for part in parts),
            n_images=sum(part.n_images for part in parts),
            unit=self.unit,
        )

    def of_images(self, n_images: Number) -> "Histogram":
        """Return the histogram with another number of images."""
        if n_images == self.n_images:
            return self
        outside = self.n_nan, self.n_neg_inf, self.n_pos_inf
        # Not by `replace`, which takes as long as to count a small image.
        return Histogram(
            self.kind, self.shift, self.keys, self.counts, *outside, n_images, self.unit
        )

    def scaled(self, factor: Number) -> "Histogram":
        """Return the histogram with each pixel counted `factor` times as often."""
        return replace(
            self,
            counts=self.counts * factor,
            n_nan=self.n_nan * factor,
            n_neg_inf=self.n_neg_inf * factor,
            n_pos_inf=self.n_pos_inf * factor,
        )

    def interval(self, threshold: Number) -> tuple[Number, Number]:
        """Return (low, high): all thresholds in [low, high) split the bins as `threshold` does.

        `low` is the last value of the background and `high` the first of the foreground, -inf and
        inf where there is none.
        """
        n_below = self.n_up_to(threshold)
        low = self._highest_of(n_below - 1) if n_below > 0 else -math.inf
        high = self._lowest_of(n_below) if n_below < self.keys.size else math.inf
        return low, high

    def n_up_to(self, number: Number) -> int:
        """Return the number of bins that hold the number or lower values only."""
        if math.isinf(number):
            return self.keys.size if number > 0 else 0
        key = number_key(self.kind, number)
        if key < -(2**63):
            return 0
        return int(self.keys.searchsorted(min(key, 2**63 - 1) >> self.shift, side="right"))


def integers_of(codes: IntArray, counts: Int64Array, dtype: np.dtype[Any]) -> Histogram:
    """Return the histogram of integers of 8 or 16 bits, whose codes are their bits."""
    if dtype.kind != "i":
        return Histogram("integer", 0, codes.astype(np.int64, copy=False), counts)
    # The codes of negative numbers come after those of others.
    keys = codes.astype(f"u{dtype.itemsize}").view(dtype).astype(np.int64)
    n_positive = int(np.searchsorted(codes, 2 ** (8 * dtype.itemsize - 1)))
    return Histogram("integer", 0, np.roll(keys, -n_positive), np.roll(counts, -n_positive))


def threshold_within(kind: Kind, low: Number, high: Number) -> Number:
    """Return the middle of [low, high), an integer (rounded down) between integers.

    If the interval is open on one side, the threshold next to its finite end is returned. It splits the
    training images as all others do, and decides on the fewest unseen values.
    """
    if high == math.inf:
        return low
    if low == -math.inf:
        return math.nextafter(high, -math.inf) if kind == "float" else int(high) - 1
    return middle(low, high) if kind == "float" else (int(low) + int(high)) // 2


def swap_sign(codes: Int64Array) -> Int64Array:
    """Turn sign-and-magnitude bits into keys that sort as numbers do, and such keys back.

    The bits of a float are sign and magnitude. The result for -0.0 is -1: add 0.0 beforehand.
    """
    # In place: new memory costs as much as the work.
    swapped: Int64Array = codes >> 63
    swapped &= KEY_MAX
    swapped ^= codes
    return swapped


def key_values(kind: Kind, keys: Int64Array) -> Array:
    """Return the pixel values of keys: int64, uint64 or float64."""
    if kind == "float":
        return swap_sign(keys).view(np.float64)
    return (keys ^ KEY_MIN).view(np.uint64) if kind == "uint64" else keys


def key_value(kind: Kind, key: int) -> Number:
    """Return the pixel value of a key, as a number of Python."""
    if kind != "float":
        return key + 2**63 if kind == "uint64" else key
    value: float = _FLOAT.unpack(_CODE.pack(key if key >= 0 else key ^ int(KEY_MAX)))[0]
    return value


def number_key(kind: Kind, number: Number) -> int:
    """Return the key of a finite number, rounded down to a pixel value; beyond 64 bits if it is."""
    if kind != "float":
        return math.floor(number) - (2**63 if kind == "uint64" else 0)
    code: int = _CODE.unpack(_FLOAT.pack(number + 0.0))[0]
    return code if code >= 0 else code ^ int(KEY_MAX)


def lowest_values(kind: Kind, shift: int, keys: Int64Array) -> Array:
    """Return the lowest value of each bin."""
    return key_values(kind, keys << shift if shift else keys)


def highest_values(kind: Kind, shift: int, keys: Int64Array) -> Array:
    """Return the highest value of each bin."""
    if shift == 0:
        return key_values(kind, keys)
    last = (keys << shift) | np.int64((1 << shift) - 1)
    # Key -1 of a float stands for -0.0, which is counted as 0.0: that bin ends one key before.
    return key_values(kind, np.where(last == -1, -2, last) if kind == "float" else last)


def merge_bins(parts: Sequence[Bins]) -> Bins:
    """Merge bins, given as (shift, keys, counts), adding the counts of equal ones.

    Parameters
    ----------
    parts : sequence of (int, ndarray of shape (n,), ndarray of shape (n, ...))
        Shifted keys, ascending, not more than `BIN_LIMIT`, each with its counts.

    Returns
    -------
    shift, keys, counts
        At the smallest shift, not less than any given, that leaves at most `BIN_LIMIT` bins.
    """
    shift = max(part[0] for part in parts)
    occupied = [part for part in parts if part[1].size] or parts[:1]
    if len(occupied) == 1:
        return occupied[0]
    keys = [part_keys >> (shift - own) for own, part_keys, _ in occupied]
    counts = [part_counts for _, _, part_counts in occupied]
    merged = _merge_in_table(keys, counts)
    if merged is None:
        all_keys = np.concatenate(keys)
        order = np.argsort(all_keys, kind="stable")
        merged = group_keys(all_keys[order], np.concatenate(counts)[order])
    coarser, merged_keys, merged_counts = merged
    return shift + coarser, merged_keys, merged_counts


def _merge_in_table(keys: list[Int64Array], counts: list[Array]) -> Bins | None:
    """Merge many integer counts in a table of the range of their keys; None for others."""
    low = min(part[0].item() for part in keys)
    span = max(part[-1].item() for part in keys) - low + 1
    is_exact = all(part.ndim == 1 and part.dtype.kind == "i" for part in counts)
    if not is_exact or span > _WIDE or sum(part.size for part in keys) < _MANY:
        return None
    table, is_occupied = np.zeros(span, np.int64), np.zeros(span, np.bool_)
    for part_keys, part_counts in zip(keys, counts, strict=True):
        places = part_keys - low
        np.add.at(table, places, part_counts)
        is_occupied[places] = True
    places = np.flatnonzero(is_occupied)
    merged = 0, places + low, table.take(places)
    return merged if places.size <= BIN_LIMIT else group_keys(*merged[1:])


def group_keys(keys: Int64Array, counts: Array) -> Bins:
    """Add up the counts of ascending keys that fall into one bin."""
    shift, starts = _bin_starts(keys)
    merged = np.add.reduceat(counts, starts) if starts.size else counts
    return shift, keys[starts] >> shift, merged


@has_twin("histograms.codes")
def count_keys(keys: Int64Array) -> Bins:
    """Count ascending keys that may repeat."""
    shift, starts = _bin_starts(keys)
    return shift, keys[starts] >> shift, np.diff(np.append(starts, keys.size))


@has_twin("histograms.codes")
def _bin_starts(keys: Int64Array) -> tuple[int, IntArray]:
    """Return by how much to shift ascending keys for `BIN_LIMIT` bins, and where bins start."""
    if keys.size == 0:
        return 0, np.empty(0, np.intp)
    differences = (keys[1:] ^ keys[:-1]).view(np.uint64)
    starts = np.flatnonzero(differences > 0)
    shift = 0
    if starts.size >= BIN_LIMIT:
        # Two keys fall into one bin when all the bits in which they differ are shifted out.
        shift = int(np.partition(differences, -BIN_LIMIT)[-BIN_LIMIT]).bit_length()
        starts = np.flatnonzero(differences >> np.uint64(shift) > 0)
    return shift, np.concatenate([[0], starts + 1])
