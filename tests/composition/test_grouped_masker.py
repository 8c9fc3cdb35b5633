from collections.abc import Sequence

import dask.array as da
import h5py
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    GaussianSmoother,
    GroupedMasker,
    HistogramThresholdMasker,
    MaskApplier,
    RangeMasker,
    ThresholdMasker,
    describe,
)
from skmask._images.selection import select
from skmask.datasets import make_masked_images
from skmask.metrics import MaskScorer, dice_score


@pytest.fixture
def scanned():
    """Spots scanned by two scanners, one brighter than the other by more than spots stand out."""
    spots = make_masked_images(12, (24, 32), noise=10.0, random_state=0)
    scanner = np.array(["old", "new", "new"] * 4)
    X = spots.images + 100.0 * (scanner == "new")[:, np.newaxis, np.newaxis]
    return X, spots.masks, scanner


def dice_masker(**params):
    return GroupedMasker(HistogramThresholdMasker("dice"), **params)


def alone(X, y, scanner, group):
    return HistogramThresholdMasker("dice").fit(X[scanner == group], y[scanner == group])


def test_each_group_has_the_masker_of_its_images(scanned):
    X, y, scanner = scanned
    masker = dice_masker().fit(X, y, groups=scanner)
    assert_array_equal(masker.groups_, ["new", "old"])
    for group, one in zip(masker.groups_, masker.maskers_, strict=True):
        assert one.threshold_ == alone(X, y, scanner, group).threshold_
    assert masker.masker_.threshold_ == HistogramThresholdMasker("dice").fit(X, y).threshold_
    masks = masker.transform(X, groups=scanner)
    for group in ("new", "old"):
        expected = alone(X, y, scanner, group).transform(X[scanner == group])
        assert_array_equal(masks[scanner == group], expected)
    assert dice_score(y, masks) > dice_score(y, masker.masker_.transform(X)) + 0.2
    assert_array_equal(dice_masker().fit_transform(X, y, groups=scanner), masks)


def test_other_groups_have_the_masker_of_all_images(scanned):
    X, y, scanner = scanned
    masker = dice_masker().fit(X, y, groups=scanner)
    expected = masker.transform(X, groups=scanner)
    expected[scanner == "new"] = masker.masker_.transform(X[scanner == "new"])
    renamed = np.where(scanner == "new", "newest", "old")
    assert_array_equal(masker.transform(X, groups=renamed), expected)
    with pytest.warns(
        UserWarning, match="fitted with groups and expects them in transform, got none"
    ):
        assert_array_equal(masker.transform(X), masker.masker_.transform(X))
    without = dice_masker().fit(X, y)
    assert without.groups_.size == len(without.maskers_) == 0
    assert_array_equal(without.transform(X), masker.masker_.transform(X))
    assert_array_equal(without.transform(X, groups=scanner), masker.masker_.transform(X))


@pytest.mark.parametrize("labels", [[1, 7], [True, False], [0.5, -2.0], [b"a", b"b"]], ids=str)
def test_labels_may_be_numbers(scanned, labels):
    X, y, scanner = scanned
    groups = np.where(scanner == "new", *labels)
    expected = dice_masker().fit_transform(X, y, groups=scanner)
    assert_array_equal(dice_masker().fit_transform(X, y, groups=groups.tolist()), expected)


@pytest.mark.parametrize("n_groups", [None, 2])
def test_containers_learn_and_give_the_same(scanned, tmp_path, n_groups):
    X, y, scanner = scanned
    groups = {} if n_groups else {"groups": scanner}
    expected = dice_masker(n_groups=n_groups).fit(X, y, **groups).transform(X, **groups)
    sizes = [image[: 24 - i % 3] for i, image in enumerate(X)]
    masks = [mask[: 24 - i % 3] for i, mask in enumerate(y)]
    by_list = dice_masker(n_groups=n_groups).fit(sizes, masks, **groups).transform(sizes, **groups)
    for one, whole in zip(by_list, expected, strict=True):
        assert (one == whole[: len(one)]).mean() > 0.98
    lazy = da.from_array(X, chunks=(5, 11, 13))
    by_chunks = dice_masker(n_groups=n_groups).fit(lazy, da.from_array(y), **groups)
    result = by_chunks.transform(lazy, **groups)
    assert isinstance(result, da.Array)
    assert_array_equal(result.compute(), expected)
    with h5py.File(tmp_path / "images.h5", "w") as file:
        stored = file.create_dataset("X", data=X, chunks=(5, 24, 32))
        labels = file.create_dataset("y", data=y)
        by_file = dice_masker(n_groups=n_groups).fit(stored, labels, **groups)
        assert_array_equal(by_file.transform(stored, **groups), expected)
    rows = X.reshape(12, -1)
    by_rows = dice_masker(n_groups=n_groups).fit(rows, y.reshape(12, -1), **groups)
    assert_array_equal(by_rows.transform(rows, **groups), expected.reshape(12, -1))


