"""A table with one row for each object in masks or label images."""

from numbers import Integral

import numpy as np

from skmask._checks import check_connectivity, check_spacing, check_statistics
from skmask._images.axes import without_axis
from skmask._images.containers import read_images
from skmask._images.images import warn_of_rows
from skmask._images.kinds import brief
from skmask._images.readers import read
from skmask._kernels.pixels.binary import is_two_valued
from skmask._kernels.regions.objects import labels_of, regions_of
from skmask._kernels.regions.rules import blocks_of_images
from skmask._kernels.regions.statistics import STATISTICS, measure_objects, statistic_columns


def region_table(
    masks,
    images=None,
    *,
    properties=("area", "centroid", "bounding_box"),
    labels=None,
    connectivity=1,
    spacing=None,
    channel_axis=None,
    as_frame=False,
):
    """Measure the objects of masks or label images, as a table with one row for each object.

    Parameters
    ----------
    masks : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), or list of \
            array-like
        Masks, whose connected regions are the objects: booleans, or numbers of two values one of which is 0.
        Or label images, whose labels are: integers from 0 on, of which 0 is background.
    images : array-like or list of array-like of the masks' shape, default=None
        Images under the masks, for properties of the intensity.
    properties : sequence of str or "all", default=("area", "centroid", "bounding_box")
        Properties to measure, in the order of the columns: the statistics of `RegionStatistics`, with
        those of the intensity where there are images. "all" takes all that the images have.
    labels : sequence of int, default=None
        Labels of label images to list, each for every image and NaN where it is absent, such as the regions
        of an atlas. None lists those that are there.
    connectivity : int or None, default=1
        Connectivity of the regions of masks; 1 connects pixels that share a face (4 neighbors in the
        plane), 2 also those that share an edge (8 neighbors in the plane). The largest value is the
        number of axes of an image. None takes integers as label images even if they have a single label.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all. It is the unit of areas,
        lengths and positions. None is 1.
    channel_axis : int, default=None
        Axis of `images` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. The intensity of each channel is measured apart. It is never guessed.
    as_frame : bool, default=False
        Whether to return a DataFrame of pandas.

    Returns
    -------
    table : dict of str to ndarray, or pandas.DataFrame
        Columns ``image``, the number of the image from 0 on, ``label``, that of the object in its image, and
        one or more for each property, named as by `RegionStatistics`.

    See Also
    --------
    label_regions : Makes the label images that the numbers belong to.
    RegionStatistics : Measures whole masks, as features for a classifier.
    RegionFilter : Keeps regions by the same properties.

    Notes
    -----
    Properties equal those of :func:`skimage.measure.regionprops_table`. The ``perimeter`` is
    ``perimeter_crofton`` there and ``mean`` is ``intensity_mean``; ``euler_number`` is that of
    pixels connected by their faces. All objects of a block of images are measured at once, by runs of pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import region_table
    >>> masks = np.array([[[1, 1, 0, 1], [0, 0, 0, 1]], [[0, 0, 0, 1], [1, 0, 0, 1]]])
    >>> region_table(masks, 10 * masks, properties=("area", "mean"), as_frame=True)
       image  label  area  mean
    0      0      1   2.0  10.0
    1      0      2   2.0  10.0
    2      1      1   2.0  10.0
    3      1      2   1.0  10.0

    Label images, with stable rows:

    >>> label_images = np.array([[[1, 1, 7]], [[0, 7, 7]]])
    >>> region_table(label_images, properties=("area",), labels=[1, 7])["area"]
    array([2., 1., 0., 2.])
    """
    if not isinstance(as_frame, bool | np.bool):
        msg = (
            f"region_table expects as_frame to be True or False, got {brief(as_frame)}. Use True for a "
            "DataFrame of pandas."
        )
        raise TypeError(msg)
    pairs = _Pairs(masks, images, channel_axis)
    n_axes = pairs.n_axes
    if connectivity is not None:
        check_connectivity(connectivity, n_axes, caller="region_table")
    steps = check_spacing(spacing, n_axes, caller="region_table")
    names = _read_properties(properties, n_axes, has_images=images is not None)
    wanted = _read_labels(labels)
    is_labels = _are_labels(pairs, connectivity, wanted)
    parts = []
    for numbers, block, channels in pairs:
        if is_labels:
            objects = labels_of(block, steps, labels=wanted)
        else:
            objects = regions_of(block != 0, connectivity, steps)
        measured = measure_objects(objects, names, channels)
        parts.append((numbers[objects.images], objects.labels, measured))
    numbers, labels, measured = map(np.concatenate, zip(*parts, strict=True))
    order = np.argsort(numbers, kind="stable")
    columns = statistic_columns(names, n_axes, n_channels=pairs.n_channels)
    table = {"image": numbers[order], "label": labels[order]}
    table |= dict(zip(columns, measured[order].T.copy(), strict=True))
    return _as_frame(table) if as_frame else table


