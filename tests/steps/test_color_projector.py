import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from skmask import ColorConverter, ColorProjector, HistogramThresholdMasker, describe
from skmask.metrics import dice_score, dice_scorer


def images(n_images=4, seed=0):
    """Squares that differ from the background by their color, not by their brightness."""
    rng = np.random.default_rng(seed)
    masks = np.zeros((n_images, 30, 34), bool)
    for mask in masks:
        row, column = rng.integers(2, 14, 2)
        mask[row : row + 12, column : column + 14] = True
    light = rng.uniform(80, 160, (*masks.shape, 1))
    tint = np.where(masks[..., np.newaxis], [1.3, 0.9, 1.0], [0.9, 1.05, 1.1])
    return (light * tint + rng.normal(0, 4, (*masks.shape, 3))).clip(0, 255).astype(np.uint8), masks


def test_projected_colors_are_separated_by_one_threshold():
    X, y = images(8)
    colors = make_pipeline(ColorProjector(channel_axis=-1), HistogramThresholdMasker("dice"))
    gray = make_pipeline(ColorConverter(channel_axis=-1), HistogramThresholdMasker("dice"))
    scores = [dice_score(y[4:], one.fit(X[:4], y[:4]).transform(X[4:])) for one in (colors, gray)]
    assert scores[0] > 0.95
    assert scores[1] < 0.6


@pytest.mark.parametrize("degree", [1, 2])
def test_exact_discriminant_is_that_of_scikit_learn(degree):
    X, y = images()
    projector = ColorProjector("lda", degree=degree, channel_axis=-1).fit(X, y)
    terms = PolynomialFeatures(degree, include_bias=False).fit_transform(X.reshape(-1, 3) / 255)
    lda = LinearDiscriminantAnalysis().fit(terms, y.ravel())
    expected = lda.decision_function(terms)
    assert_allclose(projector.transform(X).ravel(), expected, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("degree", [1, 2])
def test_logistic_regression_from_all_pixels_is_that_of_scikit_learn(degree):
    X, y = images()
    projector = ColorProjector(degree=degree, n_pixels=10**6, channel_axis=-1).fit(X, y)
    terms = PolynomialFeatures(degree, include_bias=False).fit_transform(
        X.reshape(-1, 3).astype(float)
    )
    terms = (terms - terms.mean(axis=0)) / terms.std(axis=0)
    expected = LogisticRegression(max_iter=1000).fit(terms, y.ravel()).decision_function(terms)
    assert_allclose(projector.transform(X).ravel(), expected, rtol=0.01, atol=0.02)


def test_few_pixels_stand_for_all():
    X, y = images()
    y &= np.arange(30)[:, np.newaxis] < 8  # little foreground
    few, all_pixels = (
        ColorProjector(n_pixels=n_pixels, channel_axis=-1).fit(X, y).transform(X)
        for n_pixels in (300, 10**6)
    )
    assert np.corrcoef(few.ravel(), all_pixels.ravel())[0, 1] > 0.98
    assert abs((few > 0).mean() - (all_pixels > 0).mean()) < 0.02


@pytest.mark.parametrize(
    "estimator", [None, "lda", RidgeClassifier(), LinearDiscriminantAnalysis()]
)
@pytest.mark.parametrize("options", [{}, {"degree": 2}, {"white_quantile": 0.98}])
def test_containers_learn_and_give_the_same(estimator, options):
    X, y = images()
    projector = ColorProjector(estimator, channel_axis=-1, **options).fit(X, y)
    expected = projector.transform(X)
    assert expected.dtype == np.float32
    assert expected.shape == y.shape
    as_list = ColorProjector(estimator, channel_axis=-1, **options).fit(list(X), list(y))
    assert_allclose(np.stack(as_list.transform(list(X))), expected, rtol=1e-4, atol=1e-4)
    lazy = da.from_array(X, chunks=(1, 11, 20, 2))
    by_chunks = ColorProjector(estimator, channel_axis=-1, **options).fit(lazy, y)
    assert_allclose(by_chunks.transform(lazy).compute(), expected, rtol=1e-4, atol=1e-4)
    first = ColorProjector(estimator, channel_axis=1, **options).fit(np.moveaxis(X, -1, 1), y)
    assert_allclose(first.transform(np.moveaxis(X, -1, 1)), expected, rtol=1e-4, atol=1e-4)
    assert_array_equal(projector.transform(X[1:2])[0], expected[1])


@pytest.mark.parametrize("estimator", [None, "lda"])
def test_region_of_interest_missing_pixels_and_weights_choose_what_is_learned_from(estimator):
    X, y = images()
    roi = np.zeros(y.shape, bool)
    roi[:, :, 4:] = True
    marked = np.where(roi[..., np.newaxis], X, 0)
    expected = ColorProjector(estimator, channel_axis=-1).fit(X[:, :, 4:], y[:, :, 4:])
    for given in (roi, roi[0]):
        projector = ColorProjector(estimator, channel_axis=-1).fit(marked, y, roi=given)
        assert_allclose(projector.coef_, expected.coef_, rtol=1e-4)
    missing = np.where(roi[..., np.newaxis], X, np.nan)
    projector = ColorProjector(estimator, channel_axis=-1).fit(missing, y)
    assert_allclose(projector.coef_, expected.coef_, rtol=1e-4)
    assert_array_equal(np.isnan(projector.transform(missing)), ~roi)
    weighed = ColorProjector(estimator, channel_axis=-1).fit(X, y, sample_weight=[2, 0, 1, 0])
    copies = ColorProjector(estimator, channel_axis=-1).fit(X[[0, 0, 2]], y[[0, 0, 2]])
    assert_allclose(weighed.coef_, copies.coef_, rtol=0.02)


def test_white_balance_takes_the_color_of_the_light_out():
    X, y = images(8)
    light = np.random.default_rng(0).uniform(0.5, 1, (8, 1, 1, 3))
    tinted = X * light
    score = {}
    for quantile in (None, 0.98):
        pipeline = make_pipeline(
            ColorProjector(white_quantile=quantile, channel_axis=-1),
            HistogramThresholdMasker("dice"),
        )
        score[quantile] = dice_score(y[4:], pipeline.fit(tinted[:4], y[:4]).transform(tinted[4:]))
    assert score[0.98] > score[None] + 0.05


def test_grid_search_tunes_degree_and_balance():
    X, y = images(6)
    pipeline = make_pipeline(ColorProjector(channel_axis=-1), HistogramThresholdMasker("dice"))
    grid = {"colorprojector__degree": [1, 2], "colorprojector__white_quantile": [None, 0.98]}
    search = GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=3).fit(X, y)
    assert search.best_score_ > 0.95