class Lazy(Sequence):
    """Images that are read one by one."""

    def __init__(self, images):
        self.images = images

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return Lazy(self.images[i]) if isinstance(i, slice) else self.images[i]


def test_sequences_are_read_image_by_image(scanned):
    X, y, scanner = scanned
    sizes = [image[: 24 - i % 3] for i, image in enumerate(X)]
    masks = [mask[: 24 - i % 3] for i, mask in enumerate(y)]
    expected = dice_masker().fit(sizes, masks, groups=scanner).transform(sizes, groups=scanner)
    masker = dice_masker().fit(Lazy(sizes), Lazy(masks), groups=scanner)
    for one, other in zip(masker.transform(Lazy(sizes), groups=scanner), expected, strict=True):
        assert_array_equal(one, other)
    part = select(Lazy(sizes), np.array([4, 1, 0]))[1:]
    assert len(part) == 2
    assert_array_equal(part[0], sizes[1])


def test_what_has_one_item_an_image_is_shared_out(scanned):
    X, y, scanner = scanned
    roi, weights = X > 60, np.arange(12.0)
    masker = dice_masker().fit(X, y, groups=scanner, roi=roi, sample_weight=weights)
    for group, one in zip(masker.groups_, masker.maskers_, strict=True):
        part = scanner == group
        expected = HistogramThresholdMasker("dice")
        expected.fit(X[part], y[part], roi=roi[part], sample_weight=weights[part])
        assert one.threshold_ == expected.threshold_
    square = X[:, :12, :12]  # as many rows as images
    masker = dice_masker().fit(square, y[:, :12, :12], groups=scanner, roi=roi[0, :12, :12])
    expected = HistogramThresholdMasker("dice")
    part = scanner == "new"
    expected.fit(square[part], y[part, :12, :12], roi=roi[0, :12, :12])
    assert masker.maskers_[0].threshold_ == expected.threshold_


def test_groups_are_routed_through_pipelines_and_searches(scanned):
    X, y, scanner = scanned
    with config_context(enable_metadata_routing=True):
        masker = dice_masker().set_fit_request(groups=True).set_transform_request(groups=True)
        pipeline = make_pipeline(GaussianSmoother(0.5), masker, BinaryDilator(radius=0))
        masks = pipeline.fit(X, y, groups=scanner).transform(X, groups=scanner)
        smooth = GaussianSmoother(0.5).transform(X)
        assert_array_equal(masks, dice_masker().fit_transform(smooth, y, groups=scanner))
        scorer = MaskScorer("dice").set_score_request(groups=True)
        grid = {"gaussiansmoother__sigma": [0, 0.5]}
        search = GridSearchCV(pipeline, grid, scoring=scorer, cv=3, error_score="raise")
        assert search.fit(X, y, groups=scanner).best_score_ > 0.9
        scores = cross_val_score(
            pipeline, X, y, cv=GroupKFold(2), scoring=scorer, params={"groups": scanner}
        )
        assert len(scores) == 2
        weighed = GroupedMasker(HistogramThresholdMasker().set_fit_request(sample_weight=True))
        weighed.fit(X, groups=scanner, sample_weight=np.ones(12))
        with pytest.raises(TypeError, match="unexpected"):
            weighed.fit(X, groups=scanner, color=3)


def test_scorer_without_routing_leaves_groups_to_the_metric(scanned):
    X, y, scanner = scanned
    plain = HistogramThresholdMasker("dice").fit(X, y)
    assert 0 < MaskScorer("dice")(plain, X, y, groups=scanner) < 1


def test_images_are_clustered_by_their_gray_values(scanned):
    X, y, scanner = scanned
    masker = dice_masker(n_groups=2).fit(X, y)
    assert_array_equal(masker.groups_, [0, 1])
    assert masker.quantiles_[0].mean() < masker.quantiles_[1].mean()
    expected = dice_masker().fit(X, y, groups=scanner)
    assert_array_equal(masker.transform(X), expected.transform(X, groups=scanner))
    empty = np.where(np.arange(12)[:, np.newaxis, np.newaxis] > 0, X, np.nan)
    assert not masker.transform(empty)[0].any()
    assert_array_equal(masker.fit(empty, y).transform(empty)[1:], masker.transform(X)[1:])


