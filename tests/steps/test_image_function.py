import functools
import pickle

import cv2
import dask.array as da
import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage
from skimage import filters, morphology
from sklearn.pipeline import make_pipeline

from skmask import HistogramThresholdMasker, ImageFunction, MaskApplier, describe


def scipy_median(image, size=3):
    return ndimage.median_filter(image, size)


def trim(image):
    return image[: int(image[0, 0])]


def first_pixels(image):
    return image.ravel()[:4]


def fill_in_place(image):
    image[...] = 0


def zeroed(image):
    image[...] = 0
    return image


def mean(image):
    return image.mean()


def fail_on_ones(image):
    if image.any():
        raise KeyError("ones")
    return image


def fail(image):
    raise RuntimeError("no luck")


def images(dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 200, (3, 20, 26)).astype(dtype)


@pytest.mark.parametrize(
    ("function", "kwargs"),
    [
        (filters.gaussian, {"sigma": 2}),
        (filters.sobel, None),
        (cv2.GaussianBlur, {"ksize": (5, 5), "sigmaX": 0}),
        (scipy_median, {"size": 5}),
        (functools.partial(morphology.white_tophat, footprint=morphology.disk(3)), None),
        (np.flip, None),
    ],
)
def test_result_is_that_of_the_function_for_each_image(function, kwargs):
    X = images()
    expected = np.stack([function(image, **(kwargs or {})) for image in X])
    step = pickle.loads(pickle.dumps(ImageFunction(function, kwargs=kwargs)))
    result = step.transform(X)
    assert result.dtype == expected.dtype
    assert_array_equal(result, expected)
    for one, image in zip(step.transform([X[0], X[1, :9]]), [X[0], X[1, :9]], strict=True):
        assert_array_equal(one, function(image, **(kwargs or {})))


def test_images_come_contiguous_and_writeable_and_x_is_left_alone():
    X = np.asfortranarray(images(">u2"))
    X.flags.writeable = False
    before = X.copy()
    assert not ImageFunction(zeroed).transform(X).any()
    blurred = ImageFunction(cv2.medianBlur, kwargs={"ksize": 3}).transform(X)
    assert_array_equal(blurred[0], cv2.medianBlur(np.ascontiguousarray(X[0], "u2"), 3))
    assert_array_equal(X, before)


def test_result_may_have_another_shape(tmp_path):
    X = images()
    assert_array_equal(ImageFunction(first_pixels).transform(X), X[:, 0, :4])
    assert_array_equal(
        ImageFunction(first_pixels).transform(da.from_array(X, chunks=9)), X[:, 0, :4]
    )
    with h5py.File(tmp_path / "images.h5", "w") as file:
        result = ImageFunction(first_pixels).transform(file.create_dataset("X", data=X))
    assert_array_equal(result, X[:, 0, :4])
    sizes = np.array([[[3, 0], [0, 0], [0, 0]], [[1, 0], [0, 0], [0, 0]]])
    shapes = [one.shape for one in ImageFunction(trim).transform(list(sizes))]
    assert shapes == [(3, 2), (1, 2)]
    with pytest.raises(
        ValueError, match=r"arrays of one shape .* \(1, 2\) and \(3, 2\). .* list\(X\)"
    ):
        ImageFunction(trim).transform(sizes)


@pytest.mark.parametrize("reach", [2, (2, 5)])
def test_chunks_of_dask_arrays_give_what_memory_gives(reach):
    X = images()
    step = ImageFunction(scipy_median, kwargs={"size": 5}, reach=reach)
    lazy = step.transform(da.from_array(X, chunks=(1, 7, 10)))
    assert lazy.numblocks == (3, 3, 3)
    assert_array_equal(lazy.compute(), step.transform(X))


def test_step_works_in_a_pipeline_and_inside_others():
    X = images()
    blur = ImageFunction(filters.gaussian, kwargs={"preserve_range": True})
    pipeline = make_pipeline(blur, HistogramThresholdMasker()).fit(X)
    assert_array_equal(pipeline.transform(X), pipeline[-1].transform(blur.transform(X)))
    applied = MaskApplier(pipeline).fit_transform(X)
    assert_array_equal(applied, np.where(pipeline.transform(X), X, 0))


def test_colors_reach_the_function_whole():
    X = np.random.default_rng(0).random((2, 20, 20, 3))
    step = ImageFunction(cv2.cvtColor, kwargs={"code": cv2.COLOR_RGB2GRAY}, channel_axis=-1)
    assert step.transform(X.astype(np.float32)).shape == (2, 20, 20)


@pytest.mark.parametrize("function", [lambda image: image, cv2.createCLAHE().apply])
def test_function_that_cannot_be_pickled_is_refused_with_a_hint(function):
    for call in (ImageFunction(function).fit, ImageFunction(function).transform):
        with pytest.raises(ValueError, match="can be pickled, got .*top level of a module"):
            call(images())


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({"function": mean}, TypeError, "to return an array .*, got .*Return the image"),
        ({"function": fill_in_place}, TypeError, "got None. Return the image"),
        ({"function": first_pixels, "reach": 0}, ValueError, "keep the shape .* Use reach=None"),
        ({"function": np.flip, "reach": (1, 2, 3)}, ValueError, "for each of the 2 axes"),
        ({"function": np.flip, "reach": (1, -2)}, ValueError, "reach to be an integer of at least"),
        ({"function": np.flip, "reach": -1}, ValueError, "'reach' parameter of ImageFunction"),
        (
            {"function": "flip"},
            ValueError,
            "'function' parameter of ImageFunction must be a callable",
        ),
        ({"function": np.flip, "kwargs": {"x": 1}}, ValueError, "unexpected keyword"),
    ],
)
def test_bad_choices_are_refused(params, error, match):
    with pytest.raises(error, match=match):
        ImageFunction(**params).transform(images())


def test_error_of_the_function_tells_of_the_image():
    named = (
        r"ImageFunction cannot apply .*fail to image 0 \(counted from 0\), of shape \(20, 26\) and dtype "
        "uint8: RuntimeError: no luck"
    )
    with pytest.raises(ValueError, match=named) as caught:
        ImageFunction(fail).transform(images())
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_error_of_the_function_tells_of_the_image_in_any_container(tmp_path):
    X = np.zeros((9, 8, 300, 300))
    X[7] = 1
    np.save(tmp_path / "X.npy", X)
    for given in (X, list(X), np.load(tmp_path / "X.npy", mmap_mode="r")):
        with pytest.raises(ValueError, match=r"fail_on_ones to image 7 \(counted from 0\)"):
            ImageFunction(fail_on_ones).transform(given)


def test_words_name_function_and_arguments():
    footprint = np.ones((3, 3), bool)
    step = ImageFunction(filters.median, kwargs={"footprint": footprint, "mode": "nearest"})
    assert describe(step).startswith(
        "The function skimage.filters._median.median, footprint=an array of shape (3, 3) and dtype bool, "
        "mode='nearest' was applied to each image."
    )
