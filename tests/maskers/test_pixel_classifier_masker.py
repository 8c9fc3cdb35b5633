"""Masks learned pixel by pixel: quality, honesty of probabilities, containers, and messages."""

import pickle
import tracemalloc

import dask.array as da
import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import KFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

from skmask import (
    GaussianSmoother,
    HistogramThresholdMasker,
    ImageFunction,
    LocalFeatures,
    PixelClassifierMasker,
    SmallRegionRemover,
    describe,
    transform_blocks,
)
from skmask.metrics import dice_score, dice_scorer

SMALL = LocalFeatures(scales=(1, 2))


def make_textures(n=6, shape=(48, 52), seed=0):
    """Make images whose foreground is striped and of the brightness of the background."""
    rng = np.random.default_rng(seed)
    X = rng.normal(100, 8, (n, *shape))
    y = np.zeros(X.shape, bool)
    for mask in y:
        row, column = rng.integers(5, 15, 2)
        mask[row : row + 25, column : column + 25] = True
    stripes = 25 * (-1) ** (np.arange(shape[1]) // 2)
    return np.where(y, X + stripes, X).round().astype(np.uint8), y


def squared(image):
    return image.astype(np.float32) ** 2


def test_texture_is_found_where_no_threshold_finds_it():
    X, y = make_textures()
    masker = PixelClassifierMasker(threshold="dice", random_state=0).fit(X[:3], y[:3])
    assert dice_score(y[3:], masker.transform(X[3:])) > 0.9
    threshold = HistogramThresholdMasker("dice").fit(X[:3], y[:3])
    assert dice_score(y[3:], threshold.transform(X[3:])) < 0.7


@pytest.mark.parametrize(
    "classifier",
    [
        None,
        make_pipeline(StandardScaler(), LogisticRegression()),
        LinearDiscriminantAnalysis(),
        make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss", random_state=0)),
        make_pipeline(StandardScaler(with_std=False), LinearDiscriminantAnalysis()),
        make_pipeline(StandardScaler(), MLPClassifier((7, 5), max_iter=20, random_state=0)),
        make_pipeline(StandardScaler(with_mean=False), MLPClassifier((9,), random_state=0)),
        make_pipeline(StandardScaler(), MLPClassifier((9,), "tanh", max_iter=20, random_state=0)),
    ],
    ids=repr,
)
@pytest.mark.parametrize("with_classes", [False, True])
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer.*converged yet")
def test_linear_classifiers_and_networks_are_computed_as_they_predict(classifier, with_classes):
    X, y = make_textures(3)
    labels = y.astype(int)
    if with_classes:
        labels[:, :10] = 2
    masker = PixelClassifierMasker(classifier, features=SMALL, random_state=0).fit(X, labels)
    features = LocalFeatures(scales=(1, 2)).fit_transform(X)
    model = masker.classifier_
    expected = model.predict_proba(features.reshape(-1, features.shape[-1]))
    shares = masker._shares
    if shares is not None:
        expected = expected * shares / (expected * shares).sum(axis=1, keepdims=True)
    foreground = 1 - expected[:, 0].reshape(X.shape)
    assert_allclose(masker.predict_proba(X), foreground, atol=2e-4)
    is_clear = np.abs(foreground - 0.5) > 1e-3
    assert_array_equal(masker.transform(X)[is_clear], (foreground > 0.5)[is_clear])
    by_label = masker.set_params(output="labels").transform(X)
    best = np.sort(expected, axis=1)
    is_clear = (best[:, -1] - best[:, -2]).reshape(X.shape) > 1e-3
    assert_array_equal(by_label[is_clear], expected.argmax(axis=1).reshape(X.shape)[is_clear])


def test_tiles_and_whole_images_predict_the_same(monkeypatch):
    X, y = make_textures(2, (150, 160))
    for classifier in (None, GaussianNB(), "mlp"):
        masker = PixelClassifierMasker(classifier, features=SMALL, random_state=0).fit(X, y)
        expected = masker.predict_proba(X)
        with monkeypatch.context() as patched:
            patched.setattr("skmask._kernels.features.filters.TILE", {2: 80 * 80})
            patched.setattr("skmask._maskers.pixel_features.STACK_BYTES", 9 * 4 * 80 * 80)
            assert_allclose(masker.predict_proba(X), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("classifier", [None, GaussianNB(), KNeighborsClassifier()], ids=repr)
def test_balanced_pixels_do_not_shift_probabilities(classifier):
    rng = np.random.default_rng(0)
    y = rng.random((4, 60, 60)) < 0.05
    X = rng.normal(size=y.shape) + 1.5 * y
    masker = PixelClassifierMasker(
        classifier, features=ImageFunction(squared_identity), n_pixels=1000, random_state=0
    ).fit(X, y)
    assert masker.predict_proba(X).mean() == pytest.approx(y.mean(), rel=0.3)
    unbalanced = clone(masker).set_params(balance=None).fit(X, y)
    assert unbalanced.predict_proba(X).mean() == pytest.approx(y.mean(), rel=0.3)


def squared_identity(image):
    return image


def test_fit_does_not_depend_on_blocks_containers_or_workers(tmp_path):
    X, y = make_textures(5)
    masker = PixelClassifierMasker(features=SMALL, n_pixels=300, threshold="dice", random_state=3)
    expected = masker.fit(X, y).predict_proba(X)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    for images, masks in (
        (list(X), list(y)),
        (mapped, y.astype(np.uint8) * 255),
        (da.from_array(X, chunks=(2, 20, 20)), da.from_array(y, chunks=(1, 30, 52))),
        (X.astype(float), y.astype(float)),
    ):
        other = clone(masker).fit(images, masks)
        assert other.threshold_ == masker.threshold_
        assert_array_equal(np.asarray(other.predict_proba(X)), expected)
    lazy = masker.predict_proba(da.from_array(X, chunks=(2, 30, 30)))
    assert_array_equal(lazy.compute(), expected)
    out = np.empty(X.shape, bool)
    transform_blocks(masker, X, out, block_size=2)
    assert_array_equal(out, masker.transform(X))


def test_the_seed_belongs_to_the_position_of_an_image():
    X, y = make_textures(4)
    masker = PixelClassifierMasker(features=SMALL, n_pixels=200, random_state=0)
    whole = masker.fit(X, y)._kept
    part = clone(masker).fit(X[:2], y[:2])._kept
    assert_array_equal(whole.rows[whole.images < 2], part.rows)
    one, two = (clone(masker).set_params(random_state=None).fit(X, y)._kept for _ in range(2))
    assert not np.array_equal(one.rows, two.rows)
    drawn = clone(masker).set_params(random_state=np.random.RandomState(0)).fit(X, y)
    assert drawn.n_pixels_ == 800


def test_no_pixel_of_an_image_is_on_both_sides_of_a_fold():
    # Labels are noise and each image has its own brightness: only pixels of the image itself tell its label.
    rng = np.random.default_rng(0)
    X = np.arange(12)[:, None, None] * 10.0 + np.zeros((12, 20, 20))
    y = np.zeros(X.shape, bool)
    y[rng.permutation(12)[:6]] = True
    y[:, 0, 0] = True
    y[:, 0, 1] = False
    memorizing = RandomForestClassifier(5, random_state=0)
    masker = PixelClassifierMasker(memorizing, features=SMALL, output="probability", random_state=0)
    honest = masker.fit_transform(X, y)
    in_sample = masker.transform(X)
    inner = (slice(None), slice(8, None), slice(8, None))
    assert np.abs(in_sample[inner] - y[inner]).mean() < 0.1
    assert np.abs(honest[inner] - y[inner]).mean() > 0.4
    chosen = clone(masker).set_params(threshold="youden").fit(X, y)
    assert chosen.best_score_ < 0.5


def test_pipelines_learn_thresholds_from_out_of_fold_probabilities():
    X, y = make_textures(6)
    forest = RandomForestClassifier(5, random_state=0)
    first = PixelClassifierMasker(forest, features=SMALL, output="probability", random_state=0)
    pipeline = make_pipeline(first, HistogramThresholdMasker("dice")).fit(X, y)
    honest = clone(first).fit_transform(X, y)
    expected = HistogramThresholdMasker("dice").fit(honest, y).threshold_
    assert pipeline[-1].threshold_ == expected
    assert not np.array_equal(honest, first.fit(X, y).transform(X))


def test_out_of_fold_probabilities_in_every_container():
    X, y = make_textures(5)
    masker = PixelClassifierMasker(features=SMALL, output="probability", random_state=0)
    expected = masker.fit_transform(X, y)
    assert_array_equal(np.stack(masker.fit_transform(list(X), list(y))), expected)
    lazy = masker.fit_transform(da.from_array(X, chunks=(2, 30, 30)), y)
    assert_array_equal(lazy.compute(), expected)
    assert_array_equal(masker.fit_transform(X[:1], y[:1]), masker.transform(X[:1]))


def test_thresholds_follow_their_criterion():
    X, y = make_textures(6)
    found = {
        name: PixelClassifierMasker(features=SMALL, threshold=name, random_state=0).fit(X, y)
        for name in ("dice", "jaccard", "youden")
    }
    # The Jaccard index of an image rises with its Dice coefficient.
    assert abs(found["dice"].threshold_ - found["jaccard"].threshold_) < 0.1
    assert found["dice"].best_score_ > 0.8
    assert found["dice"].criterion_.max() == found["dice"].best_score_
    own = PixelClassifierMasker(
        features=SMALL, threshold=lambda tp, fp, fn, tn: -fp, random_state=0
    )
    assert own.fit(X, y).threshold_ > 0.9
    alone = PixelClassifierMasker(features=SMALL, threshold="dice", random_state=0)
    assert alone.fit(X[:1], y[:1]).best_score_ > 0.7


def test_scribbles_are_labels_with_a_region():
    X, y = make_textures(4)
    roi = np.zeros(X.shape, bool)
    roi[:, 20:24] = True
    masker = PixelClassifierMasker(features=SMALL, random_state=0).fit(X, y, roi=roi)
    assert masker.n_pixels_ == roi.sum()
    assert dice_score(y, masker.transform(X)) > 0.8
    # What lies outside does not count.
    other = clone(masker).fit(X, np.where(roi, y, ~y), roi=roi)
    assert_array_equal(other.transform(X), masker.transform(X))
    strokes = np.where(roi, y + 1, 0)
    labeled = PixelClassifierMasker(features=SMALL, select=2, random_state=0)
    assert_array_equal(labeled.fit(X, strokes, roi=strokes > 0).transform(X), masker.transform(X))


def test_strokes_without_a_region_are_warned_of():
    X, y = make_textures()
    strokes = np.zeros(X.shape, np.uint8)
    strokes[:, 20:22] = np.where(y[:, 20:22], 2, 1)
    match = r"0 has 96% of the pixels.* use fit\(X, y == 2, roi=y > 0\)"
    with pytest.warns(UserWarning, match=match):
        PixelClassifierMasker(features=SMALL, random_state=0).fit(X, strokes)
    # The fix, foreground by name, and classes that are all over the image are not warned of.
    masker = PixelClassifierMasker(features=SMALL, random_state=0)
    masker.fit(X, strokes == 2, roi=strokes > 0)
    masker.fit(X, np.where(strokes > 0, strokes, y))
    masker.set_params(select=2).fit(X, strokes)


def test_classes_of_label_images():
    X, y = make_textures(4)
    labels = y + 2 * (X > 115)
    masker = PixelClassifierMasker(RandomForestClassifier(5, random_state=0), features=SMALL)
    masker.set_params(random_state=0, output="labels").fit(X, labels)
    assert masker.classes_.tolist() == [0, 1, 2, 3]
    assert (masker.transform(X) == labels).mean() > 0.9
    foreground = clone(masker).set_params(output="mask").fit(X, labels)
    assert dice_score(labels > 0, foreground.transform(X)) > 0.9
    second = clone(masker).set_params(output="mask", select=[2, 3]).fit(X, labels)
    assert dice_score(X > 115, second.transform(X)) > 0.9


def test_the_network_learns_without_warnings():
    X, y = make_textures(6)
    masker = PixelClassifierMasker("mlp", threshold="dice", random_state=0).fit(X[:3], y[:3])
    assert dice_score(y[3:], masker.transform(X[3:])) > 0.9
    assert_array_equal(clone(masker).fit(X[:3], y[:3]).transform(X), masker.transform(X))


@pytest.mark.parametrize(("n_images", "alpha"), [(1, 12), (2, 3), (4, 0.75), (12, 0.1)])
def test_the_penalty_of_the_network_falls_with_the_number_of_images(n_images, alpha):
    X, y = make_textures(n_images)
    masker = PixelClassifierMasker("mlp", features=SMALL, n_pixels=50, random_state=0).fit(X, y)
    assert masker.classifier_[-1].alpha == alpha


def test_colors():
    X, y = make_textures(4)
    colors = np.stack([X, X[::-1], 255 - X], axis=-1)
    masker = PixelClassifierMasker(features=SMALL, channel_axis=-1, random_state=0).fit(colors, y)
    assert len(masker.feature_names_) == 27
    assert masker.transform(colors).shape == y.shape
    planes = clone(masker).set_params(channel_axis=1).fit(np.moveaxis(colors, -1, 1), y)
    assert_array_equal(planes.transform(np.moveaxis(colors, -1, 1)), masker.transform(colors))


def test_volumes():
    rng = np.random.default_rng(0)
    y = np.zeros((2, 10, 30, 32), bool)
    y[:, 3:8, 8:20, 8:22] = True
    X = rng.normal(size=y.shape) + 2 * y
    masker = PixelClassifierMasker(features=LocalFeatures(scales=(1,), spacing=(2, 1, 1)))
    assert dice_score(y, masker.fit(X, y).transform(X)) > 0.8


@pytest.mark.parametrize(
    "features",
    [
        [SMALL, ImageFunction(squared)],
        make_pipeline(GaussianSmoother(1), SMALL),
        [make_pipeline(GaussianSmoother(1), ImageFunction(squared)), SMALL],
    ],
    ids=["joined", "pipeline", "joined pipelines"],
)
@pytest.mark.parametrize("classifier", [None, GaussianNB()], ids=repr)
def test_any_estimators_of_features(features, classifier):
    X, y = make_textures(4)
    masker = PixelClassifierMasker(classifier, features=features, random_state=0).fit(X, y)
    assert dice_score(y, masker.transform(X)) > 0.7
    assert len(masker.feature_names_) == masker._kept.rows.shape[1]
    sources = masker._sources()
    rows = sources.rows(X[0], np.arange(X[0].size))
    probabilities = masker._model().foreground(rows)
    assert_allclose(masker.predict_proba(X)[0].ravel(), probabilities, atol=1e-3)


def test_more_images_are_learned_from_one_after_the_other():
    X, y = make_textures(6)
    masker = PixelClassifierMasker(features=SMALL, threshold="dice", n_pixels=300, random_state=0)
    whole = clone(masker).fit(X, y)
    grown = clone(masker).partial_fit(X[:2], y[:2]).partial_fit(X[2:5], y[2:5])
    grown = grown.partial_fit(X[5:], y[5:])
    assert grown.n_images_ == 6
    assert_array_equal(grown.transform(X), whole.transform(X))
    continued = clone(masker).fit(X[:2], y[:2]).partial_fit(X[2:], y[2:])
    assert_array_equal(continued.transform(X), whole.transform(X))
    loaded = pickle.loads(pickle.dumps(whole))
    with pytest.raises(ValueError, match="still holds its pixels, got one from a file"):
        loaded.partial_fit(X, y)


def test_classifiers_that_learn_in_parts_keep_no_pixels():
    X, y = make_textures(6)
    masker = PixelClassifierMasker(GaussianNB(), features=SMALL, random_state=0)
    for i in range(0, 6, 2):
        masker.partial_fit(X[i : i + 2], y[i : i + 2])
    assert not hasattr(masker, "_kept")
    assert masker.n_images_ == 6
    assert_allclose(masker.predict_proba(X), clone(masker).fit(X, y).predict_proba(X), atol=1e-3)
    with pytest.raises(ValueError, match="threshold to be a number for partial_fit of GaussianNB"):
        clone(masker).set_params(threshold="dice").partial_fit(X, y)
    with pytest.raises(ValueError, match="labels of the first images"):
        masker.partial_fit(X, y + 3)


def test_files_are_small(tmp_path):
    X, y = make_textures(6)
    masker = PixelClassifierMasker(random_state=0).fit(X, y)
    joblib.dump(masker, tmp_path / "masker.joblib")
    assert (tmp_path / "masker.joblib").stat().st_size < 8000
    assert_array_equal(joblib.load(tmp_path / "masker.joblib").transform(X), masker.transform(X))


@pytest.mark.parametrize("classifier", [None, "mlp", GaussianNB()], ids=repr)
def test_memory_does_not_grow_with_the_image(classifier):
    X, y = make_textures(1, (1600, 1600))  # features of all pixels take more than 1e8 bytes
    masker = PixelClassifierMasker(classifier, random_state=0)
    for call in (lambda: masker.fit(X, y), lambda: masker.transform(X)):
        tracemalloc.start()
        call()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < X.nbytes + 1e8


def test_nan_and_infinity_are_no_foreground():
    X, y = make_textures(3)
    X = X.astype(float)
    X[:, 20:25, 20:25] = np.nan
    X[:, 30, 30] = np.inf
    for classifier in (None, GaussianNB()):
        masker = PixelClassifierMasker(classifier, features=SMALL, random_state=0).fit(X, y)
        assert np.isnan(masker.predict_proba(X)[~np.isfinite(X)]).all()
        assert np.isfinite(masker.predict_proba(X)[np.isfinite(X)]).all()
        assert not masker.transform(X)[~np.isfinite(X)].any()
        labels = clone(masker).set_params(output="labels").fit(X, y).transform(X)
        assert not labels[~np.isfinite(X)].any()


def test_images_smaller_than_the_reach():
    X, y = make_textures(4)
    masker = PixelClassifierMasker(random_state=0).fit(X, y)
    for shape in ((3, 3), (1, 9), (5, 40)):
        assert masker.transform(X[:, : shape[0], : shape[1]]).shape == (4, *shape)


@pytest.mark.filterwarnings("ignore:.*takes the labels of Otsu's threshold instead:UserWarning")
@pytest.mark.filterwarnings("ignore:.*takes the rows of a 2-D X:UserWarning")
@pytest.mark.parametrize("output", ["probability", "labels"])
def test_check_estimator_passes_for_every_output(output):
    results = check_estimator(PixelClassifierMasker(output=output), on_skip=None, on_fail="raise")
    assert {result["status"] for result in results} == {"passed"}


def test_without_masks_the_labels_are_those_of_otsu():
    X, _ = make_textures(3)
    X = np.where(np.indices(X.shape)[2] > 25, X // 3, X)
    otsu = HistogramThresholdMasker("otsu").fit_transform(X)
    masker = PixelClassifierMasker(random_state=0)
    assert dice_score(otsu, masker.fit(X).transform(X)) > 0.9
    with pytest.warns(UserWarning, match="got one value an image, and takes the labels of Otsu"):
        masker.fit(X, [0, 1, 0])


def test_importances_name_what_counts():
    X, y = make_textures(6)
    masker = PixelClassifierMasker(random_state=0, features=SMALL).fit(X[:3], y[:3])
    found = masker.permutation_importances(X[3:], y[3:])
    assert sorted(found.names) == sorted(masker.feature_names_)
    assert np.all(np.diff(found.importances_mean) <= 0)
    assert found.names[0].startswith(("hessian", "edges", "intensity"))
    assert found.importances_mean[0] > 0.1


def test_description():
    X, y = make_textures(3)
    masker = PixelClassifierMasker(threshold="dice", n_pixels=100, random_state=0).fit(X, y)
    text = describe(masker)
    assert text.startswith("Each pixel was classified by LogisticRegression from 17 features")
    assert "300 pixels of 3 labeled images" in text
    assert "by the Dice coefficient" in text
    assert "1 labeled image." in describe(PixelClassifierMasker().fit(X[:1], y[:1]))


def test_searches_and_cross_validation():
    X, y = make_textures(6)
    model = make_pipeline(
        PixelClassifierMasker(features=SMALL, n_pixels=300, random_state=0), SmallRegionRemover(20)
    )
    assert cross_val_score(model, X, y, scoring=dice_scorer, cv=KFold(3)).mean() > 0.8


def test_sample_weight_leaves_images_out():
    X, y = make_textures(4)
    masker = PixelClassifierMasker(features=SMALL, random_state=0)
    bad = y.copy()
    bad[2:] = ~bad[2:]
    weighted = clone(masker).fit(X, bad, sample_weight=[1, 1, 0, 0])
    assert dice_score(y, weighted.transform(X)) > 0.8


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (
            lambda X, y: (X, np.zeros_like(y)),
            ValueError,
            "at least two classes, got only background",
        ),
        (
            lambda X, y: (X, np.ones_like(y)),
            ValueError,
            "two classes, got only foreground, label 1",
        ),
        (lambda X, y: (X, y[:, :-1]), ValueError, "y of shape .*the shape of the images"),
        (lambda X, y: (X, y[:-1]), ValueError, "y of shape"),
        (
            lambda X, y: (X, y * 0.37),
            ValueError,
            "y to be masks or label images.*got 0.37. Use y > 0.5",
        ),
        (
            lambda X, y: (X, np.where(y, np.nan, 0)),
            ValueError,
            "booleans or whole numbers, got nan",
        ),
        (lambda X, y: (X, np.arange(y.size).reshape(y.shape)), ValueError, "at most 16.*Use y > 0"),
        (lambda X, y: (X, y + 1), ValueError, "label 0 for background, or select.*Use select=2"),
        (lambda X, y: (np.full(X.shape, np.nan), y), ValueError, "at least one labeled pixel"),
    ],
)
def test_bad_labels_are_refused(change, error, match):
    X, y = change(*make_textures(3))
    with pytest.raises(error, match=f"PixelClassifierMasker expects .*{match}"):
        PixelClassifierMasker(features=SMALL).fit(X, y)


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({"classifier": LinearSVC()}, TypeError, "with predict_proba, got LinearSVC. Wrap it in"),
        ({"threshold": "dise"}, ValueError, "threshold to be a number.*Did you mean 'dice'"),
        ({"features": []}, ValueError, "features to be at least one estimator"),
        ({"select": 5}, ValueError, r"select to be among the labels \[0, 1\], got 5"),
        ({"features": ImageFunction(np.ravel)}, ValueError, "features of shape .*Keep the size"),
    ],
)
def test_bad_parameters_are_refused(params, error, match):
    X, y = make_textures(3)
    with pytest.raises(error, match=f"PixelClassifierMasker expects .*{match}"):
        PixelClassifierMasker(**params).fit(X, y)


