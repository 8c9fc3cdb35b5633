"""Connected regions of masks, numbered."""

from functools import partial

import numpy as np

from skmask._checks import check_connectivity
from skmask._images.containers import read_images
from skmask._images.images import warn_of_rows
from skmask._images.masks import to_mask
from skmask._kernels.regions.objects import paint_labels, regions_of
from skmask._kernels.regions.rules import blocks_of_images


def label_regions(masks, *, connectivity=1):
    """Label the connected regions of masks with numbers.

    Parameters
    ----------
    masks : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), or list of \
            array-like
        Masks: booleans, or numbers of two values one of which is 0.
    connectivity : int, default=1
        1 connects pixels that share a face (4 neighbors in the plane), 2 also those that share an edge (8
        neighbors in the plane). The largest value is the number of axes of an image.

    Returns
    -------
    labels : ndarray of int32 or list of ndarray of int32
        Label images of the shape of the masks, in the container of `masks`: 0 is background, and the regions
        of each mask are numbered from 1 on in the order of their first pixels.

    See Also
    --------
    region_table : Measures the regions.
    RegionSplitter : Cuts regions of touching objects apart first.

    Notes
    -----
    The numbers are those of :func:`scipy.ndimage.label` on each mask.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import label_regions
    >>> masks = np.array([[[1, 1, 0, 1], [0, 0, 0, 1]], [[0, 0, 0, 1], [1, 0, 0, 0]]])
    >>> label_regions(masks)
    array([[[1, 1, 0, 2],
            [0, 0, 0, 2]],
    <BLANKLINE>
           [[0, 0, 0, 1],
            [2, 0, 0, 0]]], dtype=int32)
    """
    images = read_images(masks, caller="label_regions", name="masks")
    if images.is_rows:
        warn_of_rows(masks, images.shapes[0][1], caller="label_regions", folds=False, name="masks")
    for shape in images.shapes:
        check_connectivity(connectivity, len(shape) - 1, caller="label_regions")
    return images.map(partial(_label, connectivity=connectivity))


def _label(masks, connectivity):
    masks = to_mask(masks, caller="label_regions", name="masks")
    labels = np.zeros(masks.shape, dtype=np.int32)
    for block in blocks_of_images(masks.shape):
        paint_labels(regions_of(masks[block], connectivity), labels[block])
    return labels
