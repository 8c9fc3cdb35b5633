import sys

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from skimage import color, data

from skmask import ColorConverter, describe

X = data.immunohistochemistry()[None, :60, :70]
FUNCTIONS = {"hsv": color.rgb2hsv, "lab": color.rgb2lab, "hed": color.rgb2hed}


@pytest.mark.parametrize("to", FUNCTIONS)
@pytest.mark.parametrize("scale", [1, 257, 1 / 255], ids=["uint8", "uint16", "float"])
@pytest.mark.parametrize("axis", [1, -1])
def test_colors_are_those_of_scikit_image(to, scale, axis):
    images = X.astype(np.uint16) * 257 if scale == 257 else X * scale if scale < 1 else X
    images = np.moveaxis(images, -1, axis)
    result = ColorConverter(to, channel_axis=axis).transform(images)
    assert result.dtype == np.float32
    assert_allclose(np.moveaxis(result, axis, -1)[0], FUNCTIONS[to](X[0]), atol=1e-3)


def test_gray_and_channels_lack_the_axis():
    gray = ColorConverter(channel_axis=-1).transform(X)
    assert_allclose(gray, 255 * color.rgb2gray(X), rtol=1e-5)
    assert gray.dtype == np.float32
    for channel in (0, 2, -1):
        result = ColorConverter(channel, channel_axis=-1).transform(X)
        assert_array_equal(result, X[..., channel])
        assert result.dtype == X.dtype
    sizes = ColorConverter(channel_axis=-1).transform([X[0], X[0, :9]])
    assert [one.shape for one in sizes] == [(60, 70), (9, 70)]


def test_optical_density_adds_up_where_light_is_absorbed_twice():
    once = np.full((1, 1, 1, 3), 0.5)
    result = ColorConverter("optical_density", channel_axis=-1).transform([once[0], once[0] ** 2])
    assert_allclose(2 * result[0], result[1], rtol=1e-6)


def test_gray_images_pass_as_they_are():
    gray = X[..., 0]
    assert_array_equal(ColorConverter().transform(gray), gray)
    expected = ColorConverter("optical_density", channel_axis=-1).transform(X)[..., 0]
    assert_array_equal(ColorConverter("optical_density").transform(gray), expected)


@pytest.mark.parametrize("to", ["gray", "hsv", "lab", "hed", "optical_density", 1])
@pytest.mark.parametrize("axis", [1, -1])
def test_chunks_of_dask_arrays_give_what_memory_gives(to, axis):
    images = np.moveaxis(np.concatenate([X, X[:, ::-1]]), -1, axis)
    step = ColorConverter(to, channel_axis=axis)
    lazy = step.transform(da.from_array(images, chunks=(1, 2, 30, 2)))
    assert_array_equal(lazy.compute(), step.transform(images))


@pytest.mark.parametrize("to", ["gray", "hsv", "lab", "hed", "optical_density"])
def test_missing_pixels_stay_missing(to):
    images = X / 255
    images[0, 3, 4, 1] = np.nan
    result = ColorConverter(to, channel_axis=-1).transform(images)
    assert np.isnan(result[0, 3, 4]).any()
    expected = ColorConverter(to, channel_axis=-1).transform(X / 255)
    assert_array_equal(result[0, 5:], expected[0, 5:])


@pytest.mark.parametrize(
    ("step", "images", "error", "match"),
    [
        (ColorConverter("hsv"), X[..., 0], ValueError, "channel_axis for to='hsv', got None"),
        (ColorConverter(0), X[..., 0], ValueError, "channel_axis for to=0, got None"),
        (ColorConverter(3, channel_axis=-1), X, ValueError, "one of 3 channels, .* got 3"),
        (ColorConverter(-4, channel_axis=-1), X, ValueError, "one of 3 channels, .* got -4"),
        (
            ColorConverter(channel_axis=1),
            X,
            ValueError,
            "3 channels along channel_axis=1 .* got 60",
        ),
        (
            ColorConverter("lab", channel_axis=-1),
            X * 1.0,
            ValueError,
            "from 0 to 1 .* Divide by 255",
        ),
        (ColorConverter("lab", channel_axis=-1), X - 1.0, ValueError, "from 0 to 1 .* got values"),
        (
            ColorConverter("hed", channel_axis=-1),
            X.astype(int),
            TypeError,
            "got int64. Use X.astype",
        ),
        (ColorConverter("rgb"), X, ValueError, "'to' parameter of ColorConverter"),
        (ColorConverter(True), X, ValueError, "'to' parameter of ColorConverter"),
        (ColorConverter(channel_axis=0), X, ValueError, "channel_axis to be an axis"),
    ],
)
def test_bad_choices_are_refused(step, images, error, match):
    with pytest.raises(error, match=match):
        step.fit(images).transform(images)
    with pytest.raises(error, match=match):
        step.transform(images)


def test_missing_scikit_image_is_one_sentence(monkeypatch):
    for name in ("skimage", "skimage.color"):
        monkeypatch.setitem(sys.modules, name, None)
    ColorConverter(channel_axis=-1).transform(X)
    with pytest.raises(ImportError) as caught:
        ColorConverter("lab", channel_axis=-1).transform(X)
    assert str(caught.value) == (
        "ColorConverter expects the package scikit-image for to='lab'. Install it: "
        'python -m pip install "skmask[color]".'
    )


def test_words_name_the_colors():
    assert describe(ColorConverter("lab", channel_axis=-1)).startswith(
        "Colors were converted to CIE L*a"
    )
    assert "their channel 2" in describe(ColorConverter(2, channel_axis=-1))
    assert describe(ColorConverter()).startswith("Gray values were taken")
    assert describe(ColorConverter("optical_density")).startswith("Optical densities were")