def logarithm(image):
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(image.astype(float) - 90, 0))


@pytest.mark.parametrize("classifier", [None, GaussianNB()], ids=repr)
def test_pixels_without_finite_features_are_left_out(classifier):
    X, y = make_textures(3)
    masker = PixelClassifierMasker(
        classifier, features=ImageFunction(logarithm), output="probability", random_state=0
    )
    found = masker.fit(X, y).transform(X)
    assert_array_equal(np.isnan(found), X <= 90)
    assert not masker.set_params(output="mask").transform(X)[X <= 90].any()


@pytest.mark.parametrize("classifier", [None, "mlp"])
def test_a_constant_channel_brings_no_warning(classifier):
    X, y = make_textures(3)
    X = np.stack([X, np.ones_like(X)], axis=-1)
    masker = PixelClassifierMasker(classifier, channel_axis=-1, random_state=0).fit(X, y)
    assert dice_score(y, masker.transform(X)) > 0.9


def test_no_labeled_pixel_is_refused():
    X, y = make_textures(3)
    with pytest.raises(
        ValueError, match="at least one labeled pixel.*Check the images and the region"
    ):
        PixelClassifierMasker(features=SMALL).fit(X, y, roi=np.zeros_like(y))


def test_other_images_at_transform_are_refused_or_warned_of():
    X, y = make_textures(3)
    colors = np.stack([X] * 3, axis=-1)
    masker = PixelClassifierMasker(features=SMALL, channel_axis=-1, random_state=0).fit(colors, y)
    with pytest.raises(ValueError, match="as many axes and channels as those seen in fit"):
        masker.transform(colors[..., :2])
    masker = PixelClassifierMasker(features=SMALL, random_state=0).fit(X.astype(np.uint16), y)
    with pytest.warns(UserWarning, match="images like those of training.*Check the scale"):
        masker.transform(X.astype(np.uint16) * 256)
    with (
        pytest.warns(UserWarning, match="If the last axis holds colors"),
        pytest.raises(ValueError, match="channel_axis"),
    ):
        masker.fit(colors, y)


