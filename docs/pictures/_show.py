"""Layout and colors of the pictures: panels side by side, one idea a picture."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from scipy.ndimage import binary_erosion

# Okabe and Ito's colors, which people with any color vision tell apart; https://jfly.uni-koeln.de/color/
BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
GRAY = "#7f7f7f"


def show(panels, *, columns=4, width=8.0, note=None):
    """Draw arrays side by side.

    Parameters
    ----------
    panels : dict of str to array or None
        Title of each panel, and an image, a mask (drawn white on black), an RGB picture such as `overlay` and
        `changes` return, or None for axes to be drawn on.
    columns : int, default=4
        Panels in a row.
    width : float, default=8.0
        Width of the figure in inches.
    note : str, default=None
        A line below the panels.

    Returns
    -------
    axes : ndarray of matplotlib Axes
        One for each panel.
    """
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    arrays = [panel for panel in panels.values() if panel is not None]
    aspect = max((array.shape[0] / array.shape[1] for array in arrays), default=0.8)
    # Tall images get narrower panels instead of a figure that fills the screen.
    panel_width = min(width / columns, 3.6 / aspect)
    height = rows * (panel_width * aspect + 0.4) + (0.3 if note else 0)
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(max(columns * panel_width, 5.0), height),
        squeeze=False,
        layout="constrained",
    )
    for ax in grid.flat:
        ax.set_axis_off()
    axes = grid.ravel()[: len(panels)]
    for ax, (title, array) in zip(axes, panels.items(), strict=True):
        ax.set_title(title, fontsize=10)
        if array is None:
            ax.set_axis_on()
            ax.spines[["top", "right"]].set_visible(False)
        else:
            draw(ax, array)
    if note:
        figure.supxlabel(note, fontsize=9)
    return axes


def draw(ax, array):
    """Draw one image, mask or RGB picture on axes."""
    array = np.asarray(array)
    limits = {np.bool_: {"vmin": 0, "vmax": 1}, np.uint8: {"vmin": 0, "vmax": 255}}.get(
        array.dtype.type, {}
    )
    ax.imshow(array, cmap="gray", interpolation="nearest", **limits)


def pixels(ax, mask, *, before=None, title=None):
    """Draw a small mask with visible pixels: foreground dark, added pixels blue, removed ones orange."""
    mask = np.asarray(mask, bool)
    before = mask if before is None else np.asarray(before, bool)
    rgb = np.full((*mask.shape, 3), 0.94)
    rgb[mask & before] = to_rgb("#3a3a3a")
    rgb[mask & ~before] = to_rgb(SKY)
    rgb[before & ~mask] = to_rgb(ORANGE)
    ax.imshow(rgb, interpolation="nearest")
    for i in range(mask.shape[0] + 1):
        ax.axhline(i - 0.5, color="white", lw=1)
    for i in range(mask.shape[1] + 1):
        ax.axvline(i - 0.5, color="white", lw=1)
    ax.set_axis_off()
    if title:
        ax.set_title(title, fontsize=10)


def arrow(ax, start, end, label=None):
    """Draw an arrow from point to point, in data coordinates, with a label above its middle."""
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 1.8, "color": "0.3"})
    if label:
        middle = [(a + b) / 2 for a, b in zip(start, end, strict=True)]
        ax.annotate(
            label, middle, (0, 5), textcoords="offset points", ha="center", va="bottom", fontsize=9
        )


def picture(ax, array, corner, height):
    """Place an image, a mask or an RGB picture on axes, in data coordinates; return its width."""
    array = np.asarray(array)
    width = height * array.shape[1] / array.shape[0]
    x, y = corner
    scale = 1 if array.dtype == bool or array.ndim == 3 else array.max()
    ax.imshow(
        array,
        cmap="gray",
        vmin=0,
        vmax=scale,
        extent=(x, x + width, y, y + height),
        interpolation="nearest",
        zorder=2,
    )
    return width


def canvas(width, height):
    """Return empty axes in which one unit is an inch, for diagrams."""
    figure = plt.figure(figsize=(width, height))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.set_axis_off()
    return ax


def overlay(image, mask, color=ORANGE, alpha=0.45):
    """Return an image as RGB with the mask tinted and outlined."""
    rgb = _as_rgb(image)
    mask = np.asarray(mask, bool)
    edge = mask & ~binary_erosion(mask, iterations=1 + min(mask.shape) // 250)
    rgb[mask] = (1 - alpha) * rgb[mask] + alpha * np.array(to_rgb(color))
    rgb[edge] = to_rgb(color)
    return rgb


def changes(before, after):
    """Return two masks as RGB: kept pixels white, added ones blue, removed ones orange."""
    before, after = np.asarray(before, bool), np.asarray(after, bool)
    rgb = np.zeros((*before.shape, 3))
    rgb[before & after] = 1
    rgb[after & ~before] = to_rgb(SKY)
    rgb[before & ~after] = to_rgb(ORANGE)
    return rgb


def histogram(ax, values, thresholds=(), *, bins=128, log=False):
    """Draw a histogram, with a line and a label for each (threshold, label)."""
    ax.hist(np.ravel(values), bins=bins, color=GRAY, alpha=0.7, log=log)
    for threshold, label in thresholds:
        ax.axvline(threshold, color=ORANGE, lw=2)
        ax.annotate(
            label,
            (threshold, 0.98),
            xycoords=("data", "axes fraction"),
            xytext=(4, 0),
            textcoords="offset points",
            va="top",
            fontsize=9,
        )
    ax.set(xlabel="intensity", yticks=[])


def _as_rgb(image):
    image = np.asarray(image)
    # Bytes keep their scale, so that a dark image looks dark.
    low, high = (0, 255) if image.dtype == np.uint8 else (image.min(), image.max())
    image = (image.astype(float) - low) / (high - low or 1)
    return np.repeat(image[..., np.newaxis], 3, axis=-1) if image.ndim == 2 else image.copy()
