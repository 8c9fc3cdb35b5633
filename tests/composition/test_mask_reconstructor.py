import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryEroder,
    HistogramThresholdMasker,
    MaskReconstructor,
    RangeMasker,
    ThresholdMasker,
)
from skmask.metrics import dice_scorer
from skmask.morphology import reconstruct

X = (np.random.default_rng(0).random((3, 30, 41)) * 255).astype(np.uint8)
SEEDS, LIMIT = ThresholdMasker(240), ThresholdMasker(90)


@pytest.mark.parametrize(("footprint", "connectivity"), [("diamond", 1), ("square", 2)])
def test_regions_with_a_seed_come_back_whole(footprint, connectivity):
    masks = MaskReconstructor(SEEDS, LIMIT, footprint=footprint).fit_transform(X)
    structure = ndimage.generate_binary_structure(2, connectivity)
    for mask, image in zip(masks, X, strict=True):
        expected = ndimage.binary_propagation(image > 240, structure, mask=image > 90)
        assert_array_equal(mask, expected)


def test_steps_are_scipys_dilation_within_a_mask():
    masks = MaskReconstructor(SEEDS, LIMIT, footprint="disk", radius=1.5, iterations=3).transform(X)
    for mask, image in zip(masks, X, strict=True):
        expected = image > 240
        for _ in range(3):
            expected = ndimage.binary_dilation(expected, np.ones((3, 3))) & (image > 90)
        assert_array_equal(mask, expected)


def test_seeds_outside_of_the_limit_are_left_out():
    image = np.array([[[250, 100, 100]]])
    masker = MaskReconstructor(SEEDS, RangeMasker(90, 200))
    assert not masker.transform(image).any()


def test_no_steps_leave_the_seeds_within_the_limit():
    masks = MaskReconstructor(SEEDS, LIMIT, iterations=0).transform(X)
    assert_array_equal(masks, X > 240)


def test_rows_give_what_images_give_with_their_shape():
    rows = X.reshape(3, -1)
    masker = MaskReconstructor(SEEDS, LIMIT)
    flat = clone(masker).set_params(image_shape=X.shape[1:])
    assert_array_equal(flat.fit_transform(rows), masker.fit_transform(X).reshape(3, -1))
    with pytest.warns(UserWarning, match="image_shape"):
        masker.transform(rows)


def test_maskers_are_fitted_searched_and_frozen_as_in_other_estimators():
    y = MaskReconstructor(SEEDS, LIMIT).transform(X)
    limit = HistogramThresholdMasker("dice")
    masker = MaskReconstructor(make_pipeline(limit, BinaryEroder()), limit).fit(X, y)
    assert masker.seeds_[0].threshold_ == masker.limit_.threshold_
    assert not hasattr(limit, "threshold_")
    frozen = MaskReconstructor(SEEDS, FrozenEstimator(masker.limit_))
    assert frozen.fit(X).limit_.threshold_ == masker.limit_.threshold_
    grid = {"seeds__threshold": [100, 240], "limit__threshold": [90, 150]}
    search = GridSearchCV(
        MaskReconstructor(SEEDS, LIMIT), grid, scoring=dice_scorer, cv=3, error_score="raise"
    )
    assert search.fit(X, y).best_params_ == {"limit__threshold": 90, "seeds__threshold": 240}


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"footprint": "star"}, "MaskReconstructor expects footprint to be one of"),
        ({"footprint": np.ones((2, 2), bool)}, "odd"),
        ({"radius": -1}, "'radius' parameter of MaskReconstructor must be"),
        ({"iterations": -1}, "'iterations' parameter of MaskReconstructor must be"),
    ],
)
def test_bad_parameters_are_refused(params, match):
    masker = MaskReconstructor(**{"seeds": SEEDS, "limit": LIMIT, **params})
    with pytest.raises(ValueError, match=match):
        masker.fit(X).transform(X)


@pytest.mark.parametrize("axis", [1, -1])
def test_masks_lack_the_axis_of_channels(axis):
    colors = np.random.default_rng(0).integers(0, 100, (3, 2, 20, 21))
    seeds, limit = (
        RangeMasker(bound, inclusive="neither", channel_axis=axis) for bound in (75, 30)
    )
    masker = MaskReconstructor(seeds, limit, footprint="square", channel_axis=axis)
    masks = masker.fit_transform(np.moveaxis(colors, 1, axis))
    for mask, image in zip(masks, colors, strict=True):
        sure, faint = (image > 75).all(axis=0), (image > 30).all(axis=0)
        assert_array_equal(mask, ndimage.binary_propagation(sure, np.ones((3, 3)), mask=faint))
    assert (masker & seeds).channel_axis == axis


@pytest.mark.parametrize("border", ["ignore", "background", "foreground"])
@pytest.mark.parametrize("spacing", [None, (1.0, 2.0), 0.5])
@pytest.mark.parametrize("iterations", [None, 2])
def test_border_and_spacing_are_those_of_the_function(border, spacing, iterations):
    X = np.random.default_rng(1).integers(0, 100, (4, 13, 17))
    given = {"radius": 2, "border": border, "spacing": spacing, "iterations": iterations}
    masker = MaskReconstructor(ThresholdMasker(95), ThresholdMasker(50), **given)
    expected = reconstruct(X > 95, X > 50, axes=(1, 2), **given)
    assert_array_equal(masker.transform(X), expected)
    assert_array_equal(masker.transform(da.from_array(X, chunks=(2, 6, 7))), expected)
