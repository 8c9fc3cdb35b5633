"""A stained tissue section, its luminance, its hue, and the amount of the brown stain DAB, which shows the
stained cells alone."""

from _show import show
from skimage import data

from skmask import ColorConverter

# A few dark pixels hold ten times as much of the stain as the others.
most = 0.12
X = data.immunohistochemistry()[None, 100:300, 100:400]
show(
    {
        "stained tissue": X[0],
        "'gray'": ColorConverter(channel_axis=-1).transform(X)[0],
        "'hsv', hue": ColorConverter("hsv", channel_axis=-1).transform(X)[0, ..., 0],
        "'hed', DAB": ColorConverter("hed", channel_axis=-1).transform(X)[0, ..., 2].clip(0, most),
    },
    columns=2,
)
