"""A folder of images of different sizes goes through a saved masker, one file at a time, and becomes a
folder of masks with the same names."""

from _show import BLUE, ORANGE, arrow, canvas, picture
from skimage import data

from skmask import HistogramThresholdMasker, HoleFiller

images = [data.coins(), data.camera()[60:260, 130:330], data.cell()]
masks = [
    HoleFiller().fit_transform(HistogramThresholdMasker().fit_transform(image[None]))[0]
    for image in images
]
names = ["coins", "camera", "cell"]
ax = canvas(9, 2.9)
box = {"boxstyle": "round,pad=0.5", "fc": "#eef4f8", "ec": BLUE, "lw": 1.5}
for x, title, pictures, suffix in (
    (0.15, "images/", images, ".tif"),
    (6.2, "masks/", masks, ".png"),
):
    ax.text(x, 2.72, title, fontsize=11, family="monospace", va="center")
    for i, (name, array) in enumerate(zip(names, pictures, strict=True)):
        y = 1.85 - 0.85 * i
        picture(ax, array, (x, y), 0.7)
        ax.text(x + 1.75, y + 0.35, name + suffix, fontsize=9, family="monospace", va="center")
        start, end = ((3.05, y + 0.35), (3.65, 1.35)) if x < 1 else ((5.35, 1.35), (6.0, y + 0.35))
        arrow(ax, start, end)
ax.text(
    4.5,
    1.35,
    "model.skops\n\nread, mask, write",
    ha="center",
    va="center",
    bbox={**box, "fc": "#fdf4e0", "ec": ORANGE},
)
ax.set(xlim=(0, 9), ylim=(0, 2.9), aspect="equal")
