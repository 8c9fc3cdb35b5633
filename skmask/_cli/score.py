"""``skmask score``: masks against true masks, image by image."""

import csv
import io
import statistics

from skmask import metrics
from skmask._cli.arguments import (
    add_json,
    add_mask_rules,
    check_suffix,
    mask_files,
    number_or_word,
    print_json,
    print_table,
)
from skmask._files.encode import whole_file
from skmask.io import MaskFiles, pair_files

HELP = """Score masks against true masks, each image by itself and their mean.

  skmask score true_masks masks
  skmask score true_masks masks --scores dice,hausdorff --csv scores.csv

Distances are in the unit of the files (NIfTI and DICOM), else in pixels.
"""

_SCORES = {
    "dice": metrics.dice_score,
    "jaccard": metrics.jaccard_score,
    "precision": metrics.pixel_precision_score,
    "recall": metrics.pixel_recall_score,
    "specificity": metrics.specificity_score,
    "mcc": metrics.mcc_score,
    "volume": metrics.volume_similarity,
    "hausdorff": metrics.hausdorff_distance,
    "surface_distance": metrics.average_surface_distance,
}
_DISTANCES = ("hausdorff", "surface_distance")


def add_arguments(parser):
    """Add the arguments of this command."""
    parser.add_argument("truth", metavar="TRUTH", help="folder, file or pattern of true masks")
    parser.add_argument("masks", metavar="MASKS", help="folder, file or pattern of masks")
    parser.add_argument(
        "--scores",
        default="dice,jaccard,precision,recall",
        metavar="NAMES",
        help=f"any of {', '.join(_SCORES)}, with commas between them (dice,jaccard,precision,recall)",
    )
    parser.add_argument("--csv", metavar="FILE", help="write the table to a CSV file")
    add_json(parser)
    add_mask_rules(parser)
    parser.add_argument(
        "--page", type=number_or_word, help="page of files with several, or 'all' for a volume"
    )


def run(options):
    """Print the table of scores."""
    names = options.scores.split(",")
    unknown = [name for name in names if name not in _SCORES]
    if unknown:
        msg = f"skmask expects scores to be any of {', '.join(_SCORES)}, got {unknown[0]!r}."
        raise ValueError(msg)
    target = None if options.csv is None else check_suffix(options.csv, [".csv"], "the table")
    page = {} if options.page is None else {"page": options.page}
    truth = mask_files(options.truth, page, labels=options.labels, void=options.void)
    pairs = pair_files(truth, MaskFiles(options.masks, **page), key=options.key)
    rows = [_score(pairs, i, names, truth.void is not None) for i in range(len(pairs.images))]
    means = {name: statistics.fmean(row[name] for row in rows) for name in names}
    if target is not None:
        _write_csv(rows, target)
    if options.json:
        print_json({"images": rows, "mean": means})
    else:
        print_table([*rows, {"image": "mean", **means}])
    return 0


def _score(pairs, i, names, has_void):
    true, mask = pairs.images[i], pairs.masks[i]
    roi = [pairs.images.roi[i]] if has_void else None
    row = {"image": pairs.images.names[i]}
    for name in names:
        more = {"spacing": pairs.images.info(i).spacing or 1.0} if name in _DISTANCES else {}
        row[name] = float(_SCORES[name]([true], [mask], roi=roi, **more))
    return row


def _write_csv(rows, path):
    table = io.StringIO()
    writer = csv.DictWriter(table, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    with whole_file(path) as file:
        file.write(table.getvalue().encode(errors="replace"))
