"""Facts about an estimator for the reader and the base class, in one object."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skmask._images.reach import whole_images


@dataclass(slots=True)
class ImageTags:
    """How an estimator treats images; `skmask.base.ImageTransformer.__skmask_tags__` returns it.

    Attributes
    ----------
    uses_neighbors : bool
        Whether the result for a pixel depends on its neighbors. Flat rows are then folded to `image_shape`,
        and rows without it bring a warning.
    compares_values : bool
        Whether pixel values are compared with numbers. If the estimator learns, images of another scale than
        those of training then bring a warning.
    mixes_scales : bool
        Whether training images may have several scales.
    other_scale : str
        Remedy for images of another scale than those of training, as a part of a sentence.
    warns_of_colors : bool or None
        Whether colors without `channel_axis` bring a warning; None is if the estimator uses neighbors or
        compares values.
    drops_single_axes : bool
        Whether hooks see images without their axes of one pixel, which have no neighbors and no border.
    warns_of_rows : bool
        Whether rows that may be a single image bring a warning.
    stays_on_device : bool
        Whether hooks take arrays of other libraries, on a device, as they are.
    image_shape : tuple of int or None
        Shape of the image that a flat row folds into.
    channel_axis : int or None
        Axis of `X` that holds the channels.
    reach : callable
        ``reach(n_axes)`` says how far the result for a pixel looks along each axis of an image, in pixels;
        None is the whole axis.
    """

    uses_neighbors: bool = False
    compares_values: bool = False
    mixes_scales: bool = False
    other_scale: str = "fit on images of this scale"
    warns_of_colors: bool | None = None
    drops_single_axes: bool = False
    warns_of_rows: bool = False
    stays_on_device: bool = False
    image_shape: tuple[int, ...] | None = None
    channel_axis: int | None = None
    reach: Callable[[int], Any] = whole_images
