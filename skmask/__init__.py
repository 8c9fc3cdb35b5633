"""Image masks as scikit-learn transformers.

A mask is a Boolean array of the shape of its image. Maskers learn masks on training images, are tuned by
cross-validation, saved with joblib and applied unchanged to images that come later.
"""

import importlib

from skmask._appliers.mask_applier import MaskApplier
from skmask._appliers.mask_cropper import MaskCropper
from skmask._cleaners.binary_closer import BinaryCloser
from skmask._cleaners.binary_dilator import BinaryDilator
from skmask._cleaners.binary_eroder import BinaryEroder
from skmask._cleaners.binary_opener import BinaryOpener
from skmask._cleaners.border_clearer import BorderClearer
from skmask._cleaners.convex_huller import ConvexHuller
from skmask._cleaners.hole_filler import HoleFiller
from skmask._cleaners.largest_region_keeper import LargestRegionKeeper
from skmask._cleaners.region_filter import RegionFilter
from skmask._cleaners.region_splitter import RegionSplitter
from skmask._cleaners.small_region_remover import SmallRegionRemover
from skmask._composition.drift_guard import DriftGuard
from skmask._composition.grouped_masker import GroupedMasker
from skmask._composition.mask_complement import MaskComplement
from skmask._composition.mask_difference import MaskDifference
from skmask._composition.mask_intersection import MaskIntersection
from skmask._composition.mask_reconstructor import MaskReconstructor
from skmask._composition.mask_symmetric_difference import MaskSymmetricDifference
from skmask._composition.mask_union import MaskUnion
from skmask._composition.mask_vote import MaskVote
from skmask._composition.slice_wise import SliceWise
from skmask._describe import describe
from skmask._doors import name_functions
from skmask._features.image_flattener import ImageFlattener
from skmask._features.label_regions import label_regions
from skmask._features.local_features import LocalFeatures
from skmask._features.masked_pixel_selector import MaskedPixelSelector
from skmask._features.region_statistics import RegionStatistics
from skmask._features.region_table import region_table
from skmask._images.shared_images import SharedImages
from skmask._images.transform_blocks import transform_blocks
from skmask._kernels.compiled import use_engine
from skmask._maskers.fixed_masker import FixedMasker
from skmask._maskers.histogram_range_masker import HistogramRangeMasker
from skmask._maskers.histogram_threshold_masker import HistogramThresholdMasker
from skmask._maskers.hysteresis_masker import HysteresisMasker
from skmask._maskers.local_threshold_masker import LocalThresholdMasker
from skmask._maskers.pixel_classifier_masker import PixelClassifierMasker
from skmask._maskers.range_masker import RangeMasker
from skmask._maskers.threshold_masker import ThresholdMasker
from skmask._maskers.value_masker import ValueMasker
from skmask._search.search_masker import search_masker
from skmask._steps.background_subtractor import BackgroundSubtractor
from skmask._steps.color_converter import ColorConverter
from skmask._steps.color_projector import ColorProjector
from skmask._steps.gaussian_smoother import GaussianSmoother
from skmask._steps.image_function import ImageFunction
from skmask._steps.image_normalizer import ImageNormalizer
from skmask._steps.median_smoother import MedianSmoother
from skmask._version import __version__

__all__ = [
    "BackgroundSubtractor",
    "BinaryCloser",
    "BinaryDilator",
    "BinaryEroder",
    "BinaryOpener",
    "BorderClearer",
    "ColorConverter",
    "ColorProjector",
    "ConvexHuller",
    "DriftGuard",
    "FixedMasker",
    "GaussianSmoother",
    "GroupedMasker",
    "HistogramRangeMasker",
    "HistogramThresholdMasker",
    "HoleFiller",
    "HysteresisMasker",
    "ImageFlattener",
    "ImageFunction",
    "ImageNormalizer",
    "LargestRegionKeeper",
    "LocalFeatures",
    "LocalThresholdMasker",
    "MaskApplier",
    "MaskComplement",
    "MaskCropper",
    "MaskDifference",
    "MaskIntersection",
    "MaskReconstructor",
    "MaskSymmetricDifference",
    "MaskUnion",
    "MaskVote",
    "MaskedPixelSelector",
    "MedianSmoother",
    "PixelClassifierMasker",
    "RangeMasker",
    "RegionFilter",
    "RegionSplitter",
    "RegionStatistics",
    "SharedImages",
    "SliceWise",
    "SmallRegionRemover",
    "ThresholdMasker",
    "ValueMasker",
    "__version__",
    "describe",
    "label_regions",
    "region_table",
    "search_masker",
    "transform_blocks",
    "use_engine",
]

_SUBMODULES = ["base", "datasets", "display", "io", "metrics", "morphology", "thresholds"]

name_functions(__name__, __all__)


def __getattr__(name):
    if name in _SUBMODULES:
        return importlib.import_module(f"skmask.{name}")
    msg = f"module 'skmask' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__():
    return sorted([*globals(), *_SUBMODULES])
