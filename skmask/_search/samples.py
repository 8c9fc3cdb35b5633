"""Images and masks that a search compares its candidates on."""

import numpy as np

from skmask._images.axes import axis_of_image, without_axis
from skmask._images.kinds import Kind, classify
from skmask._images.masks import to_mask

# Pixels for each second of the budget, the fewest and the most in all, and the most of an image. The winner
# of the search is fitted on all images.
PIXELS_A_SECOND = 1 << 15
FEWEST_PIXELS = 1 << 20
SEARCH_PIXELS = 1 << 23
WINDOW_PIXELS = 1 << 21

# Windows of a large image, of which the one with the most usual share of foreground is taken.
N_WINDOWS = 8


def draw_samples(X, y, budget, channel_axis, random_state, *, caller):
    """Return images and masks to compare candidates on, as lists; of large images a part."""
    most = min(SEARCH_PIXELS, max(FEWEST_PIXELS, budget * PIXELS_A_SECOND))
    X, y = _members(X, "X", caller), _members(y, "y", caller)
    n_images = X.shape[0] if hasattr(X, "shape") else len(X)
    rng = np.random.default_rng(random_state)
    images, masks, n_pixels = [], [], 0
    for i in rng.permutation(n_images).tolist():
        image, mask = np.asarray(X[i]), np.asarray(y[i])
        if without_axis((1, *image.shape), channel_axis, caller)[1:] != mask.shape:
            msg = (
                f"{caller} expects masks of the shape of their images, got {mask.shape} for an image of "
                f"shape {image.shape}. Crop both alike, or set channel_axis to the axis of colors, such as "
                "-1."
            )
            raise ValueError(msg)
        fractions = mask[mask != np.round(mask)] if mask.dtype.kind == "f" else ()
        if len(fractions):
            msg = (
                f"{caller} expects y to be masks, booleans or whole numbers, got {fractions[0]}. Use y > 0.5 "
                "for probabilities."
            )
            raise ValueError(msg)
        mask = to_mask(mask, caller=caller, name="y")
        if mask.size > WINDOW_PIXELS:
            image, mask = _window(image, mask, channel_axis, rng)
        if len(images) >= 4 and n_pixels + mask.size > most:
            break
        images.append(image)
        masks.append(mask)
        n_pixels += mask.size
    return images, masks


def check_samples(images, masks, channel_axis, *, caller):
    """Refuse masks if fewer than two images have finite foreground, or background."""
    finite = [np.isfinite(image) for image in images]
    if channel_axis is not None:
        finite = [one.all(axis=axis_of_image(channel_axis, one.ndim)) for one in finite]
    for name, some in (("foreground", True), ("background", False)):
        n_images = sum(
            bool(((mask == some) & known).any()) for mask, known in zip(masks, finite, strict=True)
        )
        if n_images < 2:
            msg = (
                f"{caller} expects finite {name} in at least two images, to learn from one and score the "
                f"other, got it in {n_images} of {len(images)}. Label more images, or use "
                "PixelClassifierMasker."
            )
            raise ValueError(msg)


def _members(X, name, caller):
    """Return what is indexed by the number of an image."""
    kind, data = classify(X, caller=caller, name=name)
    return np.asarray(data) if kind is Kind.ARRAY else data


def _window(image, mask, channel_axis, rng):
    """Return a part of a large image whose share of foreground is that of the image, about."""
    factor = (WINDOW_PIXELS / mask.size) ** (1 / mask.ndim)
    sizes = [max(int(size * factor), 1) for size in mask.shape]
    usual = mask.mean()
    windows = [
        tuple(
            slice(start, start + size)
            for start, size in zip(
                rng.integers(0, np.subtract(mask.shape, sizes), endpoint=True).tolist(),
                sizes,
                strict=True,
            )
        )
        for _ in range(N_WINDOWS)
    ]
    best = min(windows, key=lambda window: abs(mask[window].mean() - usual))
    place = list(best)
    if channel_axis is not None:
        place.insert(axis_of_image(channel_axis, image.ndim), slice(None))
    return np.ascontiguousarray(image[tuple(place)]), np.ascontiguousarray(mask[best])
