import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmask._kernels.compiled import use_engine
from skmask._kernels.local import backgrounds
from skmask._kernels.local.backgrounds import remove_background, top_hat

DTYPES = ["?", *"bBhHiIlLefd", ">u2", ">f8"]


def noise(shape, dtype, seed):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        numbers = [-2.5, -0.0, 0.0, 1e-30, 3, 1e4, np.nan, np.inf, -np.inf]
        return rng.choice(numbers, shape).astype(dtype)
    return rng.integers(0, 2**64, shape, np.uint64).astype(dtype)


def removed(images, background, divides):
    return remove_background(
        images, background, np.empty(images.shape, np.float32), divides=divides
    )


@pytest.mark.parametrize("divides", [False, True], ids=["subtracts", "divides"])
def test_small_floats_hold_what_large_ones_do(divides):
    images, background = noise((2, 9, 70), np.int16, 0), noise((2, 9, 70), np.int16, 1)
    exact = images - background.astype(float)
    if divides:
        exact = images / np.maximum(background, 1)
    assert_array_equal(removed(images, background, divides), exact.astype(np.float32))


def test_large_integers_lose_digits_only_at_the_end():
    images = np.array([[2**40 + 1, 2**40 + 3]])
    assert_array_equal(removed(images, np.full_like(images, 2**40), divides=False), [[1, 3]])


@pytest.mark.parametrize("divides", [False, True], ids=["subtracts", "divides"])
def test_missing_pixels_stay_where_the_background_is_missing_too(divides):
    images = np.array([[np.nan, np.inf, -np.inf]])
    assert_array_equal(removed(images, images, divides), images)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("divides", [False, True], ids=["subtracts", "divides"])
@pytest.mark.parametrize("smooth", [False, True], ids=["same dtype", "smoothed"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_engines_agree(dtype, smooth, divides):
    images = noise((2, 13, 70), dtype, 0)
    background = noise((2, 13, 70), np.float32 if smooth else dtype, 1)
    background[~np.isfinite(background)] = 1
    images.flags.writeable = False
    for part in (images, images[:, ::2, ::-1]):
        ground = background[:, ::2, ::-1] if part is not images else background
        with use_engine("numpy"):
            expected = removed(part, ground, divides)
        assert removed(part, ground, divides).tobytes() == expected.tobytes()


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("radius", [2, 9], ids=["small disks", "large disks"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_top_hats_of_both_engines_agree_and_images_do_not_mix(dtype, radius, monkeypatch):
    images = noise((5, 13, 70), dtype, 0)
    images.flags.writeable = False
    with use_engine("numpy"):
        alone = [top_hat(images[i : i + 1], (radius, radius), dark=True) for i in range(5)]
    for chunk in (1, 2 * 13 * 70, 1 << 20):
        monkeypatch.setattr(backgrounds, "_CHUNK", chunk)
        found = top_hat(images, (radius, radius), dark=True)
        assert found.tobytes() == np.concatenate(alone).tobytes()
