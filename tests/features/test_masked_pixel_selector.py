import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmask import (
    BinaryDilator,
    FixedMasker,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskedPixelSelector,
    RangeMasker,
    ThresholdMasker,
)

IMAGES = np.random.default_rng(0).integers(0, 100, (5, 6, 7))
IMAGES[:, 0] = 0
IMAGES[:, 1, 1:4] = 90
BRIGHT = ThresholdMasker(60)
VOTES = (IMAGES > 60).sum(axis=0)
COMBINED = {"union": VOTES > 0, "intersection": VOTES == 5, "majority": VOTES > 2.5}
EACH_COMBINE = pytest.mark.parametrize("combine", COMBINED)


@EACH_COMBINE
@pytest.mark.parametrize("container", [np.asarray, list, lambda X: [*X[:2].astype(float), *X[2:]]])
def test_one_mask_is_learned_from_all_training_images(combine, container):
    X = container(IMAGES)
    selector = MaskedPixelSelector(BRIGHT, combine=combine).fit(X)
    assert_array_equal(selector.mask_, COMBINED[combine])
    assert_array_equal(selector.transform(X), IMAGES[:, COMBINED[combine]])
    # The mask stays that of the training images, whatever comes later.
    assert_array_equal(selector.transform(IMAGES + 90), IMAGES[:, COMBINED[combine]] + 90)


def test_majority_of_an_even_number_is_more_than_half():
    X = np.array([[[9, 9, 9]], [[9, 9, 0]], [[9, 0, 0]], [[9, 0, 0]]])
    selector = MaskedPixelSelector(ThresholdMasker(5), combine="majority").fit(X)
    assert selector.mask_.tolist() == [[True, False, False]]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.float32, ">f8"])
def test_features_keep_the_dtype_and_are_contiguous(dtype):
    X = np.asfortranarray(IMAGES.astype(dtype))
    selector = MaskedPixelSelector(FixedMasker(COMBINED["majority"])).fit(X)
    features = selector.transform(X)
    assert features.dtype == X.dtype
    assert features.flags.c_contiguous
    assert_array_equal(features, X[:, COMBINED["majority"]])


def test_support_tells_which_pixels_are_selected():
    selector = MaskedPixelSelector(BRIGHT, combine="intersection").fit(IMAGES)
    mask = COMBINED["intersection"]
    assert_array_equal(selector.get_support(), mask.ravel())
    assert_array_equal(selector.get_support(indices=True), np.flatnonzero(mask))
    assert_array_equal(
        selector.get_feature_names_out(), [f"pixel_{r}_{c}" for r, c in np.argwhere(mask)]
    )


@EACH_COMBINE
def test_flat_rows_give_what_images_give(combine):
    rows = IMAGES.reshape(5, -1)
    from_rows = MaskedPixelSelector(BRIGHT, combine=combine).fit(rows)
    from_images = MaskedPixelSelector(BRIGHT, combine=combine).fit(IMAGES)
    features = from_images.transform(IMAGES)
    assert_array_equal(from_rows.transform(rows), features)
    assert_array_equal(from_rows.get_support(), from_images.get_support())
    assert_array_equal(
        from_rows.inverse_transform(features),
        from_images.inverse_transform(features).reshape(5, -1),
    )
    support = from_rows.get_support(indices=True)
    assert from_rows.get_feature_names_out().tolist() == [f"x{i}" for i in support]
    frame = pd.DataFrame(rows, columns=[f"p{i}" for i in range(42)])
    names = from_rows.fit(frame).get_feature_names_out()
    assert names.tolist() == [f"p{i}" for i in support]


# Back to images


@pytest.mark.parametrize("fill_value", [0, 5, -1])
def test_inverse_puts_features_back(fill_value):
    selector = MaskedPixelSelector(BRIGHT, fill_value=fill_value).fit(IMAGES)
    expected = np.where(selector.mask_, IMAGES, fill_value)
    back = selector.inverse_transform(selector.transform(IMAGES))
    assert back.dtype == IMAGES.dtype
    assert_array_equal(back, expected)
    assert_array_equal(selector.inverse_transform(selector.transform(IMAGES)[0]), expected[0])
    assert_array_equal(selector.transform(back), selector.transform(IMAGES))


