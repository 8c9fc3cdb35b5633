"""Pictures of probabilities of pixels, and of where masks are wrong."""

import numpy as np

from skmask._displays.drawing import BLUE, GREEN, ORANGE, pyplot_for
from skmask._kernels.scores.overlap import dice


class ProbabilityDisplay:
    """Show images, the probability of each pixel, and the errors of the masks, the worst images first.

    It is made by `from_estimator` or `from_predictions`, which draw; `plot` draws again.

    Parameters
    ----------
    images : list of ndarray of shape (height, width) or (height, width, 3)
        The images.
    probabilities : list of ndarray of shape (height, width)
        The probability of foreground.
    true_masks : list of ndarray of bool
        The true masks.
    threshold : float
        Pixels with a greater probability are foreground.

    Attributes
    ----------
    scores_ : ndarray of shape (n_images,)
        Dice coefficient of each image.
    worst_ : ndarray of int
        Positions of the images that are drawn, the worst first.
    axes_ : ndarray of matplotlib Axes, shape (n_drawn, 3)
        Image, probability and errors of each.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    MaskDisplay : Shows masks of any estimator on their images.
    skmask.PixelClassifierMasker : Makes the probabilities.

    Notes
    -----
    Green is foreground in both, orange is foreground that should not be, blue is foreground that is missing.

    Examples
    --------
    >>> from skmask import PixelClassifierMasker
    >>> from skmask.datasets import make_masked_images
    >>> from skmask.display import ProbabilityDisplay
    >>> data = make_masked_images(6, random_state=0)
    >>> masker = PixelClassifierMasker(random_state=0).fit(data.images[:3], data.masks[:3])
    >>> display = ProbabilityDisplay.from_estimator(
    ...     masker, data.images[3:], data.masks[3:], n_worst=2
    ... )
    >>> display.axes_.shape
    (2, 3)
    """

    def __init__(self, images, probabilities, true_masks, *, threshold=0.5):
        self.images = images
        self.probabilities = probabilities
        self.true_masks = true_masks
        self.threshold = threshold

    @classmethod
    def from_estimator(cls, estimator, X, y, *, n_worst=4):
        """Draw the probabilities that a fitted masker gives images.

        Parameters
        ----------
        estimator : estimator
            A fitted `PixelClassifierMasker`, or anything with `predict_proba` for images.
        X : array-like of shape (n_images, height, width), or list
            Images, best those that were not learned from.
        y : array-like of bool, or list
            True masks.
        n_worst : int, default=4
            How many images are drawn, those with the lowest Dice coefficient.

        Returns
        -------
        display : ProbabilityDisplay
        """
        if not hasattr(estimator, "predict_proba"):
            msg = (
                "ProbabilityDisplay expects an estimator with predict_proba, as PixelClassifierMasker has, "
                f"got {type(estimator).__name__}. Use MaskDisplay.from_estimator for masks."
            )
            raise TypeError(msg)
        threshold = getattr(estimator, "threshold_", 0.5)
        probabilities = estimator.predict_proba(X)
        return cls.from_predictions(X, probabilities, y, threshold=threshold, n_worst=n_worst)

    @classmethod
    def from_predictions(cls, images, probabilities, true_masks, *, threshold=0.5, n_worst=4):
        """Draw given probabilities.

        Parameters
        ----------
        images : array-like of shape (n_images, height, width), or list
            Images.
        probabilities : array-like of float, or list
            The probability of foreground of each pixel.
        true_masks : array-like of bool, or list
            True masks.
        threshold : float, default=0.5
            Pixels with a greater probability are foreground.
        n_worst : int, default=4
            How many images are drawn, those with the lowest Dice coefficient.

        Returns
        -------
        display : ProbabilityDisplay
        """
        parts = [[np.asarray(one) for one in part] for part in (images, probabilities, true_masks)]
        shapes = [[one.shape[:2] for one in part] for part in parts]
        if shapes[0] != shapes[1] or shapes[0] != shapes[2]:
            msg = (
                f"{cls.__name__} expects a probability and a true value for each pixel, got shapes "
                f"{shapes[1]} "
                f"and {shapes[2]} for images of {shapes[0]}. Pass them for the same images, in the same "
                "order."
            )
            raise ValueError(msg)
        display = cls(parts[0], parts[1], parts[2], threshold=threshold)
        return display.plot(n_worst=n_worst)

    def plot(self, *, n_worst=4):
        """Draw the images with the lowest Dice coefficient.

        Parameters
        ----------
        n_worst : int, default=4
            How many images are drawn.

        Returns
        -------
        display : ProbabilityDisplay
        """
        plt = pyplot_for(type(self).__name__)
        masks = [one > self.threshold for one in self.probabilities]
        truths = [np.asarray(one) != 0 for one in self.true_masks]
        counts = [
            [
                np.count_nonzero(part)
                for part in (mask & true, mask & ~true, true & ~mask, ~mask & ~true)
            ]
            for mask, true in zip(masks, truths, strict=True)
        ]
        self.scores_ = dice(*np.array(counts, float).T)
        self.worst_ = np.argsort(self.scores_, kind="stable")[:n_worst]
        self.figure_, self.axes_ = plt.subplots(
            len(self.worst_),
            3,
            figsize=(7.8, 2.6 * len(self.worst_)),
            squeeze=False,
            constrained_layout=True,
        )
        for row, i in zip(self.axes_, self.worst_.tolist(), strict=True):
            row[0].imshow(self.images[i], cmap="gray", interpolation="nearest")
            row[0].set_title(f"image {i}, Dice {self.scores_[i]:.3f}", fontsize="small")
            row[1].imshow(self.probabilities[i], vmin=0, vmax=1, interpolation="nearest")
            row[1].set_title("probability", fontsize="small")
            row[2].imshow(_errors(masks[i], truths[i]), interpolation="nearest")
            row[2].set_title("errors", fontsize="small")
        for ax in self.axes_.flat:
            ax.set_axis_off()
        names = {"right": GREEN, "too much": ORANGE, "missing": BLUE}
        handles = [plt.Rectangle((0, 0), 1, 1, color=color) for color in names.values()]
        self.figure_.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
        return self


def _errors(mask, true):
    from matplotlib.colors import to_rgb

    picture = np.ones((*mask.shape, 3))
    for where, color in ((mask & true, GREEN), (mask & ~true, ORANGE), (true & ~mask, BLUE)):
        picture[where] = to_rgb(color)
    return picture
