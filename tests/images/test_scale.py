"""Images of another scale than those of training are warned of, and nothing else is."""

import pickle
import warnings

import dask.array as da
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    MaskApplier,
    ThresholdMasker,
)

H = HistogramThresholdMasker
X = np.random.default_rng(0).integers(0, 256, (12, 9, 11)).astype(np.uint8)
SCALE = "which is another scale"


@pytest.mark.parametrize(
    "masker", [H(), HistogramRangeMasker(), MaskApplier(H() | ThresholdMasker(9))]
)
@pytest.mark.parametrize(
    "other",
    [X / 255, X.astype(np.uint16) * 257, X.astype(np.float32) * 257, list(X / 255)],
    ids=type,
)
def test_another_scale_is_warned_of_with_both_and_the_fix(masker, other):
    masker.fit(X)
    match = r"learned from images of uint8 from 0 to 255, got images of \w+ from .*Bring all images to one"
    for one in (masker, pickle.loads(pickle.dumps(masker))):
        with pytest.warns(UserWarning, match=match) as caught:
            one.transform(other)
        assert {warning.filename for warning in caught} == {__file__}


def test_factor_that_is_named_brings_images_to_the_scale():
    with pytest.warns(UserWarning, match=SCALE) as caught:
        H().fit(X).transform(X / 255)
    factor = str(caught[0].message).partition("X * ")[2].partition(", or")[0]
    assert np.allclose(X / 255 * eval(factor), X)


@pytest.mark.parametrize(
    "other",
    [X, X.astype(np.uint16), X.astype(float), X.astype(np.float32) / 3, X * 0, -X.astype(int)],
    ids=lambda other: f"{other.dtype}-{other.max()}",
)  # fmt: skip
def test_the_same_scale_is_not_warned_of(other):
    H().fit(X).transform(other)


def test_dtype_alone_of_a_dask_array_is_compared():
    lazy, masker = da.from_array(X), H().fit(X)
    with pytest.warns(
        UserWarning, match=r"uint8 from 0 to 255, got a dask array of float64"
    ) as caught:
        masker.transform(lazy / 255)
    factor = str(caught[0].message).partition("X * ")[2].partition(", use")[0]
    assert np.allclose(X / 255 * eval(factor), X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        masker.transform(lazy)
        masker.transform(lazy.astype(float).astype("uint8"))
        H().fit(X / 255).transform(lazy.astype(np.float32) / 255)


@pytest.mark.parametrize("first_is_bright", [False, True])
def test_merged_maskers_know_the_scales_of_both(first_is_bright):
    bright = X.astype(np.uint16) * 2
    parts = [H().fit(X), H().fit(bright)]
    if first_is_bright:
        parts.reverse()
    merged = parts[0].merge(parts[1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        merged.transform(da.from_array(X))
        merged.transform(da.from_array(bright))
    with pytest.warns(UserWarning, match=r"from 0 to 510 and uint\d+ from 0 to 510, got images of"):
        merged.transform(X / 255)


def test_values_are_not_looked_at_where_the_dtype_is_the_same(monkeypatch):
    masker = H().fit(X)
    monkeypatch.setattr("skmask._images.scale._limits", None)
    masker.transform(X)
    masker.transform(da.from_array(X))  # nor are they computed
    ThresholdMasker(3).fit(X).transform(X / 255)


def test_nan_and_infinities_have_no_scale():
    odd = X.astype(float)
    odd[0, 0] = np.nan
    odd[1, 1] = np.inf
    H().fit(odd).transform(X)
    with pytest.warns(
        UserWarning, match="from images of float64 from 0 to 255, got images of float32"
    ):
        H().fit(odd).transform(odd.astype(np.float32) / 255)
    H().fit(X).transform(np.full((1, 3, 3), np.nan))


def test_scales_that_mix_in_a_fit_are_warned_of():
    mixed = [*X, *(X.astype(np.uint16) * 257)]
    with pytest.warns(UserWarning, match=r"images of uint8 .*, got images of uint16"):
        H().fit(mixed)
    masker = H().partial_fit(X)
    with pytest.warns(UserWarning, match=r"images of uint8 .*, got images of uint16"):
        masker.partial_fit(X.astype(np.uint16) * 257)
    H().fit([*X, *X.astype(np.uint16)]).transform(X)


def test_scale_of_a_dask_array_is_that_of_its_histogram():
    masker = H().fit(da.from_array(X, chunks=(5, 4, 11)))
    with pytest.warns(UserWarning, match="uint8 from 0 to 255, got images of float64"):
        masker.transform(X / 255)


def test_refit_forgets_the_scale():
    masker = H().fit(X).fit(X / 255)
    masker.transform(X / 255)
    with pytest.warns(UserWarning, match="float64 from 0 to 1, got images of uint8"):
        masker.transform(X)


def test_booleans_where_images_belong_are_warned_of():
    with pytest.warns(UserWarning, match="got booleans to learn from, which are masks most often"):
        make_pipeline(ThresholdMasker(90), H()).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_pipeline(ThresholdMasker(90), BinaryDilator()).fit(X)
        H().fit((X > 90).astype(float))