def test_each_call_warns_once_of_one_cause():
    X, y = make_textures(3)
    integers = X.astype(np.uint16)
    masker = PixelClassifierMasker(features=SMALL, random_state=0).fit(integers, y)
    several = [image[: 20 + i] for i, image in enumerate(integers * 256)]
    smooth = PixelClassifierMasker(features=[GaussianSmoother(1), GaussianSmoother(2)])
    calls = {
        "which is another scale": lambda: masker.transform(list(X / 1e5)),
        "like those of training": lambda: masker.transform(several),
        "like those .* training": lambda: masker.predict_proba(several),
        "holds colors": lambda: PixelClassifierMasker().fit(
            np.stack([X] * 3, -1), np.stack([y] * 3, -1)
        ),
        "lose their contrast": lambda: smooth.fit(X + 1e9, y),
        "rows of a 2-D X": lambda: smooth.fit_transform(X[0], y[0]),
    }
    for match, call in calls.items():
        with pytest.warns(UserWarning, match=match) as caught:
            call()
        assert len(caught) == 1


def test_images_of_another_scale_are_warned_of_unless_features_are_normalized():
    X, y = make_textures(3)
    X[:, :5] = np.arange(X.shape[2]) % 256  # the range of features reaches down to dark images
    masker = PixelClassifierMasker(features=SMALL, random_state=0).fit(X, y)
    with pytest.warns(UserWarning, match="uint8 from .*, got images of float64 .* another scale"):
        masker.transform(X / 255)
    normalized = LocalFeatures(scales=(1, 2), normalize="robust")
    masker = PixelClassifierMasker(features=normalized, random_state=0).fit(X, y)
    assert_array_equal(masker.transform(X / 255), masker.transform(X))