class _Pairs:
    """Masks or label images with the images under them, read block by block.

    Parameters
    ----------
    masks : array-like or list of array-like
    images : array-like or list of array-like, or None
    channel_axis : int or None
    """

    def __init__(self, masks, images, channel_axis):
        caller = "region_table"
        self._has_images = images is not None
        self._axis = channel_axis if self._has_images else None
        X, name = (images, "images") if self._has_images else (masks, "masks")
        self._read = read_images(X, caller=caller, name=name)
        shapes = self._read.shapes
        self.n_channels = None
        if self._axis is not None:
            bare = [without_axis(shape, self._axis, caller) for shape in shapes]
            self.n_channels, shapes = shapes[0][self._axis], bare
        if self._read.is_rows:
            warn_of_rows(X, shapes[0][1], caller=caller, folds=False, name=name)
        self.n_axes = len(shapes[0]) - 1
        if any(len(shape) - 1 != self.n_axes for shape in shapes):
            msg = (
                f"{caller} expects masks of as many axes, got several numbers. Make a table for each number "
                "of axes."
            )
            raise ValueError(msg)
        self._masks = self._read.blocks
        if self._has_images:
            self._masks = self._read.align_masks(
                masks, caller=caller, name="masks", channel_axis=self._axis, read=_as_they_are
            )

    def __iter__(self):
        """Yield the numbers of images, their masks, and the stack of each of their channels."""
        for i, block in enumerate(self.masks()):
            numbers = self._numbers(i)
            pixels = read(self._read.blocks[i]) if self._has_images else None
            for part in blocks_of_images(block.shape):
                yield numbers[part], block[part], self._channels(pixels, part)

    def masks(self):
        """Yield the masks, block by block."""
        for i in range(len(self._masks)):
            yield read(self._masks[i])

    def _channels(self, pixels, part):
        if pixels is None:
            return []
        return (
            [pixels[part]] if self._axis is None else list(np.moveaxis(pixels[part], self._axis, 0))
        )

    def _numbers(self, i):
        """Return the numbers of the images in a block."""
        if self._read.positions is not None:
            return np.array(self._read.positions[i])
        start = sum(shape[0] for shape in self._read.shapes[:i])
        return np.arange(start, start + self._read.shapes[i][0])


def _as_they_are(masks, **names):
    return masks


def _read_properties(properties, n_axes, *, has_images):
    """Return the names of the properties to measure, or refuse them."""
    if isinstance(properties, str) and properties == "all":
        return [
            name
            for name, statistic in STATISTICS.items()
            if statistic.n_axes in (None, n_axes) and (has_images or not statistic.per_channel)
        ]
    check_statistics(properties, n_axes, caller="region_table", param="properties")
    needs = [name for name in properties if STATISTICS[name].per_channel]
    if needs and not has_images:
        msg = (
            f"region_table expects images to measure {needs[0]!r}, got masks only. Pass the images as the "
            "second argument."
        )
        raise ValueError(msg)
    return properties


def _read_labels(labels):
    if labels is None:
        return None
    wanted = list(labels) if np.iterable(labels) else []
    if not wanted or not all(isinstance(label, Integral) and label > 0 for label in wanted):
        msg = (
            f"region_table expects labels to be positive integers, got {brief(labels)}. Use those of the "
            "label images; 0 is background."
        )
        raise ValueError(msg)
    return wanted


def _are_labels(pairs, connectivity, labels):
    """Tell whether masks are label images; masks are booleans or numbers of two values."""
    asks_labels = labels is not None or connectivity is None
    kinds, others, lowest = set(), set(), 0
    for block in pairs.masks():
        kinds.add(block.dtype.kind)
        highest, lowest = block.max(), min(lowest, block.min())
        others.add(highest if is_two_valued(block) else None)
    # Zero and one other number, the same in all images.
    if len(others - {0}) <= 1 and None not in others and not asks_labels:
        return False
    if "b" in kinds:
        msg = (
            "region_table expects label images of integers with labels or connectivity=None, got booleans. "
            "Leave these out for the connected regions of masks."
        )
        raise ValueError(msg)
    if "f" in kinds:
        msg = (
            "region_table expects label images of integers, got floats. Use masks.astype(int) if all of "
            "them are whole numbers."
        )
        raise TypeError(msg)
    if lowest < 0:
        msg = (
            f"region_table expects labels from 0 on, got {lowest}. Use 0 for background, and positive "
            "integers for objects."
        )
        raise ValueError(msg)
    return True


def _as_frame(table):
    try:
        import pandas as pd
    except ImportError as error:
        msg = (
            "region_table expects pandas to be installed for as_frame=True. Run python -m pip install "
            "pandas, or use the dict of arrays."
        )
        raise ImportError(msg) from error
    return pd.DataFrame(table)
