"""``skmask compare``: all threshold methods on one folder of images."""

import math
import statistics

import numpy as np

from skmask._cli.arguments import (
    add_choices,
    add_json,
    add_mask_rules,
    image_files,
    paired_files,
    print_json,
    print_table,
)
from skmask._displays.threshold_displays import MethodsDisplay
from skmask.metrics import dice_score
from skmask.thresholds import compare_thresholds, count_pixels

HELP = """Compare all threshold methods on the pooled histogram of images, without or with true masks.

  skmask compare images
  skmask compare images labels --labels 1,2
"""


def add_arguments(parser):
    """Add the arguments of this command."""
    parser.add_argument("images", metavar="IMAGES", help="folder, file or pattern")
    parser.add_argument("masks", metavar="MASKS", nargs="?", help="true masks, for Dice scores")
    add_json(parser)
    add_choices(parser)
    add_mask_rules(parser)


def run(options):
    """Print a table with one row for each method."""
    if options.masks is None:
        images, masks = image_files(options), None
    else:
        pairs = paired_files(options)
        images, masks = pairs.images, pairs.masks
    histogram, centers = count_pixels(images)
    thresholds = compare_thresholds(histogram, centers)
    scores = None if masks is None else _mean_scores(images, masks, thresholds)
    display = MethodsDisplay(histogram, centers, thresholds, scores=scores)
    if options.json:
        print_json(display.table)
    else:
        print_table(display.table)
    return 0


def _mean_scores(images, masks, thresholds):
    """Return the mean Dice score of each method, from one pass over the files."""
    scores = {name: [] for name in thresholds}
    for image, mask in zip(images, masks, strict=True):
        for name, threshold in thresholds.items():
            known = not math.isnan(threshold)
            scores[name].append(dice_score([mask], [image > threshold]) if known else np.nan)
    return {name: statistics.fmean(values) for name, values in scores.items()}