def as_many_as_rows(image):
    return np.stack([image] * image.shape[0], axis=-1)


@pytest.mark.parametrize("classifier", [None, GaussianNB()], ids=repr)
def test_features_that_change_their_number_are_refused(classifier):
    X, y = make_textures(2, (40, 40))
    masker = PixelClassifierMasker(classifier, features=ImageFunction(as_many_as_rows)).fit(X, y)
    with pytest.raises(ValueError, match="expects 40 features of each pixel, as in fit, got 30"):
        masker.transform(X[:, :30])


def test_one_image_that_decides_alone_is_warned_of():
    X, y = make_textures(4)
    roi = np.zeros(y.shape, bool)
    roi[0] = True
    roi[1:, 20:22, 10:30] = True
    with pytest.warns(UserWarning, match="more than half of its labeled pixels.*from image 0"):
        PixelClassifierMasker(features=SMALL, random_state=0).fit(X, y, roi=roi)


def test_a_class_in_one_image_only_is_warned_of():
    X, y = make_textures(3)
    y[1:] = False
    masker = PixelClassifierMasker(features=SMALL, threshold="dice", random_state=0)
    with pytest.warns(UserWarning, match="a class in the images of one fold only"):
        masker.fit(X, y)
    masker.set_params(threshold=0.5, output="probability")
    with pytest.warns(UserWarning, match="a class in the images of one fold only"):
        assert masker.fit_transform(X, y).shape == X.shape


def test_series_are_taken_by_position():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3, 12, 14))
    y = X > 0
    expected = PixelClassifierMasker(random_state=0).fit(list(X), list(y)).transform(X)
    images, masks = (pd.Series(list(one), index=[30, 0, 20]) for one in (X, y))
    masker = PixelClassifierMasker(random_state=0).fit(images, masks)
    assert_array_equal(masker.transform(X), expected)
