"""How far the results of estimators look, by which images cut into chunks are put together."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from skmask._images.axes import axis_of_image
from skmask._kernels.regions.rules import RegionRule


def whole_images(n_axes: int) -> list[int | None]:
    """Return the reach of what looks over the whole image."""
    return [None] * n_axes


def pixelwise(estimator: Any, n_axes: int) -> list[int | None]:
    """Return the reach of what looks at a pixel alone, in all of its channels."""
    reach: list[int | None] = [0] * n_axes
    channel_axis = getattr(estimator, "channel_axis", None)
    if channel_axis is not None:
        reach[axis_of_image(channel_axis, n_axes)] = None
    return reach


class RegionReach(NamedTuple):
    """The reach of what keeps or leaves out the regions of masks, which go as far as they go.

    Attributes
    ----------
    mark : callable
        Makes the masks, or marks of masks with seeds (`skmask._kernels.regions.chunks.mark_seeds`), of
        a block of images and of what is aligned with it.
    distances : sequence of int or None
        How far that looks along each axis, in pixels; None is the whole axis.
    rule : RegionRule
        Says which regions of the masks stay.
    """

    mark: Callable[..., Any]
    distances: Sequence[int | None]
    rule: RegionRule
