"""Geometry of objects given by runs, against scikit-image, SciPy and coordinates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import measure

from skmask._kernels.compiled import use_engine
from skmask._kernels.regions.objects import labels_of, merged_runs, paint_labels, regions_of
from skmask._kernels.regions.statistics import measure_objects, statistic_columns
from skmask._kernels.regions.whole_masks import WholeMasks

# Names of scikit-image for ours.
SHAPES = {
    "area": "area",
    "area_convex": "area_convex",
    "solidity": "solidity",
    "extent": "extent",
    "equivalent_diameter": "equivalent_diameter_area",
    "axis_major_length": "axis_major_length",
    "axis_minor_length": "axis_minor_length",
}
PLANE_SHAPES = {
    "eccentricity": "eccentricity",
    "orientation": "orientation",
    "perimeter": "perimeter_crofton",
}
INTENSITY = {name: f"intensity_{name}" for name in ("mean", "std", "min", "max", "median")}
SCIPY_STRUCTURES = {n: ndimage.generate_binary_structure(n, n) for n in (1, 2, 3)}


def blobs(shape, seed=0, share=0.4):
    noise = np.random.default_rng(seed).random(shape)
    smooth = np.stack([ndimage.gaussian_filter(one, 1.5) for one in noise])
    return smooth > np.quantile(smooth, 1 - share)


def painted(objects):
    """Make label images."""
    label_images = np.zeros(objects.shape, np.int32)
    paint_labels(objects, label_images)
    return label_images


def tables(label_images, images, names, spacing):
    """Return scikit-image's properties of all objects, image by image."""
    parts = [
        measure.regionprops_table(labels, image, properties=list(names.values()), spacing=spacing)
        for labels, image in zip(label_images, images, strict=True)
    ]
    return {name: np.concatenate([part[other] for part in parts]) for name, other in names.items()}


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [((3, 60, 70), (1.0, 1.0)), ((3, 60, 70), (0.5, 2.0)), ((2, 16, 18, 20), (1.0, 1.0, 1.0))],
    ids=str,
)
@pytest.mark.parametrize("connectivity", [1, 2])
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:.*Qhull:UserWarning")
def test_shapes_and_intensities_equal_scikit_image(shape, spacing, connectivity):
    masks = blobs(shape, share=0.3)
    images = np.random.default_rng(1).normal(100, 20, shape)
    objects = regions_of(masks, connectivity, np.array(spacing))
    label_images = painted(objects)
    sizes = np.bincount(objects.images * 1000 + objects.labels)
    names = SHAPES | INTENSITY | (PLANE_SHAPES if len(shape) == 3 else {})
    if len(shape) == 4:
        # Qhull refuses regions that lie in a plane, for which scikit-image gives no hull.
        names = {name: other for name, other in names.items() if "convex" not in other}
        names.pop("solidity")
    if spacing != (1.0, 1.0) and len(shape) == 3:
        names.pop("perimeter")  # scikit-image refuses unequal spacing
    expected = tables(label_images, images, names, spacing)
    measured = measure_objects(objects, list(names), [images])
    assert sizes.max() == 1
    for name, column in zip(names, measured.T, strict=True):
        if name == "orientation":  # a quarter turn either way is one axis
            column, expected[name] = np.exp(2j * column), np.exp(2j * expected[name])
        np.testing.assert_allclose(column, expected[name], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("shape", [(3, 60, 70), (2, 14, 15, 16)], ids=str)
def test_euler_numbers_boxes_and_centroids_equal_scikit_image(shape):
    n_axes = len(shape) - 1
    objects = regions_of(blobs(shape, share=0.5), n_axes)
    regions = [region for labels in painted(objects) for region in measure.regionprops(labels)]
    full = [region.euler_number for region in regions]
    faces = [measure.euler_number(region.image, 1) for region in regions]
    np.testing.assert_array_equal(objects.euler_number(n_axes), full)
    np.testing.assert_array_equal(objects.euler_number(1), faces)
    np.testing.assert_allclose(objects.centroid, [region.centroid for region in regions])
    np.testing.assert_array_equal(
        objects.bounds.reshape(len(objects), -1), [region.bbox for region in regions]
    )
    parts = [ndimage.label(region.image)[1] for region in regions]
    np.testing.assert_array_equal(objects.n_regions(), parts)


def test_convex_areas_of_solids_equal_scikit_image():
    masks = ndimage.binary_dilation(blobs((2, 20, 22, 24), share=0.05), np.ones((1, 3, 3, 3)))
    objects = regions_of(masks)
    regions = [region for labels in painted(objects) for region in measure.regionprops(labels)]
    assert len(regions) > 5
    measured = measure_objects(objects, ["area_convex"])[:, 0]
    np.testing.assert_array_equal(measured, [region.area_convex for region in regions])


@settings(deadline=None, max_examples=80)
@given(st.integers(1, 3), st.integers(0, 2**32 - 1), st.data())
def test_regions_are_numbered_as_scipy_numbers_them(n_axes, seed, data):
    connectivity = data.draw(st.integers(1, n_axes))
    rng = np.random.default_rng(seed)
    masks = rng.random((3, *rng.integers(1, 9, n_axes))) < rng.random()
    structure = ndimage.generate_binary_structure(n_axes, connectivity)
    objects = regions_of(masks, connectivity)
    expected = np.stack([ndimage.label(mask, structure)[0] for mask in masks])
    np.testing.assert_array_equal(painted(objects), expected)
    assert objects.area.sum() == masks.sum()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_labels_are_objects_in_each_image_in_pieces_or_touching(seed):
    rng = np.random.default_rng(seed)
    label_images = rng.integers(0, 4, (3, *rng.integers(1, 8, 2))) * rng.integers(1, 9)
    objects = labels_of(label_images)
    pairs = [
        (image, label)
        for image, one in enumerate(label_images)
        for label in np.unique(one[one > 0])
    ]
    assert list(zip(objects.images, objects.labels, strict=True)) == pairs
    np.testing.assert_array_equal(painted(objects), label_images)
    areas = [(label_images[image] == label).sum() for image, label in pairs]
    np.testing.assert_array_equal(objects.area, areas)
    intensity = rng.normal(size=label_images.shape)
    medians = [np.median(intensity[image][label_images[image] == label]) for image, label in pairs]
    measured = measure_objects(objects, ["median"], [intensity])[:, 0]
    np.testing.assert_allclose(measured, medians)


def test_given_labels_are_there_in_every_image():
    label_images = np.array([[[1, 1, 0, 5]], [[0, 0, 7, 7]]])
    objects = labels_of(label_images, labels=[5, 1, 3])
    assert objects.labels.tolist() == [1, 3, 5, 1, 3, 5]
    assert objects.images.tolist() == [0, 0, 0, 1, 1, 1]
    assert objects.area.tolist() == [2, 0, 1, 0, 0, 0]
    names = ["area", "centroid", "solidity", "eccentricity", "mean"]
    measured = measure_objects(objects, names, [label_images])
    assert np.isnan(measured[objects.area == 0][:, 1:]).all()
    assert len(statistic_columns(names, 2)) == measured.shape[1]


def test_merged_runs_overlap_no_more():
    starts, ends = merged_runs(np.array([5, 1, 2, 9]), np.array([7, 4, 3, 10]))
    assert (starts.tolist(), ends.tolist()) == ([1, 5, 9], [4, 7, 10])


@pytest.mark.parametrize("shape", [(3, 70), (2, 9, 30), (1, 50, 67), (2, 5, 6, 7), (1, 3, 4, 5, 6)])
@pytest.mark.parametrize("kind", ["regions", "labels", "masks"])
def test_bounds_and_moments_are_those_of_the_pixels(shape, kind):
    rng = np.random.default_rng(0)
    masks = rng.random(shape) < 0.4
    masks[0, 0] = False
    labels = masks * rng.integers(1, 4, shape)
    make = {
        "regions": lambda: regions_of(masks),
        "labels": lambda: labels_of(labels, labels=[1, 3, 7]),
        "masks": lambda: WholeMasks(masks),
    }
    found = {}
    for engine in ("numpy", "numba"):
        with use_engine(engine):
            objects = make[kind]()
            found[engine] = (objects.bounds, objects.sums, objects.products)
    for one, other in zip(*found.values(), strict=True):
        np.testing.assert_array_equal(one, other)
    bounds, sums, products = found["numba"]
    numbers = np.repeat(objects.numbers, objects.lengths)
    firsts = np.repeat(np.stack(objects.pixels, axis=1), objects.lengths, axis=0)
    steps = np.concatenate([[], *map(np.arange, objects.lengths)]).astype(int)
    firsts[:, -1] += steps
    for number in range(len(objects)):
        pixels = firsts[numbers == number]
        if not pixels.size:
            assert not bounds[number].any()
            assert not products[number].any()
            continue
        low, high = pixels.min(axis=0), pixels.max(axis=0) + 1
        np.testing.assert_array_equal(bounds[number], [low, high])
        np.testing.assert_array_equal(sums[number], (pixels - low).sum(axis=0))
        np.testing.assert_array_equal(products[number], (pixels - low).T @ (pixels - low))
