"""Pictures of masks on their images."""

import numpy as np

from skmask._displays.drawing import BLUE, GREEN, ORANGE, pyplot_for
from skmask._images.axes import without_single_axes
from skmask._images.masks import to_mask
from skmask._images.readers import members
from skmask.metrics import dice_score


class MaskDisplay:
    """Show masks on their images and, against true masks, what is right, too much and missing.

    `from_estimator` and `from_predictions` make and draw it; `plot` draws it again.

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
    def from_estimator(
        cls, estimator, X, y=None, *, axis=None, n_worst=None, score=dice_score, **options
    ):
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
        n_worst : int, default=None
            Number of images to draw: those with the lowest scores, lowest first. Needs true masks.
        score : callable, default=dice_score
            ``score(true_masks, masks)`` of one image, greater is better; for `n_worst`.
        **options : dict
            Options of `plot`: ``n_columns``, ``titles``, ``outlines`` and ``contrast``.

        Returns
        -------
        display : MaskDisplay
        """
        masks = estimator.transform(X)
        return cls.from_predictions(X, masks, y, axis=axis, n_worst=n_worst, score=score, **options)

    @classmethod
    def from_predictions(
        cls, images, masks, true_masks=None, *, axis=None, n_worst=None, score=dice_score, **options
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
        n_worst : int, default=None
            Number of images to draw: those with the lowest scores, lowest first. Needs true masks.
        score : callable, default=dice_score
            ``score(true_masks, masks)`` of one image, greater is better; for `n_worst`.
        **options : dict
            Options of `plot`: ``n_columns``, ``titles``, ``outlines`` and ``contrast``.

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
                    "Pass a mask for every image, in the same order."
                )
                raise ValueError(msg)
        if n_worst is not None:
            parts, options["titles"] = cls._worst(parts, n_worst, score, options.get("titles"))
        return cls(parts[0], parts[1], true_masks=parts[2]).plot(**options)

    @classmethod
    def _worst(cls, parts, n, score, titles):
        """Return the images with the lowest scores, with titles that tell the scores."""
        if parts[2] is None:
            msg = f"{cls.__name__} expects true masks with n_worst={n}, got none. Pass them after the images."
            raise ValueError(msg)
        pairs = zip(parts[2], parts[1], strict=True)
        scores = [float(score(true[np.newaxis], mask[np.newaxis])) for true, mask in pairs]
        chosen = np.argsort(scores, kind="stable")[:n]
        names = titles or [f"image {i}" for i in range(len(scores))]
        titles = [f"{names[i]}: {scores[i]:.2f}" for i in chosen]
        return [None if part is None else [part[i] for i in chosen] for part in parts], titles

    def plot(self, *, n_columns=4, titles=None, outlines=False, contrast=None):
        """Draw a grid of images with their masks.

        Parameters
        ----------
        n_columns : int, default=4
            Images side by side.
        titles : sequence of str, default=None
            A title for every image.
        outlines : bool, default=False
            Whether to draw the outlines of masks (orange) and true masks (blue) instead of filling them.
        contrast : (float, float), default=None
            Intensities that are drawn black and white; those of each image by itself when left out.

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
        low, high = (None, None) if contrast is None else contrast
        for ax, image, mask, truth in zip(self.axes_, self.images, self.masks, truths, strict=True):
            ax.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
            if outlines:
                _outline(ax, mask, ORANGE)
                _outline(ax, truth, BLUE)
            else:
                for color, where in _regions(np.asarray(mask, bool), truth):
                    _fill(ax, where, color)
        for ax, title in zip(self.axes_, titles or [], strict=False):
            ax.set_title(title, fontsize="small")
        if self.true_masks is not None:
            filled = {"right": GREEN, "too much": ORANGE, "missing": BLUE}
            names = {"mask": ORANGE, "true mask": BLUE} if outlines else filled
            handles = [plt.Rectangle((0, 0), 1, 1, color=color) for color in names.values()]
            self.figure_.legend(
                handles,
                names,
                loc="outside lower center",
                ncols=3 if n_columns > 1 else 1,
                fontsize="small",
                frameon=False,
            )
        self.ax_ = self.axes_[0]
        return self


def _slice(image, axis):
    """Return an image of two axes (and channels): of a volume, the slice in its middle."""
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


def _outline(ax, mask, color):
    # A level of 0.5 runs between pixels; there is none in a mask of one value.
    if mask is not None and len(np.unique(mask)) == 2:
        ax.contour(np.asarray(mask, float), levels=[0.5], colors=[color], linewidths=1.5)
