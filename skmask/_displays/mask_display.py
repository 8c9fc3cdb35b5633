"""Pictures of masks on their images."""

import numpy as np

from skmask._displays.drawing import BLUE, GREEN, ORANGE, pyplot_for
from skmask._images.axes import without_single_axes
from skmask._images.masks import to_mask
from skmask._images.readers import members


class MaskDisplay:
    """Show masks on their images and, against true masks, what is right, too much and missing.

    It is made by `from_estimator` or `from_predictions`, which draw; `plot` draws anew.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width), or list of 2-D arrays
        The images.
    masks : ndarray of bool or list of arrays
        Masks of the images.
    true_masks : ndarray of bool or list of arrays, default=None
        The true masks, where known.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes
        One for every image.
    ax_ : matplotlib Axes
        The first of them.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    ThresholdDisplay : Shows how a threshold was chosen.

    Notes
    -----
    Without true masks the foreground is filled in blue. With them, green is foreground in both, orange is
    foreground that should not be, blue is foreground that is missing: colors that people with any color
    vision tell apart.

    Examples
    --------
    >>> from skmask import ThresholdMasker
    >>> from skmask.datasets import make_masked_images
    >>> from skmask.display import MaskDisplay
    >>> data = make_masked_images(4, random_state=0)
    >>> display = MaskDisplay.from_estimator(ThresholdMasker(120), data.images, data.masks)
    >>> len(display.axes_)
    4
    """

    def __init__(self, images, masks, *, true_masks=None):
        self.images = images
        self.masks = masks
        self.true_masks = true_masks

    @classmethod
    def from_estimator(cls, estimator, X, y=None, *, axis=None, n_columns=4, titles=None):
        """Draw the masks that an estimator makes of images.

        Parameters
        ----------
        estimator : estimator
            Makes masks; fitted, where it needs a fit.
        X : array-like of shape (n_images, height, width) or (n_images, depth, height, width), or list
            Images.
        y : array-like of bool, or list, default=None
            True masks, where known.
        axis : int, default=None
            For volumes, the axis of `X` along which the middle slice of each is shown.
        n_columns : int, default=4
            Images side by side.
        titles : sequence of str, default=None
            A title for every image.

        Returns
        -------
        display : MaskDisplay
        """
        return cls.from_predictions(
            X, estimator.transform(X), y, axis=axis, n_columns=n_columns, titles=titles
        )

    @classmethod
    def from_predictions(
        cls, images, masks, true_masks=None, *, axis=None, n_columns=4, titles=None
    ):
        """Draw given masks.

        Parameters
        ----------
        images : array-like of shape (n_images, height, width) or (n_images, depth, height, width), or list
            Images.
        masks : array-like of bool, or list
            Masks of the images.
        true_masks : array-like of bool, or list, default=None
            True masks, where known.
        axis : int, default=None
            For volumes, the axis of `images` along which the middle slice of each is shown.
        n_columns : int, default=4
            Images side by side.
        titles : sequence of str, default=None
            A title for every image.

        Returns
        -------
        display : MaskDisplay
        """
        parts = [
            None
            if part is None
            else [_slice(one, axis) for one in members(part, caller=cls.__name__, name=name)]
            for name, part in (("images", images), ("masks", masks), ("true_masks", true_masks))
        ]
        for name, part in zip(("masks", "true_masks"), parts[1:], strict=True):
            if part is not None:
                part[:] = [to_mask(one, caller=cls.__name__, name=name) for one in part]
        for part in parts[1:]:
            if part is not None and [one.shape for one in part] != [
                image.shape[:2] for image in parts[0]
            ]:
                msg = (
                    f"{cls.__name__} expects masks of the shapes of the images, got "
                    f"{[one.shape for one in part]} for {[image.shape for image in parts[0]]}. "
                    "Give a mask for every image, in the same order."
                )
                raise ValueError(msg)
        display = cls(parts[0], parts[1], true_masks=parts[2])
        return display.plot(n_columns=n_columns, titles=titles)

    def plot(self, *, n_columns=4, titles=None):
        """Draw a grid of images with their masks.

        Parameters
        ----------
        n_columns : int, default=4
            Images side by side.
        titles : sequence of str, default=None
            A title for every image.

        Returns
        -------
        display : MaskDisplay
        """
        plt = pyplot_for(type(self).__name__)
        n_columns = min(n_columns, len(self.images))
        n_rows = -(-len(self.images) // n_columns)
        self.figure_, grid = plt.subplots(
            n_rows,
            n_columns,
            figsize=(2.6 * n_columns, 2.6 * n_rows),
            squeeze=False,
            constrained_layout=True,
        )
        for ax in grid.flat:
            ax.set_axis_off()
        self.axes_ = grid.ravel()[: len(self.images)]
        truths = [None] * len(self.images) if self.true_masks is None else self.true_masks
        for ax, image, mask, truth in zip(self.axes_, self.images, self.masks, truths, strict=True):
            ax.imshow(image, cmap="gray", interpolation="nearest")
            for color, where in _regions(np.asarray(mask, bool), truth):
                _fill(ax, where, color)
        for ax, title in zip(self.axes_, titles or [], strict=False):
            ax.set_title(title, fontsize="small")
        if self.true_masks is not None:
            names = {"right": GREEN, "too much": ORANGE, "missing": BLUE}
            handles = [plt.Rectangle((0, 0), 1, 1, color=color) for color in names.values()]
            self.figure_.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
        self.ax_ = self.axes_[0]
        return self


def _slice(image, axis):
    """Give an image of two axes (and channels): of a volume, the slice in its middle."""
    if axis is not None:
        # Axis 0 of X counts the images.
        image = np.take(image, image.shape[axis - 1] // 2, axis=axis - 1)
    if image.ndim > 2:
        image = image.reshape(without_single_axes((1, *image.shape))[1:])
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[-1] in (3, 4) and axis is None):
        msg = (
            f"MaskDisplay expects images of two axes, got one of shape {image.shape}. Use X[np.newaxis] "
            "for a single image, reshape flat rows, and give the axis to cut volumes along, such as axis=1."
        )
        raise ValueError(msg)
    return image


def _regions(mask, truth):
    if truth is None:
        return [(BLUE, mask)]
    truth = np.asarray(truth, bool)
    return [(GREEN, mask & truth), (ORANGE, mask & ~truth), (BLUE, truth & ~mask)]


def _fill(ax, where, color):
    from matplotlib.colors import to_rgb

    overlay = np.zeros((*where.shape, 4))
    overlay[where] = (*to_rgb(color), 0.55)
    ax.imshow(overlay, interpolation="nearest")
