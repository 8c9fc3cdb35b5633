import re

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from skimage.filters import threshold_li, threshold_multiotsu, threshold_otsu
from sklearn import config_context
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from skmask import HistogramThresholdMasker, ImageNormalizer, describe
from skmask.datasets import make_masked_images
from skmask.metrics import dice_score


def images(shape=(4, 20, 23), seed=0):
    """Four levels of gray, of other brightness in each image."""
    rng = np.random.default_rng(seed)
    levels = rng.choice([20, 60, 120, 200], shape) + rng.normal(0, 4, shape)
    light = np.linspace(0.5, 1.2, shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    return (levels * light).clip(0, 255).astype(np.uint8)


def lowest_of_four(image):
    return threshold_multiotsu(image, 4)[0]


@pytest.mark.parametrize(
    ("reference", "scaler"),
    [("minmax", MinMaxScaler()), ("standardize", StandardScaler()), ("robust", RobustScaler())],
)
@pytest.mark.parametrize("per", ["image", "training"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int64])
def test_scaled_images_equal_those_of_scikit_learn(reference, scaler, per, dtype):
    X = images().astype(dtype)
    result = ImageNormalizer(reference, per=per).fit_transform(X)
    assert result.dtype == np.float32
    columns = X.reshape(len(X), -1).T if per == "image" else X.reshape(-1, 1)
    expected = scaler.fit_transform(columns.astype(float))
    # Quantiles are values of pixels here, and not interpolated.
    tolerance = 0.05 if reference == "robust" else 1e-5
    assert_allclose(result, expected.T.reshape(X.shape), atol=tolerance)


@pytest.mark.parametrize(
    ("reference", "threshold"),
    [("otsu", threshold_otsu), ("li", threshold_li), ("multi_otsu", lowest_of_four)],
)
def test_images_are_divided_by_their_own_threshold(reference, threshold):
    X = images()
    result = ImageNormalizer(reference).fit_transform(X)
    for one, image in zip(result, X, strict=True):
        assert_array_equal(one > 1, image > threshold(image))
        assert_allclose(one, image * (one.max() / image.max()), rtol=1e-6)


def test_quantiles_become_zero_and_one():
    X = np.random.default_rng(0).normal(5, 2, (3, 60, 60))
    result = ImageNormalizer(quantiles=(0.1, 0.8)).fit_transform(X)
    assert_allclose(np.quantile(result, [0.1, 0.8], axis=(1, 2)).T, [[0, 1]] * 3, atol=2e-3)


def test_cuts_count_from_either_end():
    X = images()
    low, middle, high = (
        ImageNormalizer("multi_otsu", cut=cut).fit_transform(X) for cut in range(3)
    )
    assert low.mean() > middle.mean() > high.mean()
    for cut, expected in ((-3, low), (-2, middle), (-1, high)):
        assert_array_equal(ImageNormalizer("multi_otsu", cut=cut).fit_transform(X), expected)


def test_relative_threshold_is_learned_in_one_pass():
    spots = make_masked_images(12, (48, 64), noise=4.0, random_state=0)
    light = np.linspace(0.3, 1, 12)[::-1, np.newaxis, np.newaxis]
    X, y = spots.images * light, spots.masks
    relative = make_pipeline(ImageNormalizer("otsu", clip=False), HistogramThresholdMasker("dice"))
    plain = HistogramThresholdMasker("dice")
    scores = [
        dice_score(y[4:], one.fit(X[:4], y[:4]).transform(X[4:])) for one in (relative, plain)
    ]
    assert scores[0] > 0.95
    assert scores[1] < 0.8


@pytest.mark.filterwarnings("ignore:.*which is another scale:UserWarning")
def test_references_are_kept_within_the_training_range():
    X = images()
    normalizer = ImageNormalizer("otsu").fit(X)
    thresholds = [ImageNormalizer("otsu").fit(one[np.newaxis]).scale_range_[0] for one in X]
    assert_array_equal(normalizer.scale_range_, [min(thresholds), max(thresholds)])
    assert_array_equal(normalizer.offset_range_, [0, 0])
    bright = np.array([[[0.0, 0.0, 1000.0, 1000.0]]])
    assert_allclose(normalizer.transform(bright)[0, 0, -1], 1000 / max(thresholds))
    assert_allclose(normalizer.transform(bright * 0 + 1)[0, 0, 0], 1 / min(thresholds))
    free = ImageNormalizer("otsu", clip=False).fit(X)
    assert not hasattr(free, "scale_range_")
    assert_allclose(free.transform(bright), bright / 500)
    assert_allclose(ImageNormalizer("otsu", clip=False).transform(bright), bright / 500)


@pytest.mark.parametrize("per", ["image", "training"])
@pytest.mark.parametrize("reference", ["otsu", "quantiles", "standardize"])
def test_region_of_interest_gives_references_of_other_pixels(per, reference):
    X = images().astype(float)
    roi = np.zeros(X.shape, bool)
    roi[:, :, 5:15] = True
    marked = np.where(roi, X, 999)
    step = ImageNormalizer(reference, per=per)
    expected = ImageNormalizer(reference, per=per).fit_transform(X[roi].reshape(4, 20, 10))
    assert_array_equal(step.fit_transform(marked, roi=roi)[:, :, 5:15], expected)
    assert_array_equal(step.fit_transform(marked, roi=roi[0])[:, :, 5:15], expected)
    assert_array_equal(step.fit_transform(list(marked), roi=list(roi))[1][:, 5:15], expected[1])
    assert_array_equal(step.fit(marked, roi=roi).transform(marked, roi=roi)[:, :, 5:15], expected)
    lazy = da.from_array(marked, chunks=(2, 7, 9))
    assert_array_equal(step.fit(lazy, roi=roi).transform(lazy, roi=roi[0])[:, :, 5:15], expected)
    missing = np.where(roi, X, np.nan)
    assert_array_equal(step.fit_transform(missing)[:, :, 5:15], expected)
    assert np.isnan(step.transform(missing)[~roi]).all()


@pytest.mark.parametrize("per", ["image", "training"])
@pytest.mark.parametrize("axis", [1, -1])
def test_channels_have_references_of_their_own(per, axis):
    X = np.moveaxis(np.stack([images(), images(seed=1) // 2, images(seed=2) + 9], -1), -1, axis)
    step = ImageNormalizer("otsu", per=per, channel_axis=axis)
    result = step.fit_transform(X)
    for channel in range(3):
        one = X.take(channel, axis=axis)
        alone = ImageNormalizer("otsu", per=per).fit(one)
        assert_array_equal(result.take(channel, axis=axis), alone.transform(one))
        assert_array_equal(step.scale_range_[:, channel], alone.scale_range_)
    roi = X.take(0, axis=axis) > 30
    assert step.fit_transform(X, roi=roi).shape == X.shape
    assert_array_equal(step.fit_transform(X, roi=roi[0]), step.fit_transform(X, roi=roi[[0] * 4]))
    lazy = da.from_array(X, chunks=2)
    assert_array_equal(step.fit(lazy).transform(lazy), result)


def test_weights_count_as_copies_and_zero_leaves_out():
    X = images()
    for per in ("image", "training"):
        step = ImageNormalizer("otsu", per=per).fit(X, sample_weight=[2, 0, 1, 0])
        copies = ImageNormalizer("otsu", per=per).fit(X[[0, 0, 2]])
        assert_array_equal(step.scale_range_, copies.scale_range_)


@pytest.mark.parametrize("reference", ["otsu", "multi_otsu", "quantiles", "standardize", "robust"])
def test_images_without_contrast_or_numbers_pass(reference):
    X = images().astype(float)
    odd = np.stack([np.zeros((4, 4)), np.full((4, 4), 7.0), np.full((4, 4), np.nan)])
    odd[2, 0, 0] = np.inf
    for step in (ImageNormalizer(reference).fit(X), ImageNormalizer(reference, clip=False)):
        result = step.transform(odd)
        assert np.isfinite(result[:2]).all()
        assert not np.isfinite(result[2]).any()
    if reference not in ("otsu", "multi_otsu"):
        assert np.isfinite(ImageNormalizer(reference).fit_transform(odd[:2])).all()


@pytest.mark.parametrize("reference", ["quantiles", "minmax", "robust", "standardize", "otsu"])
@pytest.mark.parametrize("per", ["image", "training"])
@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_sizes_far_beyond_float32_are_scaled(reference, per, size):
    X = np.random.default_rng(0).random((2, 12, 14))
    expected = ImageNormalizer(reference, per=per).fit_transform(X)
    result = ImageNormalizer(reference, per=per).fit_transform(X * size)
    assert_allclose(result, expected, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("reference", ["quantiles", "minmax", "robust", "standardize"])
def test_training_images_of_one_value_pass(reference):
    X = np.full((2, 3, 4), 7.0)
    for per in ("image", "training"):
        assert_array_equal(ImageNormalizer(reference, per=per).fit_transform(X), 0)


def test_method_without_a_threshold_is_named():
    with pytest.raises(
        ValueError, match="ImageNormalizer cannot find the reference of an image: .*mode"
    ):
        ImageNormalizer("intermodes").fit(np.array([[[0.0, 0.0, 1.0]]]))
    for per in ("image", "training"):
        with pytest.raises(ValueError, match="a positive threshold by 'otsu', got none"):
            ImageNormalizer("otsu", per=per).fit(np.zeros((2, 3, 3)))


def test_region_of_interest_is_routed_through_pipelines():
    X = images()
    roi = X > 30
    with config_context(enable_metadata_routing=True):
        step = ImageNormalizer("otsu").set_fit_request(roi=True).set_transform_request(roi=True)
        pipeline = make_pipeline(step, HistogramThresholdMasker().set_fit_request(roi=False))
        pipeline.fit(X, roi=roi)
        expected = pipeline[-1].transform(pipeline[0].transform(X, roi=roi))
        assert_array_equal(pipeline.transform(X, roi=roi), expected)


def test_dice_per_image_points_to_the_relative_threshold():
    with pytest.raises(ValueError, match=r"ImageNormalizer\('multi_otsu'\)"):
        HistogramThresholdMasker("dice", strategy="per_image").fit(images(), images() > 50)


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"reference": "dice"}, "ImageNormalizer expects reference to be one of .*, got 'dice'"),
        ({"reference": "multiotsu"}, "Did you mean 'multi_otsu'"),
        ({"quantiles": (0.9, 0.1)}, "expects quantiles to be two numbers, 0 <= low < high <= 1"),
        ({"quantiles": (0.5,)}, "expects quantiles"),
        ({"quantiles": ("a", "b")}, "expects quantiles"),
        ({"reference": "multi_otsu", "cut": 3}, "cut to be one of the 3 thresholds"),
        ({"reference": "multi_otsu", "cut": -4}, "cut to be one of the 3 thresholds"),
        ({"n_classes": 1}, "'n_classes' parameter"),
        ({"channel_axis": 3}, "channel_axis to be an axis"),
    ],
)
def test_bad_choices_are_refused(params, match):
    with pytest.raises(ValueError, match=match):
        ImageNormalizer(**params).fit(images())


def test_bad_training_images_are_refused():
    X = images()
    with pytest.raises(ValueError, match="a positive threshold by 'otsu', got none"):
        ImageNormalizer("otsu").fit(-1.0 * X)
    for per in ("image", "training"):
        with pytest.raises(ValueError, match="at least one finite pixel"):
            ImageNormalizer(per=per).fit(np.full((2, 3, 3), np.nan))
    with pytest.raises(ValueError, match="zero weights only"):
        ImageNormalizer().fit(X, sample_weight=np.zeros(4))


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "From each image its quantile 0.01 was subtracted and divided by the distance"),
        ({"reference": "robust", "per": "training"}, "the median was subtracted and divided"),
        (
            {"reference": "otsu"},
            r"divided by the threshold of each image by Otsu's method \(Otsu 1979",
        ),
        (
            {"reference": "multi_otsu"},
            "number 0 of those between 4 classes, with divisors kept within",
        ),
        ({"reference": "li", "per": "training"}, "the threshold of the training images by Li's"),
    ],
)
def test_words_name_the_reference(params, words):
    assert re.search(words, describe(ImageNormalizer(**params).fit(images())))


def test_another_scale_is_evened_out_unless_references_are_kept_in_range():
    X = images()
    y = X > 90
    others = [X.astype(np.uint16) * 257, X / 255]
    kept = make_pipeline(ImageNormalizer("otsu"), HistogramThresholdMasker("dice")).fit(X, y)
    for new in others:
        with pytest.warns(UserWarning, match="another scale.* or use clip=False and fit again"):
            masks = kept.transform(new)
        assert dice_score(y, masks) < 0.9
    free = kept.set_params(imagenormalizer__clip=False).fit(X, y)
    for new in others:
        assert_array_equal(free.transform(new), free.transform(X))
    # Training images of several scales are what it is for.
    ImageNormalizer("otsu").fit([X[0], others[0][1], others[1][2]])
