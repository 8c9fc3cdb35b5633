from functools import partial

import numpy as np
import pytest
import skimage.data
from skimage import filters

from skmask._kernels.thresholds.choose import choose
from skmask._kernels.thresholds.shape import dropoff
from skmask.datasets import load_leg_xray

GRAYS = np.arange(256)


def skewed(seed, mirrored=False):
    rng = np.random.default_rng(seed)
    pixels = rng.gamma(rng.uniform(2, 4), rng.uniform(8, 14), 60_000).clip(0, 200).astype(int)
    counts = np.bincount(pixels, minlength=256)[:201] + 1
    return counts[::-1] if mirrored else counts


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_triangle_agrees_with_scikit_image(seed, mirrored):
    counts = skewed(seed, mirrored)
    image = np.repeat(np.arange(201), counts).astype(np.uint8)[None]
    low, high = choose("triangle", counts, range(201)).interval
    assert low <= filters.threshold_triangle(image) < high


def test_triangle_does_not_cut_in_the_gaps_of_a_stretched_histogram():
    counts = np.zeros(401)
    counts[::2] = skewed(0)
    stretched = choose("triangle", counts, range(401)).threshold
    assert stretched == 2 * choose("triangle", skewed(0), range(201)).threshold


@pytest.mark.parametrize("seed", range(4))
def test_rosin_takes_the_point_farthest_from_the_chord(seed):
    counts = skewed(seed)
    start = np.array([counts.argmax(), counts.max()], float)
    chord = np.array([200, counts[200]]) - start
    distances = [
        abs(chord[0] * (counts[k] - start[1]) - chord[1] * (k - start[0])) / np.hypot(*chord)
        for k in range(int(start[0]), 200)
    ]
    low, high = choose("rosin", counts, range(201)).interval
    assert low <= int(start[0]) + np.argmax(distances) < high


def test_rosin_refuses_a_peak_without_a_brighter_tail():
    with pytest.raises(ValueError, match="method='rosin' expects a peak with a tail"):
        choose("rosin", [1, 2, 3], range(3))


@pytest.mark.parametrize("image", ["camera", "coins", "page"])
def test_minimum_agrees_with_scikit_image(image):
    counts = np.bincount(getattr(skimage.data, image)().ravel(), minlength=256)
    assert choose("minimum", counts, GRAYS).threshold == filters.threshold_minimum(
        hist=(counts, GRAYS)
    )


@pytest.mark.parametrize("method", ["minimum", "intermodes"])
@pytest.mark.parametrize("n_bins", [200, 2000, 20_000])
def test_two_gaussians_are_found_at_any_bin_width(method, n_bins):
    rng = np.random.default_rng(0)
    pixels = np.concatenate([rng.normal(3, 0.5, 90_000), rng.normal(7, 0.5, 90_000)])
    counts, edges = np.histogram(pixels, n_bins, (0, 10))
    threshold = choose(method, counts, (edges[1:] + edges[:-1]) / 2).threshold
    assert threshold == pytest.approx(5, abs=0.25)


@pytest.mark.parametrize("method", ["minimum", "intermodes"])
def test_modes_with_flat_tops_count_at_their_middle(method):
    counts = [0, 4, 4, 4, 0, 0, 0, 0, 0, 7, 7, 0]
    assert (
        choose(method, counts, range(12)).threshold == {"minimum": 6.0, "intermodes": 5.75}[method]
    )


@pytest.mark.parametrize("method", ["minimum", "intermodes"])
@pytest.mark.parametrize("counts", [[1, 2, 3, 2, 1], np.ones(256), [4, 5]])
def test_one_mode_is_refused(method, counts):
    with pytest.raises(ValueError, match=f"method='{method}' expects .* two modes.* has 1"):
        choose(method, counts, range(len(counts)))


@pytest.mark.parametrize("n_bins", [128, 256, 1024, 65_536])
def test_dropoff_lies_three_deviations_from_a_gaussian_background(n_bins):
    rng = np.random.default_rng(0)
    pixels = np.concatenate([rng.normal(50, 10, 900_000), rng.uniform(60, 280, 300_000)])
    counts, edges = np.histogram(pixels, n_bins, (0, 300))
    threshold = choose("dropoff", counts, (edges[1:] + edges[:-1]) / 2).threshold
    assert threshold == pytest.approx(50 + 3.1 * 10, abs=3)


def test_dropoff_is_not_moved_by_a_far_pixel():
    counts = np.zeros(3000)
    counts[:201] = skewed(1)
    near = choose("dropoff", counts, range(3000)).threshold
    counts[-1] = 1
    assert choose("dropoff", counts, range(3000)).threshold == near


def test_dropoff_ends_a_background_of_one_value_right_behind_it():
    counts = np.full(256, 10)
    counts[0] = 10_000
    assert choose("dropoff", counts, GRAYS).threshold == 0.5


@pytest.mark.parametrize("bits", [7, 8, 10])
def test_dropoff_finds_the_leg_that_the_eye_finds(bits):
    # The recorded 10 bits; the tutorials read 32 off the histogram of 8 bits.
    image = load_leg_xray(bits=10).images >> (10 - bits)
    counts = np.bincount(image.ravel(), minlength=2**bits)
    threshold = choose("dropoff", counts, range(2**bits)).threshold
    assert threshold / 2 ** (bits - 8) == pytest.approx(32, abs=1.5)


def test_dropoff_reaches_farther_for_a_heavier_flank():
    counts = np.exp(-np.arange(200) / 12) * 1e6 + 50
    thresholds = [
        choose(partial(dropoff, reach=reach), counts, range(200)).threshold for reach in (3, 5, 10)
    ]
    assert thresholds == sorted(set(thresholds))


@pytest.mark.parametrize("counts", [[1, 2, 3], [4, 4, 4, 3]])
def test_dropoff_refuses_counts_that_do_not_drop(counts):
    with pytest.raises(ValueError, match="method='dropoff' expects counts that drop"):
        choose("dropoff", counts, range(len(counts)))
