"""Pictures for files and reports: masks on images as PNG, histograms as SVG."""

import base64
import io

import numpy as np

from skmask._displays.drawing import BLUE, GRAY, GREEN, ORANGE
from skmask._packages import import_package

_OPACITY = 0.55

# Larger images are shown by every second, third, ... pixel, and smaller ones are enlarged.
_FEWEST_PIXELS, _MOST_PIXELS = 240, 480


def overlay(image, mask, truth=None):
    """Return an RGB picture of a mask on its image.

    Without `truth` the mask is blue. With it, green is right, orange is too much and blue is missing. Of
    a volume the middle slice along the first axis is shown.
    """
    if mask.ndim == 3:
        middle = len(mask) // 2
        image, mask = image[middle], mask[middle]
        truth = None if truth is None else truth[middle]
    step = max(1, -(-max(mask.shape) // _MOST_PIXELS))
    image, mask = image[::step, ::step], mask[::step, ::step]
    image = image.astype(float)
    if image.ndim == 3:
        image = image.mean(axis=-1)
    low, high = np.nanpercentile(image, [0.5, 99.5])
    gray = np.clip(np.nan_to_num((image - low) / max(high - low, 1e-12)), 0, 1) * 255
    picture = np.repeat(gray[..., np.newaxis], 3, axis=-1)
    if truth is None:
        areas = {BLUE: mask}
    else:
        truth = truth[::step, ::step]
        areas = {GREEN: mask & truth, ORANGE: mask & ~truth, BLUE: truth & ~mask}
    for color, area in areas.items():
        picture[area] += _OPACITY * (np.array(list(bytes.fromhex(color[1:]))) - picture[area])
    factor = max(1, _FEWEST_PIXELS // max(mask.shape))
    return picture.round().astype(np.uint8).repeat(factor, axis=0).repeat(factor, axis=1)


def montage(pictures, n_columns=4, gap=4):
    """Return pictures side by side in one, on white."""
    n_columns = min(n_columns, len(pictures))
    height = max(picture.shape[0] for picture in pictures) + gap
    width = max(picture.shape[1] for picture in pictures) + gap
    n_rows = -(-len(pictures) // n_columns)
    whole = np.full((n_rows * height - gap, n_columns * width - gap, 3), 255, np.uint8)
    for i, picture in enumerate(pictures):
        row, column = divmod(i, n_columns)
        top, left = row * height, column * width
        whole[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return whole


def png_of(picture):
    """Return a picture as the bytes of a PNG file."""
    pillow = import_package("PIL.Image", caller="skmask", extra="files", purpose="pictures")
    file = io.BytesIO()
    pillow.fromarray(picture).save(file, format="PNG")
    return file.getvalue()


def png_link(picture):
    """Return a picture as a link that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png_of(picture)).decode()}"


def histogram_svg(counts, edges, threshold, *, width=640, height=180):
    """Return a histogram, on a logarithmic scale, with its threshold, as SVG."""
    # Bins that are narrower than a pixel are drawn as one.
    n_bars = min(len(counts), width)
    bounds = np.linspace(0, len(counts), n_bars + 1).astype(int)
    heights = np.log1p(np.maximum.reduceat(counts, bounds[:-1]))
    heights *= height / max(heights.max(), 1e-12)
    bar = width / n_bars
    bars = "".join(
        f"<rect x='{i * bar:.2f}' y='{height - h:.2f}' width='{bar:.2f}' height='{h:.2f}'/>"
        for i, h in enumerate(heights)
        if h
    )
    x = np.clip((threshold - edges[0]) / max(edges[-1] - edges[0], 1e-12), 0, 1) * width
    return (
        f"<svg viewBox='0 0 {width} {height + 20}' role='img' aria-label='Histogram of the training pixels'>"
        f"<g fill='{GRAY}'>{bars}</g>"
        f"<path d='M{x:.2f} 0V{height}' stroke='{ORANGE}' stroke-width='2'/>"
        f"<text y='{height + 15}'>{edges[0]:.4g}</text>"
        f"<text x='{width}' y='{height + 15}' text-anchor='end'>{edges[-1]:.4g}</text>"
        f"<text x='{x:.2f}' y='{height + 15}' text-anchor='middle'>{threshold:.4g}</text></svg>"
    )
