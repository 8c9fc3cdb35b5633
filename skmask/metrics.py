"""Scores of masks, and scorers that make them the goal of cross-validation and searches.

Every score takes true and predicted masks, a stack or a list of each, and gives the mean of the images'
scores; ``average=None`` gives all of them, ``average="micro"`` pools the pixels. Where a score would be
0 / 0, as for an image without foreground, it is 1 if the masks agree in every pixel and 0 if not, so that
no search ends in NaN. A distance to an empty mask is infinite.
"""

from skmask._doors import name_functions
from skmask._scores.mask_scorer import (
    MaskScorer,
    dice_scorer,
    jaccard_scorer,
    mcc_scorer,
    neg_average_surface_distance_scorer,
    neg_hausdorff_distance_scorer,
    pixel_precision_scorer,
    pixel_recall_scorer,
    specificity_scorer,
    surface_dice_scorer,
    volume_similarity_scorer,
)
from skmask._scores.overlap_scores import (
    dice_score,
    jaccard_score,
    mcc_score,
    pixel_precision_score,
    pixel_recall_score,
    specificity_score,
    volume_similarity,
)
from skmask._scores.surface_scores import average_surface_distance, hausdorff_distance, surface_dice
from skmask._scores.threshold_curve import ThresholdCurve, threshold_curve

__all__ = [
    "MaskScorer",
    "ThresholdCurve",
    "average_surface_distance",
    "dice_score",
    "dice_scorer",
    "hausdorff_distance",
    "jaccard_score",
    "jaccard_scorer",
    "mcc_score",
    "mcc_scorer",
    "neg_average_surface_distance_scorer",
    "neg_hausdorff_distance_scorer",
    "pixel_precision_score",
    "pixel_precision_scorer",
    "pixel_recall_score",
    "pixel_recall_scorer",
    "specificity_score",
    "specificity_scorer",
    "surface_dice",
    "surface_dice_scorer",
    "threshold_curve",
    "volume_similarity",
    "volume_similarity_scorer",
]

name_functions(__name__, __all__)
