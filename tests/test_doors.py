"""What files of fitted estimators can name: classes and functions whose paths never change again."""

import functools
import importlib
import inspect
import pickle

import pytest

from skmask.io import trusted_types
from skmask.thresholds import otsu, percentile

# Files that were written by a release name these. A path is added when something new can be named by a file,
# and is never changed or removed: a class or function that moves leaves an alias, named as before.
FROZEN = [
    "skmask._appliers.mask_applier.MaskApplier",
    "skmask._appliers.mask_cropper.MaskCropper",
    "skmask._cleaners.binary_closer.BinaryCloser",
    "skmask._cleaners.binary_dilator.BinaryDilator",
    "skmask._cleaners.binary_eroder.BinaryEroder",
    "skmask._cleaners.binary_opener.BinaryOpener",
    "skmask._cleaners.border_clearer.BorderClearer",
    "skmask._cleaners.convex_huller.ConvexHuller",
    "skmask._cleaners.hole_filler.HoleFiller",
    "skmask._cleaners.largest_region_keeper.LargestRegionKeeper",
    "skmask._cleaners.region_filter.RegionFilter",
    "skmask._cleaners.region_splitter.RegionSplitter",
    "skmask._cleaners.small_region_remover.SmallRegionRemover",
    "skmask._composition.drift_guard.DriftGuard",
    "skmask._composition.grouped_masker.GroupedMasker",
    "skmask._composition.mask_complement.MaskComplement",
    "skmask._composition.mask_difference.MaskDifference",
    "skmask._composition.mask_intersection.MaskIntersection",
    "skmask._composition.mask_reconstructor.MaskReconstructor",
    "skmask._composition.mask_symmetric_difference.MaskSymmetricDifference",
    "skmask._composition.mask_union.MaskUnion",
    "skmask._composition.mask_vote.MaskVote",
    "skmask._composition.slice_wise.SliceWise",
    "skmask._features.image_flattener.ImageFlattener",
    "skmask._features.local_features.LocalFeatures",
    "skmask._features.masked_pixel_selector.MaskedPixelSelector",
    "skmask._features.region_statistics.RegionStatistics",
    "skmask._maskers.fixed_masker.FixedMasker",
    "skmask._maskers.histogram_range_masker.HistogramRangeMasker",
    "skmask._maskers.histogram_threshold_masker.HistogramThresholdMasker",
    "skmask._maskers.hysteresis_masker.HysteresisMasker",
    "skmask._maskers.local_threshold_masker.LocalThresholdMasker",
    "skmask._maskers.pixel_classifier_masker.PixelClassifierMasker",
    "skmask._maskers.range_masker.RangeMasker",
    "skmask._maskers.threshold_masker.ThresholdMasker",
    "skmask._maskers.value_masker.ValueMasker",
    "skmask._scores.mask_scorer.MaskScorer",
    "skmask._steps.background_subtractor.BackgroundSubtractor",
    "skmask._steps.color_converter.ColorConverter",
    "skmask._steps.color_projector.ColorProjector",
    "skmask._steps.gaussian_smoother.GaussianSmoother",
    "skmask._steps.image_function.ImageFunction",
    "skmask._steps.image_normalizer.ImageNormalizer",
    "skmask._steps.median_smoother.MedianSmoother",
    "skmask.metrics.average_surface_distance",
    "skmask.metrics.count_error",
    "skmask.metrics.dice_score",
    "skmask.metrics.hausdorff_distance",
    "skmask.metrics.jaccard_score",
    "skmask.metrics.mcc_score",
    "skmask.metrics.mean_matched_iou",
    "skmask.metrics.object_f1_score",
    "skmask.metrics.object_precision_score",
    "skmask.metrics.object_recall_score",
    "skmask.metrics.panoptic_quality",
    "skmask.metrics.pixel_precision_score",
    "skmask.metrics.pixel_recall_score",
    "skmask.metrics.specificity_score",
    "skmask.metrics.surface_dice",
    "skmask.metrics.volume_similarity",
    "skmask.thresholds.cost",
    "skmask.thresholds.dice",
    "skmask.thresholds.dropoff",
    "skmask.thresholds.f_beta",
    "skmask.thresholds.gaussian_mixture",
    "skmask.thresholds.ght",
    "skmask.thresholds.huang",
    "skmask.thresholds.intermodes",
    "skmask.thresholds.isodata",
    "skmask.thresholds.jaccard",
    "skmask.thresholds.kapur",
    "skmask.thresholds.li",
    "skmask.thresholds.mcc",
    "skmask.thresholds.mean",
    "skmask.thresholds.median",
    "skmask.thresholds.minerror",
    "skmask.thresholds.minimum",
    "skmask.thresholds.moments",
    "skmask.thresholds.otsu",
    "skmask.thresholds.percentile",
    "skmask.thresholds.renyi",
    "skmask.thresholds.robust_background",
    "skmask.thresholds.rosin",
    "skmask.thresholds.shanbhag",
    "skmask.thresholds.triangle",
    "skmask.thresholds.yen",
    "skmask.thresholds.youden",
]


def thing_at(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("path", FROZEN)
def test_path_in_files_never_changes(path):
    thing = thing_at(path)
    assert f"{thing.__module__}.{thing.__qualname__}" == path
    assert pickle.loads(pickle.dumps(thing)) is thing


def test_paths_are_listed():
    own = [path for path in trusted_types() if path.startswith("skmask.")]
    assert sorted(FROZEN) == FROZEN
    assert set(own) == set(FROZEN), "add what is new to FROZEN"


def test_functions_are_named_by_public_modules():
    functions = [path for path in FROZEN if inspect.isfunction(thing_at(path))]
    assert functions
    for path in functions:
        assert not any(part.startswith("_") for part in path.split(".")), path


def test_source_of_functions_is_still_found():
    assert "otsu" in inspect.getsource(otsu)
    assert inspect.getsourcefile(otsu).endswith("classical.py")


def test_file_of_a_partial_names_the_public_module():
    file = pickle.dumps(functools.partial(percentile, p=0.9))
    assert b"skmask.thresholds" in file
    assert b"_kernels" not in file