def test_clusters_of_the_largest_floats_are_finite():
    X = np.stack([np.full((4, 4), value) for value in (1.0, 1e300, 2.0)])
    masker = GroupedMasker(ThresholdMasker(1.5), n_groups=2).fit(X)
    assert np.isfinite(masker.quantiles_).all()
    assert_array_equal(masker.transform(X), X > 1.5)


def test_channels_take_part_in_clusters_and_masks_lack_them(scanned):
    X, _, scanner = scanned
    colors = np.stack([X, np.zeros_like(X)], axis=-1)
    inner = RangeMasker([150, -1], [np.inf, 1], channel_axis=-1)
    for groups, n_groups in ((scanner, None), (None, 2)):
        masker = GroupedMasker(inner, n_groups=n_groups, channel_axis=-1)
        masks = masker.fit_transform(colors, groups=groups)
        assert_array_equal(masks, X >= 150)
        lazy = da.from_array(colors, chunks=(4, 20, 20, 1))
        masker = GroupedMasker(inner, n_groups=n_groups, channel_axis=-1)
        assert_array_equal(masker.fit_transform(lazy, groups=groups).compute(), X >= 150)


def test_masker_works_inside_others_and_with_operators(scanned):
    X, y, _ = scanned
    masker = dice_masker(n_groups=2)
    masks = masker.fit(X, y).transform(X)
    assert_array_equal(
        MaskApplier(dice_masker(n_groups=2)).fit(X, y).transform(X), np.where(masks, X, 0)
    )
    assert_array_equal((~dice_masker(n_groups=2)).fit(X, y).transform(X), ~masks)


@pytest.mark.parametrize(
    ("params", "groups", "match"),
    [
        ({}, ["a"] * 5, "one label, a string or a number, for each of 12 images"),
        ({}, np.ones((12, 2)), r"an array of shape \(12, 2\)"),
        ({}, [None] * 12, "dtype object. Use np.array"),
        ({"n_groups": 2}, ["a"] * 12, "either groups or n_groups, got groups with n_groups=2"),
        ({"n_groups": 13}, None, "at least n_groups=13 images that differ, got 12"),
        ({"n_groups": 0}, None, "'n_groups' parameter of GroupedMasker"),
    ],
)
def test_bad_groups_are_refused(scanned, params, groups, match):
    X, y, _ = scanned
    with pytest.raises(ValueError, match=match):
        dice_masker(**params).fit(X, y, groups=groups)
    with pytest.raises(ValueError, match=match):
        dice_masker(**params).fit_transform(X, y, groups=groups)


def test_what_makes_no_masks_is_refused(scanned):
    X, _, scanner = scanned
    masker = GroupedMasker(GaussianSmoother()).fit(X, groups=scanner)
    with pytest.raises(
        ValueError, match="expects its masker to make masks of shape .* dtype float32"
    ):
        masker.transform(X, groups=scanner)


def test_unfitted_masker_serves_where_nothing_is_learned(scanned):
    X, _, scanner = scanned
    masker = GroupedMasker(ThresholdMasker(100))
    assert_array_equal(masker.transform(X, groups=scanner), X > 100)


def test_words_name_groups_and_thresholds(scanned):
    X, y, scanner = scanned
    text = describe(dice_masker().fit(X, y, groups=scanner))
    assert text.startswith(
        "Masks were made by groups of images. Group new: Pixels above a threshold of"
    )
    assert "Group old: Pixels above" in text
    assert "Other images: Pixels above" in text
    assert "clustered by their quantiles" in describe(dice_masker(n_groups=2).fit(X, y))


def test_groups_are_columns_of_pandas(scanned):
    X, y, scanner = scanned
    expected = dice_masker().fit(X, y, groups=scanner)
    column = pd.Series(scanner.tolist(), index=range(12, 0, -1))
    for groups in (
        column,
        column.astype("category"),
        column.astype("string"),
        column.astype(object),
    ):
        masker = dice_masker().fit(X, y, groups=groups)
        assert masker.groups_.tolist() == expected.groups_.tolist()
        assert_array_equal(
            masker.transform(X, groups=groups), expected.transform(X, groups=scanner)
        )
