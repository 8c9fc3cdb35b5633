"""Find the pixels near the end of a field of view."""

from scipy.ndimage import maximum_filter

from skmask._kernels.arrays import BoolArray


def near_outside(field: BoolArray, *, margin: int) -> BoolArray:
    """Mark the pixels that are within `margin` pixels of what is outside of a field of view.

    Pixels next to the outside are within 0 of it, at corners too; beyond the image everything is outside.
    """
    windows = [2 * margin + 3 if size > 1 else 1 for size in field.shape]
    near: BoolArray = maximum_filter(~field, size=windows, mode="constant", cval=True)
    return near