def test_fill_value_has_to_fit():
    selector = MaskedPixelSelector(BRIGHT, fill_value=np.nan).fit(IMAGES)
    features = selector.transform(IMAGES)
    with pytest.raises(
        ValueError, match="MaskedPixelSelector expects a fill_value that int64 can hold"
    ):
        selector.inverse_transform(features)
    back = selector.inverse_transform(features.astype(float))
    assert_array_equal(np.isnan(back), np.broadcast_to(~selector.mask_, IMAGES.shape))


@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 2, 2), (5, 6, 7)])
def test_inverse_refuses_other_numbers_of_features(shape):
    selector = MaskedPixelSelector(BRIGHT).fit(IMAGES)
    n_selected = selector.mask_.sum()
    with pytest.raises(
        ValueError, match=f"expects rows of {n_selected} features, got an array of shape"
    ):
        selector.inverse_transform(np.zeros(shape))


def test_inverse_works_through_pca_selection_and_coefficients(disks):
    images, masks = disks
    y = np.arange(len(images)) % 2
    selector = MaskedPixelSelector(HistogramThresholdMasker())
    pca = make_pipeline(selector, StandardScaler(), PCA(n_components=8)).fit(images)
    back = pca.inverse_transform(pca.transform(images))
    mask = pca[0].mask_
    assert_allclose(back[:, mask], images[:, mask], atol=1e-9)
    assert not back[:, ~mask].any()

    best = make_pipeline(selector, SelectKBest(k=10), LogisticRegression(max_iter=2000)).fit(
        images, y
    )
    coefficients = best[:-1].inverse_transform(best[-1].coef_)
    assert coefficients.shape == (1, *images.shape[1:])
    assert np.count_nonzero(coefficients) == 10
    chosen = best[0].inverse_transform(best[1].get_support())
    assert chosen.dtype == bool
    assert_array_equal(chosen, coefficients[0] != 0)
    # The image of coefficients, laid over an image, is the decision.
    decision = (images * coefficients).sum(axis=(1, 2)) + best[-1].intercept_
    assert_allclose(decision, best.decision_function(images), atol=1e-6)


# DataFrames


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_stacks_become_dataframes_where_the_selector_is_last(container, disks):
    images, _ = disks
    masker = make_pipeline(HistogramThresholdMasker(), BinaryDilator())
    pipeline = make_pipeline(MaskedPixelSelector(masker))
    expected = pipeline.fit_transform(images)
    with config_context(transform_output=container):
        frame = pipeline.fit_transform(images)
    assert type(frame).__module__.startswith(container)
    assert list(frame.columns) == pipeline.get_feature_names_out().tolist()
    assert_array_equal(frame.to_numpy(), expected)
    frame = make_pipeline(MaskedPixelSelector(masker), StandardScaler()).set_output(
        transform=container
    )
    assert list(frame.fit_transform(images).columns) == pipeline.get_feature_names_out().tolist()


# Channels


@pytest.mark.parametrize("axis", [-1, 1])
def test_all_channels_of_a_pixel_are_selected(axis):
    X = np.moveaxis(np.random.default_rng(1).integers(0, 100, (4, 5, 6, 3)), -1, axis)
    masker = RangeMasker([80, 0, 0], channel_axis=axis)
    selector = MaskedPixelSelector(masker, channel_axis=axis).fit(X)
    expected = np.moveaxis(X, axis, -1)[..., 0].max(axis=0) >= 80
    assert_array_equal(selector.mask_, np.stack([expected] * 3, axis=-1 if axis == -1 else 0))
    features = selector.transform(X)
    assert features.shape == (4, 3 * expected.sum())
    assert_array_equal(selector.transform(selector.inverse_transform(features)), features)
    assert selector.get_feature_names_out()[0].count("_") == 3


# Bad input


