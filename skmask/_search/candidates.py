"""The maskers that a search tries, from the cheapest to the most expensive."""

from typing import NamedTuple

from skmask._features.local_features import LocalFeatures
from skmask._maskers.histogram_range_masker import HistogramRangeMasker
from skmask._maskers.histogram_threshold_masker import HistogramThresholdMasker
from skmask._maskers.local_threshold_masker import LocalThresholdMasker
from skmask._maskers.pixel_classifier_masker import PixelClassifierMasker
from skmask._steps.background_subtractor import BackgroundSubtractor
from skmask._steps.color_converter import ColorConverter
from skmask._steps.color_projector import ColorProjector
from skmask._steps.gaussian_smoother import GaussianSmoother
from skmask._steps.image_normalizer import ImageNormalizer

# Pixels that neural networks learn from, at which they are within some .002 of their best in seconds.
MLP_ROWS = 80_000

# With fewer images than this, simpler features are tried, and no second network.
FEW_IMAGES = 8

# Channels that are tried by themselves.
MOST_CHANNELS = 4

TEXTURE = ("intensity", "edges", "hessian", "structure")


class Candidate(NamedTuple):
    """A masker to try.

    Attributes
    ----------
    name : str
        As printed in the table.
    steps : list of estimator
        Steps before the masker that learn nothing from masks, so that they are applied once for all folds.
    masker : list of estimator
        The rest, of which the last makes the masks.
    after : str, default=""
        Name of the candidate of which `masker` is the first step. Its probabilities of images that it was
        not fitted on are used again.
    """

    name: str
    steps: list
    masker: list
    after: str = ""


def candidates(*, n_images, n_channels, channel_axis, random_state):
    """Return what is tried, the cheapest first; `channel_axis` is None for gray images."""
    prefix, gray = "", []
    if channel_axis is not None:
        prefix, gray = "gray, ", [ColorConverter("gray", channel_axis=channel_axis)]
    # Channels that are not those of colors, such as two stains, have no gray.
    has_gray = channel_axis is None or n_channels == 3
    return [
        *(_thresholds(prefix, gray) if has_gray else ()),
        *_colors(n_channels, channel_axis),
        *(_local(prefix, gray) if has_gray else ()),
        *_classifiers(n_images, channel_axis, random_state),
    ]


def pixels_of_network(n_images):
    """Return how many pixels of each image a neural network learns from."""
    return max(min(5000, MLP_ROWS // n_images), 500)


def _thresholds(prefix, gray):
    yield Candidate(f"{prefix}threshold", gray, [_best_threshold()])
    yield Candidate(f"{prefix}range", gray, [HistogramRangeMasker("dice", strategy="balanced")])
    for sigma in (1, 2):
        yield Candidate(
            f"{prefix}Gaussian {sigma}, threshold",
            [*gray, GaussianSmoother(sigma)],
            [_best_threshold()],
        )
    for reference in ("otsu", "li", "multi_otsu"):
        yield Candidate(
            f"{prefix}relative to {reference}, threshold",
            gray,
            [ImageNormalizer(reference), _best_threshold()],
        )
    for mode in ("subtract", "divide"):
        background = BackgroundSubtractor(15, method="gaussian", mode=mode)
        yield Candidate(
            f"{prefix}background {mode}d, threshold".replace("subtractd", "subtracted"),
            [*gray, background],
            [_best_threshold()],
        )


def _colors(n_channels, channel_axis):
    if channel_axis is None:
        return
    for channel in range(min(n_channels, MOST_CHANNELS)):
        converter = ColorConverter(channel, channel_axis=channel_axis)
        if n_channels != 3:
            yield Candidate(f"channel {channel}, threshold", [converter], [_best_threshold()])
        # A stain is darkest in one channel, and each image has its own amount of it.
        yield Candidate(
            f"channel {channel}, relative to multi_otsu, threshold",
            [converter],
            [ImageNormalizer("multi_otsu"), _best_threshold()],
        )
    for white in (None, 0.95):
        name = "white balance, " if white else ""
        projector = ColorProjector(white_quantile=white, channel_axis=channel_axis)
        yield Candidate(f"{name}color projection, threshold", [], [projector, _best_threshold()])


def _local(prefix, gray):
    for method in ("gaussian", "sauvola"):
        for foreground in ("bright", "dark"):
            yield Candidate(
                f"{prefix}local {method}, {foreground}",
                gray,
                [LocalThresholdMasker(method, window=31, foreground=foreground)],
            )


def _classifiers(n_images, channel_axis, random_state):
    common = {"channel_axis": channel_axis, "random_state": random_state}
    has_few = n_images < FEW_IMAGES
    textures = LocalFeatures((1, 2, 4, 8, 16), TEXTURE)
    # Few images differ by chance, which a classifier of many features learns too.
    levels = LocalFeatures(normalize="quantiles")
    if not has_few:
        levels = LocalFeatures((1, 2, 4, 8, 16), TEXTURE, normalize="quantiles")
    # A few images do not show the range of brightness and stain of others.
    normalizer = ImageNormalizer(clip=not has_few, channel_axis=channel_axis)
    trials = [
        ("{}", [], LocalFeatures()),
        ("normalized, {}", [normalizer], LocalFeatures()),
        ("{}, texture", [], textures),
        ("{}, levels", [], levels),
    ]
    for name, steps, features in trials:
        masker = PixelClassifierMasker(features=features, **common)
        yield Candidate(name.format("pixels, logistic"), [], [*steps, masker])
    common["n_pixels"] = pixels_of_network(n_images)
    for name, steps, features in trials:
        masker = PixelClassifierMasker("mlp", features=features, **common)
        yield Candidate(name.format("pixels, MLP"), [], [*steps, masker])
    if has_few:
        return
    for name, features in (("texture", textures), ("levels", levels)):
        first = PixelClassifierMasker("mlp", output="probability", features=features, **common)
        second = PixelClassifierMasker("mlp", features=textures, **common | {"channel_axis": None})
        before = f"pixels, MLP, {name}"
        yield Candidate(f"{before}, twice", [], [first, second], after=before)


def _best_threshold():
    return HistogramThresholdMasker("dice", strategy="balanced", foreground="auto")