@pytest.mark.parametrize(
    ("params", "given", "error", "match"),
    [
        ({}, {"y": None}, ValueError, "expects y to be labeled masks, got None"),
        ({}, {"y": np.ones((4, 30, 34))}, ValueError, "got no background among"),
        ({"estimator": "lda"}, {"y": np.zeros((4, 30, 34))}, ValueError, "got no foreground among"),
        ({}, {"y": np.arange(4)}, ValueError, "got one value an image"),
        ({}, {"y": np.ones((4, 30, 33))}, ValueError, "expects y of shape"),
        ({"estimator": RandomForestClassifier(3)}, {}, TypeError, "expects a linear classifier"),
        ({"degree": 3}, {}, ValueError, "'degree' parameter of ColorProjector"),
        ({"white_quantile": 0}, {}, ValueError, "'white_quantile' parameter"),
        ({"channel_axis": 4}, {}, ValueError, "channel_axis to be an axis"),
    ],
)
def test_bad_choices_are_refused(params, given, error, match):
    X, y = images()
    projector = ColorProjector(**{"channel_axis": -1, **params})
    with pytest.raises(error, match=match):
        projector.fit(X, **{"y": y, **given})


def test_other_channels_than_in_fit_are_refused():
    X, y = images()
    projector = ColorProjector(channel_axis=-1).fit(X, y)
    with pytest.raises(ValueError, match="expects 3 channels on axis -1, as in fit, got 2"):
        projector.transform(X[..., :2])
    with pytest.raises(ValueError, match=r"one number of channels, got \[2, 3\]"):
        ColorProjector(channel_axis=-1).fit([X[0], X[1, ..., :2]], list(y[:2]))


@pytest.mark.parametrize("estimator", [None, "lda"])
@pytest.mark.parametrize("quantile", [None, 0.9])
def test_pixels_beyond_float32_are_not_learned_from(estimator, quantile):
    X, y = images()
    huge = X.astype(float)
    huge[0, 0] = 1e200
    projector = ColorProjector(estimator, white_quantile=quantile, channel_axis=-1).fit(huge, y)
    assert np.isfinite(projector.transform(huge)[0, 1:]).all()
    match = r"at most 3.4e\+38 in magnitude, got 1e\+200, and no background .* such as 1e\+200"
    with pytest.raises(ValueError, match=match):
        ColorProjector(estimator, channel_axis=-1).fit(huge[:1, :1], y[:1, :1])


@pytest.mark.parametrize("estimator", [None, "lda"])
@pytest.mark.parametrize("quantile", [None, 0.9])
@pytest.mark.parametrize("dtype", [np.int32, np.float64])
def test_pixels_far_from_zero_keep_their_contrast(estimator, quantile, dtype):
    X, y = images()
    projector = ColorProjector(estimator, white_quantile=quantile, channel_axis=-1)
    expected = projector.fit(X, y).transform(X) > 0
    far = X.astype(dtype) + dtype(10**9)
    found = projector.fit(far, y).transform(far) > 0
    # The balance of colors differs, as quantiles do.
    assert (found == y).mean() > (expected == y).mean() - 0.02


def test_words_name_the_weights():
    X, y = images()
    projector = ColorProjector(degree=2, white_quantile=0.98, channel_axis=-1).fit(X, y)
    text = describe(projector)
    assert "c0*c1" in text
    assert "each channel divided by its quantile 0.98" in text
    assert "learned by logistic regression from labeled masks" in text
    assert "RidgeClassifier" in describe(
        ColorProjector(RidgeClassifier(), channel_axis=-1).fit(X, y)
    )
