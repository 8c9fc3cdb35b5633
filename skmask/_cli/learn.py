"""``skmask learn``: a model from a folder of images, with or without their masks."""

import math
import textwrap

import numpy as np
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline

from skmask._cleaners.hole_filler import HoleFiller
from skmask._cleaners.small_region_remover import SmallRegionRemover
from skmask._cli.arguments import (
    add_choices,
    add_mask_rules,
    check_suffix,
    choices_of,
    image_files,
    note,
    paired_files,
    print_table,
)
from skmask._cli.models import save_model
from skmask._cli.report import write_report
from skmask._describe import describe
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._maskers.histogram_threshold_masker import HistogramThresholdMasker
from skmask._steps.gaussian_smoother import GaussianSmoother
from skmask.metrics import dice_scorer

_METHODS = textwrap.fill(", ".join(sorted(THRESHOLD_METHODS)), 100)

HELP = f"""Learn a threshold, and how masks are cleaned, from a folder of images.

  skmask learn images -o model.skops
  skmask learn images labels --clean 50 --holes -o model.skops --report report.html
  skmask learn images labels --search -o model.skops

Without LABELS the threshold comes from the histogram of all images, by one of the methods
{_METHODS}.
With LABELS it can be the one that fits them best, by one of the criteria
{", ".join(sorted(CRITERIA))}.

--search tries 48 settings in 5-fold cross-validation and keeps the one with the highest mean Dice score
on images that it was not learned from: methods otsu, li, triangle and dice; smoothing by 0 and 1 pixel;
holes kept and filled; regions removed below 0, 20 and 100 pixels. Images of up to 1 GiB are held in
memory for it.
"""

_GRID = {
    "smooth": ["passthrough", GaussianSmoother(1)],
    "threshold__method": ["otsu", "li", "triangle", "dice"],
    "holes": ["passthrough", HoleFiller()],
    "clean": ["passthrough", SmallRegionRemover(20), SmallRegionRemover(100)],
}
_MOST_BYTES = 1 << 30
_MOST_ROWS = 10


def add_arguments(parser):
    """Add the arguments of this command."""
    parser.add_argument("images", metavar="IMAGES", help="folder, file or pattern")
    parser.add_argument("masks", metavar="LABELS", nargs="?", help="masks of the images")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="a .skops file")
    parser.add_argument("--method", help="method or criterion (dice with LABELS, else otsu)")
    parser.add_argument(
        "--foreground",
        choices=["bright", "dark", "auto"],
        default="bright",
        help="whether pixels above the threshold are foreground, or the others; auto needs LABELS (bright)",
    )
    parser.add_argument(
        "--smooth", type=float, metavar="SIGMA", help="first smooth images by a Gaussian, in pixels"
    )
    parser.add_argument("--holes", action="store_true", help="fill holes in masks")
    parser.add_argument(
        "--clean", type=float, metavar="PIXELS", help="remove regions of fewer pixels from masks"
    )
    parser.add_argument(
        "--search", action="store_true", help="search for the best of 48 settings, see above"
    )
    parser.add_argument("--report", metavar="FILE", help="write a report to an .html file")
    add_choices(parser)
    add_mask_rules(parser)


def run(options):
    """Learn and save a model."""
    target = check_suffix(options.output, [".skops"], "the model")
    report = None
    if options.report is not None:
        report = check_suffix(options.report, [".html", ".htm"], "the report")
    images, masks, roi = image_files(options), None, None
    if options.masks is not None:
        pairs = paired_files(options)
        images, masks, roi = pairs.images, pairs.masks, pairs.roi
    search = _search(options, images, masks) if options.search else None
    if search is None:
        model = _fit(_pipeline(options), images, masks, roi)
    else:
        model = search.best_estimator_
        print_table(_rows_of(search)[:_MOST_ROWS])
    sentence = describe(model if search is None else search)
    save_model(model, target, choices_of(options))
    if report is not None:
        rows = None if search is None else _rows_of(search)
        write_report(report, model, images, masks, sentence=sentence, search_rows=rows)
    note(sentence)
    return 0


def _pipeline(options):
    method = options.method or ("otsu" if options.masks is None else "dice")
    steps = {
        "smooth": None if options.smooth is None else GaussianSmoother(options.smooth),
        "threshold": HistogramThresholdMasker(method, foreground=options.foreground),
        "holes": HoleFiller() if options.holes else None,
        "clean": None if options.clean is None else SmallRegionRemover(options.clean),
    }
    return Pipeline([(name, step) for name, step in steps.items() if step is not None])


def _fit(pipeline, images, masks, roi):
    """Fit the threshold alone, as the other steps learn nothing and the pipeline would hold all masks."""
    smoother = pipeline.named_steps.get("smooth")
    smoothed = images if smoother is None else _Smoothed(smoother, images)
    pipeline.named_steps["threshold"].fit(smoothed, masks, roi=roi)
    return pipeline


class _Smoothed:
    """A lazy sequence of images that are smoothed when they are read."""

    def __init__(self, smoother, images):
        self._smoother, self._images = smoother, images

    def __len__(self):
        return len(self._images)

    def __getitem__(self, i):
        (image,) = self._smoother.transform([self._images[i]])
        return image


def _search(options, images, masks):
    if masks is None:
        msg = "skmask learn expects LABELS for --search. Name the folder of masks behind that of the images."
        raise ValueError(msg)
    given = {name: getattr(options, name) for name in ("method", "smooth", "clean", "void")}
    given["holes"] = options.holes or None
    for name, value in given.items():
        if value is not None:
            msg = f"skmask learn expects --search or --{name}, got both. The search has its own settings."
            raise ValueError(msg)
    if len(images) < 2:
        msg = f"skmask learn expects two images or more for --search, got {len(images)}."
        raise ValueError(msg)
    infos = [images.info(i) for i in range(len(images))]
    if sum(math.prod(info.shape) * info.dtype.itemsize for info in infos) <= _MOST_BYTES:
        images, masks = list(images), list(masks)
    pipeline = Pipeline(
        [
            ("smooth", "passthrough"),
            ("threshold", HistogramThresholdMasker(foreground=options.foreground)),
            ("holes", "passthrough"),
            ("clean", "passthrough"),
        ]
    )
    splits = KFold(min(5, len(images)), shuffle=True, random_state=0)
    return GridSearchCV(pipeline, _GRID, scoring=dice_scorer, cv=splits).fit(images, masks)


def _rows_of(search):
    """Return the settings of a search as rows of a table, the best first."""
    results = search.cv_results_
    rows = []
    for i in np.argsort(results["rank_test_score"], kind="stable"):
        params = results["params"][i]
        rows.append(
            {
                "dice": float(results["mean_test_score"][i]),
                "std": float(results["std_test_score"][i]),
                "method": params["threshold__method"],
                "smooth": getattr(params["smooth"], "sigma", 0),
                "holes": "kept" if params["holes"] == "passthrough" else "filled",
                "clean": getattr(params["clean"], "min_size", 0),
            }
        )
    return rows
