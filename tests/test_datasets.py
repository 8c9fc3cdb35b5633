import sys

import numpy as np
import pytest
from sklearn.utils import Bunch

from skmask.datasets import load_brain_slices, load_leg_xray, make_masked_images

LOADERS = [load_leg_xray, load_brain_slices, make_masked_images]


def dice(mask, truth):
    return 2 * np.count_nonzero(mask & truth) / (np.count_nonzero(mask) + np.count_nonzero(truth))


@pytest.mark.parametrize("load", LOADERS)
def test_every_dataset_is_a_bunch_that_says_where_it_comes_from(load):
    data = load()
    assert isinstance(data, Bunch)
    assert data.images.dtype == np.uint8
    assert data.images.ndim == 3
    assert data.images.flags.c_contiguous
    assert data.images.flags.writeable
    assert len(data.DESCR) > 40
    assert len(data.origin) > 20
    if "masks" in data:
        assert data.masks.dtype == bool
        assert data.masks.shape == data.images.shape


def test_leg_xray_shows_a_bright_leg_on_dark_ground():
    data = load_leg_xray()
    assert data.images.shape == (1, 1760, 740)
    assert (data.images > 32).mean() == pytest.approx(0.595, abs=5e-4)
    assert (data.images > 150).mean() == pytest.approx(0.220, abs=5e-4)
    image = data.images[0]
    assert image[:, 300:420].mean() > 4 * image[:, :100].mean()


def test_leg_xray_with_ten_bits_holds_the_recorded_values():
    from pydicom import dcmread
    from pydicom.data import get_testdata_file

    recorded = dcmread(get_testdata_file("RG3_UNCR.dcm", download=False)).pixel_array
    images = load_leg_xray(bits=10).images
    assert images.dtype == np.uint16
    np.testing.assert_array_equal(images[0].astype(int) + recorded[:, 470:1210], 1023)
    np.testing.assert_array_equal(images // 4, load_leg_xray().images)


@pytest.mark.parametrize(
    ("target", "threshold", "least"),
    [("white_matter", 195, 0.96), ("brain", 120, 0.99), ("gray_matter", 119, 0.74)],
)
def test_brain_slices_agree_with_their_best_threshold(target, threshold, least):
    data = load_brain_slices(target=target)
    assert data.images.shape == (18, 233, 197)
    assert dice(data.images > threshold, data.masks) > least


def test_brain_slices_of_grey_and_white_matter_share_the_images_and_no_pixel():
    white = load_brain_slices(target="white_matter")
    gray = load_brain_slices(target="gray_matter")
    brain = load_brain_slices(target="brain")
    np.testing.assert_array_equal(white.images, gray.images)
    assert not (white.masks & gray.masks).any()
    assert not ((white.masks | gray.masks) & ~brain.masks).any()


def test_brain_slices_lie_as_documented():
    data = load_brain_slices()
    np.testing.assert_array_equal(np.diff(data.heights), 6)

    def is_white_matter(right, front, up):
        (index,) = np.flatnonzero(data.heights == up)
        return data.masks[index, 98 - front, 98 + right]

    # The corpus callosum crosses the midline in front of the ventricles and behind them.
    assert is_white_matter(0, 28, 4)
    assert is_white_matter(0, -38, 10)
    assert not is_white_matter(0, 50, 4)
    assert not is_white_matter(0, -60, 10)


@pytest.mark.parametrize("n_slices", [1, 2, 103])
def test_brain_slices_gives_as_many_different_slices_as_asked(n_slices):
    data = load_brain_slices(n_slices=n_slices)
    assert len(data.images) == len(data.masks) == len(np.unique(data.heights)) == n_slices
    assert data.masks.any(axis=(1, 2)).all()


@pytest.mark.parametrize("image_shape", [(200,), (40, 30), (12, 30, 20), (6, 7, 8, 9)])
def test_masked_images_have_true_masks_in_any_dimension(image_shape):
    data = make_masked_images(6, image_shape, noise=0, blur=0, drift=0, random_state=3)
    assert data.images.shape == (6, *image_shape)
    np.testing.assert_array_equal(data.images > 100, data.masks)
    assert data.masks.reshape(6, -1).any(axis=1).all()
    assert not data.masks.all()


def test_masked_images_are_ellipses():
    data = make_masked_images(30, (100, 100), n_objects=1, noise=0, blur=0, random_state=1)
    inside = [m for m in data.masks if not (m[0] | m[-1] | m[:, 0] | m[:, -1]).any()]
    assert len(inside) > 5
    for mask in inside:
        height, width = (np.ptp(np.flatnonzero(mask.any(axis=axis))) + 1 for axis in (1, 0))
        assert mask.sum() == pytest.approx(np.pi / 4 * height * width, rel=0.15)


def test_masked_images_without_objects_have_empty_masks_and_a_drifting_background():
    data = make_masked_images(50, (20, 20), n_objects=0, noise=0, drift=40, random_state=0)
    assert not data.masks.any()
    assert data.images.min() >= 30
    assert data.images.max() <= 110
    assert np.ptp(data.images.mean(axis=(1, 2))) > 20
    assert np.ptp(data.images, axis=(1, 2)).max() > 20


def test_masked_images_have_the_noise_asked_for():
    data = make_masked_images(5, n_objects=0, noise=7, drift=0, random_state=0)
    assert data.images.std() == pytest.approx(7, rel=0.02)


def test_masked_images_follow_the_random_state():
    first = make_masked_images(3, random_state=5)
    for again in (5, np.random.RandomState(5)):
        data = make_masked_images(3, random_state=again)
        np.testing.assert_array_equal(data.images, first.images)
        np.testing.assert_array_equal(data.masks, first.masks)
    assert (make_masked_images(3, random_state=6).images != first.images).any()


@pytest.mark.parametrize(
    ("load", "arguments", "message"),
    [
        (load_leg_xray, {"bits": 12}, "load_leg_xray expects bits=8 or bits=10, got bits=12"),
        (load_brain_slices, {"target": "skull"}, "expects target to be one of .*, got 'skull'"),
        (load_brain_slices, {"n_slices": 0}, "n_slices between 1 and 103, got 0"),
        (load_brain_slices, {"n_slices": 104}, "n_slices between 1 and 103, got 104"),
        (make_masked_images, {"n_images": 0}, "at least one image .* n_images=0"),
        (make_masked_images, {"image_shape": (3, 0)}, r"at least one pixel .* image_shape=\(3, 0"),
        (make_masked_images, {"image_shape": ()}, r"at least one pixel .* image_shape=\(\)"),
        (make_masked_images, {"n_objects": -1}, "no negative number of objects, .* n_objects=-1"),
    ],
)
def test_wrong_arguments_are_named(load, arguments, message):
    with pytest.raises(ValueError, match=message):
        load(**arguments)


@pytest.mark.parametrize(
    ("load", "package"),
    [(load_leg_xray, "pydicom"), (load_brain_slices, "nilearn"), (load_brain_slices, "nibabel")],
)
def test_missing_package_names_the_extra(load, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=r'needs .*python -m pip install "skmask\[examples\]"'):
        load()


def test_size_in_the_place_of_a_shape_is_refused():
    with pytest.raises(TypeError, match=r"expects image_shape such as \(64, 64\), got 32"):
        make_masked_images(3, 32)


def test_missing_pydicom_data_names_the_extra(monkeypatch):
    monkeypatch.setattr("pydicom.data.get_testdata_file", lambda name, download: None)
    with pytest.raises(ImportError, match=r"pydicom-data.*skmask\[examples\]"):
        load_leg_xray()