@EACH_COMBINE
def test_mask_without_a_pixel_is_refused(combine):
    with pytest.raises(
        ValueError, match=f"some pixel to select, got an empty {combine} of the masks of 5"
    ):
        MaskedPixelSelector(ThresholdMasker(1000), combine=combine).fit(IMAGES)


def test_images_of_another_shape_are_refused():
    with pytest.raises(
        ValueError, match=r"shape seen in fit, \(6, 7\), got images of shape \(5, 7\)"
    ):
        MaskedPixelSelector(BRIGHT).fit([IMAGES[0], IMAGES[1, :5]])
    selector = MaskedPixelSelector(BRIGHT).fit(IMAGES)
    with pytest.raises(
        ValueError, match="MaskedPixelSelector expects images of the shape seen in fit"
    ):
        selector.transform(IMAGES[:, :5])


def test_fit_is_required():
    selector = MaskedPixelSelector(BRIGHT)
    for call in (
        lambda: selector.transform(IMAGES),
        lambda: selector.inverse_transform([1.0]),
        selector.get_support,
        selector.get_feature_names_out,
    ):
        with pytest.raises(NotFittedError):
            call()


def test_way_to_combine_is_checked():
    with pytest.raises(ValueError, match="'combine' parameter of MaskedPixelSelector"):
        MaskedPixelSelector(BRIGHT, combine="all").fit(IMAGES)


# Whole ways


def test_selector_is_tuned_and_validated(disks):
    images, _ = disks
    y = np.arange(len(images)) % 2
    images = images + 40 * y[:, np.newaxis, np.newaxis].astype(np.uint8)
    pipeline = make_pipeline(
        MaskedPixelSelector(ThresholdMasker(100)), StandardScaler(), LogisticRegression()
    )
    assert cross_val_score(pipeline, images, y, cv=2).min() > 0.9
    grid = {
        "maskedpixelselector__combine": ["union", "majority"],
        "maskedpixelselector__masker__threshold": [50, 100],
    }
    assert GridSearchCV(pipeline, grid, cv=2).fit(images, y).best_score_ > 0.9


def test_saved_selectors_give_the_same(tmp_path):
    selector = MaskedPixelSelector(BRIGHT & FixedMasker(IMAGES[0] > 10)).fit(IMAGES)
    joblib.dump(selector, tmp_path / "selector.joblib")
    data = skops.io.dumps(selector)
    trusted = skops.io.get_untrusted_types(data=data)
    assert all(name.startswith("skmask.") for name in trusted)
    for loaded in (
        joblib.load(tmp_path / "selector.joblib"),
        skops.io.loads(data, trusted=trusted),
    ):
        assert_array_equal(loaded.transform(IMAGES), selector.transform(IMAGES))
        assert_array_equal(loaded.get_feature_names_out(), selector.get_feature_names_out())


def test_refused_fit_changes_nothing():
    X, empty = np.array([[[0, 7, 8], [0, 9, 1]]]), np.zeros((2, 6, 7))
    selector = MaskedPixelSelector(ThresholdMasker(5))
    with pytest.raises(ValueError, match="got an empty union"):
        selector.fit(empty)
    with pytest.raises(NotFittedError):
        selector.transform(empty)
    masker = selector.fit(X).masker_
    with pytest.raises(ValueError, match="got an empty union"):
        selector.fit(empty)
    assert selector.masker_ is masker
    with pytest.raises(ValueError, match=r"shape seen in fit, \(2, 3\)"):
        selector.transform(empty)
    assert_array_equal(selector.transform(X), [[7, 8, 9]])


@pytest.mark.parametrize("estimator", [MaskedPixelSelector(ThresholdMasker(1)), ImageFlattener()])
def test_columns_in_another_order_are_refused(estimator):
    images = np.arange(12.0).reshape(2, 2, 3)
    features = estimator.fit_transform(images)
    table = pd.DataFrame(features, columns=estimator.get_feature_names_out())
    back = estimator.inverse_transform(table)
    assert_array_equal(estimator.transform(back), features)
    with pytest.raises(ValueError, match="columns in the order of get_feature_names_out"):
        estimator.inverse_transform(table.iloc[:, ::-1])
