"""Scores of masks, and scorers that make them the goal of cross-validation and searches.

Every score takes true and predicted masks, a stack or a list of each, and returns the mean of the scores
of the images; ``average=None`` gives all of them, ``average="micro"`` pools the pixels. A score of 0 / 0,
as for an image without foreground, is 1 if the masks agree in every pixel and 0 if not, so that no search
ends in NaN. ``empty`` chooses NaN, or to leave such images out. A distance to an empty mask is infinite.
Scores of objects take label images, too.
"""

from skmask._doors import name_functions
from skmask._scores.mask_scorer import (
    MaskScorer,
    dice_scorer,
    jaccard_scorer,
    mcc_scorer,
    mean_matched_iou_scorer,
    neg_average_surface_distance_scorer,
    neg_count_error_scorer,
    neg_hausdorff_distance_scorer,
    object_f1_scorer,
    object_precision_scorer,
    object_recall_scorer,
    panoptic_quality_scorer,
    pixel_precision_scorer,
    pixel_recall_scorer,
    specificity_scorer,
    surface_dice_scorer,
    volume_similarity_scorer,
)
from skmask._scores.object_scores import (
    count_error,
    mean_matched_iou,
    object_f1_score,
    object_precision_score,
    object_recall_score,
    panoptic_quality,
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
    "count_error",
    "dice_score",
    "dice_scorer",
    "hausdorff_distance",
    "jaccard_score",
    "jaccard_scorer",
    "mcc_score",
    "mcc_scorer",
    "mean_matched_iou",
    "mean_matched_iou_scorer",
    "neg_average_surface_distance_scorer",
    "neg_count_error_scorer",
    "neg_hausdorff_distance_scorer",
    "object_f1_score",
    "object_f1_scorer",
    "object_precision_score",
    "object_precision_scorer",
    "object_recall_score",
    "object_recall_scorer",
    "panoptic_quality",
    "panoptic_quality_scorer",
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
