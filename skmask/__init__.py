"""Image masks as scikit-learn transformers.

A mask is a Boolean array of the shape of its image. Maskers learn masks on training images, are tuned by
cross-validation, saved with joblib and applied unchanged to images that come later.
"""

import importlib

from skmask._binary_morphology import BinaryCloser, BinaryDilator, BinaryEroder, BinaryOpener
from skmask._convex_huller import ConvexHuller
from skmask._describe import describe
from skmask._drift_guard import DriftGuard
from skmask._fixed_masker import FixedMasker
from skmask._histogram_range_masker import HistogramRangeMasker
from skmask._histogram_threshold_masker import HistogramThresholdMasker
from skmask._hysteresis_masker import HysteresisMasker
from skmask._image_flattener import ImageFlattener
from skmask._local_threshold_masker import LocalThresholdMasker
from skmask._mask_algebra import (
    MaskDifference,
    MaskIntersection,
    MaskUnion,
    MaskVote,
)
from skmask._mask_applier import MaskApplier
from skmask._mask_complement import MaskComplement
from skmask._mask_cropper import MaskCropper
from skmask._mask_reconstructor import MaskReconstructor
from skmask._masked_pixel_selector import MaskedPixelSelector
from skmask._range_masker import RangeMasker
from skmask._region_cleaners import (
    BorderClearer,
    HoleFiller,
    LargestRegionKeeper,
    SmallRegionRemover,
)
from skmask._region_statistics import RegionStatistics
from skmask._threshold_masker import ThresholdMasker
from skmask._transform_blocks import transform_blocks
from skmask._version import __version__

__all__ = [
    "BinaryCloser",
    "BinaryDilator",
    "BinaryEroder",
    "BinaryOpener",
    "BorderClearer",
    "ConvexHuller",
    "DriftGuard",
    "FixedMasker",
    "HistogramRangeMasker",
    "HistogramThresholdMasker",
    "HoleFiller",
    "HysteresisMasker",
    "ImageFlattener",
    "LargestRegionKeeper",
    "LocalThresholdMasker",
    "MaskApplier",
    "MaskComplement",
    "MaskCropper",
    "MaskDifference",
    "MaskIntersection",
    "MaskReconstructor",
    "MaskUnion",
    "MaskVote",
    "MaskedPixelSelector",
    "RangeMasker",
    "RegionStatistics",
    "SmallRegionRemover",
    "ThresholdMasker",
    "__version__",
    "describe",
    "transform_blocks",
]

_SUBMODULES = ["base", "datasets", "display", "io", "metrics", "morphology", "thresholds"]


def __getattr__(name):
    if name in _SUBMODULES:
        return importlib.import_module(f"skmask.{name}")
    msg = f"module 'skmask' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__():
    return sorted([*globals(), *_SUBMODULES])
