"""Files stand wherever a list of images does: estimators, scores, searches, displays; without holding all."""

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline

from skmask import BinaryDilator, HistogramThresholdMasker, MaskApplier, SmallRegionRemover
from skmask.datasets import make_masked_images
from skmask.display import MaskDisplay, compare_methods
from skmask.io import ImageFiles, MaskFiles, pair_files
from skmask.metrics import dice_score, dice_scorer, threshold_curve
from skmask.thresholds import count_pixels
from tests.estimators import name_of, public_estimators
from tests.test_common import images_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def pairs(tmp_path):
    data = make_masked_images(10, noise=20.0, random_state=0)
    for i, (image, mask) in enumerate(zip(data.images, data.masks, strict=True)):
        np.save(tmp_path / f"{i}.npy", image[: 40 + i, : 50 - i])
        np.save(tmp_path / f"{i}_mask.npy", mask[: 40 + i, : 50 - i])
    return pair_files(f"{tmp_path}/?.npy", f"{tmp_path}/*_mask.npy", key=r"\d")


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
@pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning")
def test_every_estimator_takes_files_as_it_takes_a_list(estimator, tmp_path):
    for i, image in enumerate(images_for(estimator)):
        np.save(tmp_path / f"{i:03}.npy", image)
    files = ImageFiles(tmp_path)
    expected = estimator.fit(list(files)).transform(list(files))
    result = estimator.fit(files).transform(files)
    assert type(result) is type(expected)
    for one, other in zip(result, expected, strict=True):
        assert_array_equal(one, other)


def test_learning_from_masks_in_files(pairs):
    X, y = list(pairs.images), list(pairs.masks)
    masker = HistogramThresholdMasker("dice").fit(pairs.images, pairs.masks)
    assert masker.threshold_ == HistogramThresholdMasker("dice").fit(X, y).threshold_
    again = HistogramThresholdMasker("dice")
    for part in (slice(5), slice(5, None)):
        again.partial_fit(pairs.images[part], pairs.masks[part])
    assert again.threshold_ == masker.threshold_
    pipeline = make_pipeline(HistogramThresholdMasker("dice"), BinaryDilator())
    applier = MaskApplier(pipeline).fit(pairs.images, pairs.masks)
    for one, other in zip(applier.transform(pairs.images), applier.transform(X), strict=True):
        assert_array_equal(one, other)


def test_scores_and_counts_of_files(pairs):
    X, y = list(pairs.images), list(pairs.masks)
    masks = [image > 110 for image in X]
    assert dice_score(pairs.masks, masks) == dice_score(y, masks)
    assert dice_score(masks, pairs.masks) == dice_score(masks, y)
    for one, other in zip(count_pixels(pairs.images), count_pixels(X), strict=True):
        assert_array_equal(one, other)
    curve = threshold_curve(pairs.images, pairs.masks)
    assert_allclose(curve.mean, threshold_curve(X, y).mean)
    display = compare_methods(pairs.images, pairs.masks)
    assert display.table == compare_methods(X, y).table
    masker = HistogramThresholdMasker().fit(X)
    assert len(MaskDisplay.from_estimator(masker, pairs.images, pairs.masks).axes_) == 10


def test_searches_and_splits_of_files(pairs):
    X, y = list(pairs.images), list(pairs.masks)
    pipeline = make_pipeline(HistogramThresholdMasker("dice"), SmallRegionRemover())
    scores = cross_val_score(pipeline, pairs.images, pairs.masks, scoring=dice_scorer, cv=3)
    assert_array_equal(scores, cross_val_score(pipeline, X, y, scoring=dice_scorer, cv=3))
    grid = {"smallregionremover__min_size": [0, 20]}
    search = GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=3)
    best = search.fit(X, y).best_score_
    assert search.fit(pairs.images, pairs.masks).best_score_ == best
    X_train, X_test, y_train, y_test = train_test_split(pairs.images, pairs.masks, random_state=0)
    pipeline.fit(X_train, y_train)
    assert dice_score(y_test, pipeline.transform(X_test)) > 0.8


def test_a_fit_holds_an_image_and_not_all(tmp_path):
    image = np.random.default_rng(0).integers(0, 4000, (512, 512)).astype(np.uint16)
    np.save(tmp_path / "0.npy", image)
    np.save(tmp_path / "0_mask.npy", image > 2000)
    images, masks = [tmp_path / "0.npy"] * 64, [tmp_path / "0_mask.npy"] * 64
    images, masks = ImageFiles(images), MaskFiles(masks)
    for method, y in [("otsu", None), ("dice", masks)]:
        HistogramThresholdMasker(method).fit(images[:1], None if y is None else y[:1])  # imports
        tracemalloc.start()
        HistogramThresholdMasker(method).fit(images, y)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 12 * image.nbytes  # of 64
    code = f"""
import json
from pathlib import Path
from skmask import HistogramThresholdMasker
from skmask.io import ImageFiles, transform_files
peak = lambda: int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
def work(files, folder):
    folder = Path({str(tmp_path)!r}) / folder
    transform_files(HistogramThresholdMasker().fit(files), files, folder, suffix=".tif")
paths = [Path({str(tmp_path)!r}) / f"files/{{i}}.npy" for i in range(160)]  # 80 MiB
paths[0].parent.mkdir()
for path in paths:
    path.hardlink_to({str(tmp_path / "0.npy")!r})
work(ImageFiles(paths[:1]), "warm")
before = peak()
work(ImageFiles(paths), "masks")
print(json.dumps(peak() - before))
"""
    command = [sys.executable, "-c", code]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.loads(output) < 50
