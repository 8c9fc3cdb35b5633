"""Features against SciPy, scikit-image and NumPy, and tiles against the whole image."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from skimage.feature import structure_tensor, structure_tensor_eigenvalues

from skmask._kernels.features.bank import feature_rows, feature_stack, iter_sums
from skmask._kernels.features.filters import iter_features, iter_tiles
from skmask._kernels.features.plan import FEATURES, make_plan

SCALES = (1, 2, 4, 8)


def make_image(shape=(70, 83), seed=0):
    return np.random.default_rng(seed).normal(100, 30, shape).astype(np.float32)


def compute(image, **options):
    plan = make_plan(image.ndim, **{"scales": SCALES, "features": FEATURES} | options)
    return dict(zip(plan.names, feature_stack(image[np.newaxis], plan), strict=True))


@pytest.mark.parametrize("shape", [(200,), (70, 83), (24, 30, 28), (9, 8, 7, 10)], ids=str)
def test_intensity_is_the_gaussian_of_scipy(shape):
    image = make_image(shape)
    features = compute(image, features=("intensity",))
    assert_array_equal(features["intensity"], image)
    for scale in SCALES:
        expected = ndimage.gaussian_filter(image.astype(float), scale, truncate=6)
        error = features[f"intensity_{scale}"] - expected
        assert np.abs(error).max() < 0.02 * 30  # Gaussians end at three sigmas
        assert np.abs(error).mean() < 0.05 * expected.std() + 1e-3


def test_derivatives_are_those_of_numpy():
    image = make_image()
    features = compute(image)
    for scale in SCALES:
        smoothed = np.pad(features[f"intensity_{scale}"].astype(float), 2, mode="symmetric")
        rows, columns = np.gradient(smoothed)
        inner = (slice(2, -2), slice(2, -2))
        assert_allclose(features[f"edges_{scale}"], np.hypot(rows, columns)[inner], atol=1e-4)
        matrix = np.empty((*smoothed.shape, 2, 2))
        matrix[..., 0, 0] = np.roll(smoothed, 1, 0) + np.roll(smoothed, -1, 0) - 2 * smoothed
        matrix[..., 1, 1] = np.roll(smoothed, 1, 1) + np.roll(smoothed, -1, 1) - 2 * smoothed
        matrix[..., 0, 1] = matrix[..., 1, 0] = np.gradient(rows, axis=1)
        least, greatest = np.moveaxis(np.linalg.eigvalsh(matrix)[inner], -1, 0)
        assert_allclose(features[f"hessian_{scale}_max"], greatest, atol=3e-4)
        assert_allclose(features[f"hessian_{scale}_min"], least, atol=3e-4)


def test_structure_follows_that_of_scikit_image():
    image = make_image()
    for scale in (2, 4):
        features = compute(image, scales=(scale,), features=("structure",))
        smoothed = ndimage.gaussian_filter(image.astype(float), scale)
        tensor = structure_tensor(smoothed, sigma=scale, mode="reflect")
        greatest, least = structure_tensor_eigenvalues(tensor) / 64  # by its Sobel's gain, 8 twice
        for name, expected in (("max", greatest), ("min", least)):
            mine = features[f"structure_{scale}_{name}"]
            assert np.corrcoef(mine.ravel(), expected.ravel())[0, 1] > 0.98


def test_deviation_is_that_around_the_local_mean():
    image = make_image()
    features = compute(image, scales=(2,), features=("intensity", "std"))
    spread = np.square(image.astype(float) - features["intensity_2"])
    expected = np.sqrt(ndimage.gaussian_filter(spread, 2, truncate=3))
    assert_allclose(features["std_2"], expected, rtol=1e-4)


def test_extremes_and_medians_are_those_of_scipy():
    image = make_image()
    features = compute(image, features=("minmax", "median"))
    for scale in SCALES:
        window = 2 * scale + 1
        for name, reference in (
            ("min", ndimage.minimum_filter),
            ("max", ndimage.maximum_filter),
            ("median", ndimage.median_filter),
        ):
            assert_array_equal(
                features[f"{name}_{scale}"], reference(image, window, mode="reflect")
            )


@pytest.mark.parametrize("shape", [(150, 140), (24, 30, 60)], ids=str)
@pytest.mark.parametrize("with_nan", [False, True])
def test_tiles_give_what_the_whole_image_gives(shape, with_nan):
    image = make_image(shape)
    if with_nan:
        image[tuple(slice(5, 12) for _ in shape)] = np.nan
    plan = make_plan(image.ndim, scales=(1,), features=FEATURES)
    whole = feature_stack(image[np.newaxis], plan)
    pieces = np.full_like(whole, -1)
    tiles = list(iter_tiles(shape, plan.reach, most=image.size // 2))
    assert len(tiles) > 1
    for feature, place, values in iter_features(image, plan, tiles=tiles):
        pieces[feature][place] = values
    assert_array_equal(pieces, whole)


@pytest.mark.parametrize("most", [1, 50, 400, 10**6])
def test_tiles_cover_an_image_once(most):
    count = np.zeros((20, 31), int)
    for tile in iter_tiles(count.shape, (3, 2), most=most):
        count[tile] += 1
    assert (count == 1).all()


@pytest.mark.parametrize("feature", FEATURES)
def test_nothing_looks_beyond_the_reach(feature):
    plan = make_plan(2, scales=(1, 3), features=(feature,))
    image = make_image((120, 120))
    changed = image.copy()
    rows, columns = plan.reach
    changed[60 + rows + 1 :, :] += 1000
    changed[:, 60 + columns + 1 :] = np.nan
    changed[: 60 - rows] = -5
    before = feature_rows(image[np.newaxis], plan, np.array([60 * 120 + 60]))
    after = feature_rows(changed[np.newaxis], plan, np.array([60 * 120 + 60]))
    assert_allclose(after, before, rtol=1e-4, atol=1e-3)


def test_missing_pixels_are_left_out_of_averages():
    image = make_image()
    hole = np.zeros(image.shape, bool)
    hole[20:30, 30:50] = True
    image[hole] = np.nan
    features = compute(image)
    weights = (~hole).astype(float)
    filled = np.where(hole, 0, image).astype(float)
    for scale in (1, 2, 4, 8):
        sums = ndimage.gaussian_filter(filled, scale, truncate=6)
        expected = sums / ndimage.gaussian_filter(weights, scale, truncate=6)
        error = (features[f"intensity_{scale}"] - expected)[~hole]
        assert np.abs(error).max() < 1
    for values in features.values():
        assert np.isnan(values[hole]).all()
        assert np.isfinite(values[~hole]).all()


def test_a_constant_image_has_no_texture_around_missing_pixels():
    image = np.full((40, 40), 7.0)
    image[10:20, 15:30] = np.nan
    known = np.isfinite(image)
    for name, values in compute(image).items():
        is_level = name.startswith(("intensity", "min", "max", "median"))
        assert_allclose(values[known], 7 if is_level else 0, atol=2e-3, err_msg=name)


def test_spacing_scales_axes():
    image = make_image((40, 60))
    stretched = np.repeat(image, 2, axis=0)
    coarse = compute(image, spacing=(2, 1), scales=(4,), features=("intensity", "edges"))
    fine = compute(stretched, scales=(4,), features=("intensity", "edges"))
    for name in ("intensity_4", "edges_4"):
        averaged = fine[name].reshape(40, 2, 60).mean(axis=1)
        assert np.corrcoef(coarse[name].ravel(), averaged.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("normalize", [None, "robust", "quantiles"])
def test_sums_and_rows_are_those_of_the_stack(normalize):
    channels = np.stack([make_image(seed=seed) for seed in range(3)])
    plan = make_plan(2, scales=(1, 2), features=("intensity", "edges"), normalize=normalize)
    stack = feature_stack(channels, plan)
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(2, len(stack)))
    totals = np.zeros(len(stack))
    ((_, sums),) = iter_sums(channels, plan, weights, np.array([1.0, -2.0]), totals)
    assert_allclose(totals, stack.sum(axis=(1, 2), dtype=float), rtol=1e-4, atol=1)
    expected = np.einsum("kf,fij->kij", weights, stack) + np.array([1.0, -2.0])[:, None, None]
    assert_allclose(sums, expected, rtol=1e-4, atol=1e-2)
    chosen = np.sort(rng.choice(stack[0].size, 50, replace=False))
    rows = feature_rows(channels, plan, chosen)
    assert_array_equal(rows, stack.reshape(len(stack), -1).T[chosen])


def test_robust_images_do_not_depend_on_gain_and_offset():
    image = make_image()
    expected = compute(image, normalize="robust")
    for name, values in compute(3 * image + 50, normalize="robust").items():
        assert_allclose(values, expected[name], atol=1e-3, err_msg=name)


@pytest.mark.parametrize("features", list(itertools.combinations(FEATURES, 2)), ids="-".join)
def test_features_do_not_depend_on_one_another(features):
    image = make_image((30, 32))
    everything = compute(image)
    for name, values in compute(image, features=features).items():
        assert_array_equal(values, everything[name], err_msg=name)


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("spacing", [(1, 1), (1e-3, 5), (1, 1, 1), (0.5, 2, 1)], ids=str)
def test_features_of_the_largest_pixels_are_finite(feature, spacing):
    plan = make_plan(len(spacing), scales=[min(spacing) / 3], features=(feature,), spacing=spacing)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], [12] * len(spacing))
    pixels = (signs * plan.largest).astype(np.float32)
    assert np.isfinite(feature_stack(pixels[np.newaxis], plan)).all()
