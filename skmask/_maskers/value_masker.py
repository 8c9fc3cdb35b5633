"""A masker of given values, or of bits."""

from numbers import Integral

import numpy as np

from skmask._describe import number
from skmask._images.reach import pixelwise
from skmask._kernels.pixels.values import equals_any, has_bits
from skmask.base import ANY_NUMBER, ImageMasker, StrOptions


class ValueMasker(ImageMasker):
    """Make masks of the pixels that equal one of some values, or that have some bits set.

    ``X == value`` or ``np.isin(X, values)`` as a transformer, for label images and classes of land cover; and
    ``X & flags`` for quality bands of satellites, in which every bit is a flag. It learns nothing and can
    be used without a fit.

    Parameters
    ----------
    values : float or sequence of float, default=1
        Values of the foreground.
    bits : int or sequence of int, default=None
        Bits to test in the place of `values`, bit 0 being worth 1. None tests the values.
    match : {"any", "all"}, default="any"
        Whether any or all of the `bits` have to be set.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    RangeMasker : Pixels between two values.
    region_table : Measures the labels of label images one by one.

    Notes
    -----
    Integers are compared exactly, whatever their size. Pixels of floats are compared in their own dtype, as
    NumPy does: 0.1 is found among pixels of float32. NaN is never foreground. Bits are those of integers
    and booleans, of negative integers those of the two's complement.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import ValueMasker
    >>> X = np.array([[[0, 3, 5], [3, 4, 7]]])  # one image
    >>> ValueMasker(3).transform(X).astype(int)
    array([[[0, 1, 0],
            [1, 0, 0]]])
    >>> ValueMasker([3, 7]).transform(X).astype(int)
    array([[[0, 1, 0],
            [1, 0, 1]]])
    >>> ValueMasker(bits=[0, 2], match="all").transform(X).astype(int)  # 1 and 4
    array([[[0, 0, 1],
            [0, 0, 1]]])
    """

    _parameter_constraints = {
        "values": [ANY_NUMBER, "array-like"],
        "bits": [None, Integral, "array-like"],
        "match": [StrOptions({"any", "all"})],
    }

    def __init__(self, values=1, *, bits=None, match="any"):
        self.values = values
        self.bits = bits
        self.match = match

    _reach = pixelwise

    @property
    def _stays_on_device(self):
        return self.bits is None

    def _validate_params(self):
        super()._validate_params()
        self._read_bits()
        values = np.asarray(self.values)
        if values.ndim > 1 or not values.size or values.dtype.kind not in "biuf":
            msg = (
                f"ValueMasker expects values to be a number or a sequence of numbers, got an array of shape "
                f"{values.shape} and dtype {values.dtype}. Use np.unique(...) of it."
            )
            raise ValueError(msg)

    def _transform(self, images):
        if self.bits is None:
            return equals_any(images, np.atleast_1d(self.values).tolist())
        return has_bits(images, self._bits_of(images.dtype), all_of=self.match == "all")

    def _bits_of(self, dtype):
        """Return the bits to look at, or refuse pixels that do not have them."""
        kind, n_bits = dtype.kind, 8 * dtype.itemsize
        bits = self._read_bits()
        if kind == "f" or max(bits) >= n_bits:
            had = "floats" if kind == "f" else f"{dtype}, which has bits 0 to {n_bits - 1}"
            msg = (
                f"ValueMasker expects images of integers that have bits {bits}, got {had}. Convert the "
                "images, such as by X.astype(np.uint16), or correct bits."
            )
            raise ValueError(msg)
        return bits

    def _describe(self):
        if self.bits is None:
            return f"Pixels with the values {number(np.atleast_1d(self.values))} were taken as foreground."
        bits = number(self._read_bits())
        return f"Pixels with {self.match} of the bits {bits} set were taken as foreground."

    def _read_bits(self):
        if self.bits is None:
            return None
        bits = np.atleast_1d(self.bits)
        if bits.ndim > 1 or not bits.size or bits.dtype.kind not in "iu" or bits.min() < 0:
            msg = (
                f"ValueMasker expects bits to be integers from 0 on, got {self.bits}. Use 0 for the bit "
                "worth 1, 1 for that worth 2, and so on."
            )
            raise ValueError(msg)
        return bits.tolist()
