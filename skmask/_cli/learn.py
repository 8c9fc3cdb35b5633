"""``skmask learn``: a model from a folder of images, with or without their masks."""

import textwrap

import numpy as np
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
from skmask._files.image_files import ImageFiles
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._maskers.histogram_threshold_masker import HistogramThresholdMasker
from skmask._search.search_masker import search_masker
from skmask._steps.gaussian_smoother import GaussianSmoother

_METHODS = textwrap.fill(", ".join(sorted(THRESHOLD_METHODS)), 100)

HELP = f"""Learn a threshold, and how masks are cleaned, from a folder of images.

  skmask learn images -o model.skops
  skmask learn images labels --clean 50 --holes -o model.skops --report report.html
  skmask learn images labels --search -o model.skops

Without LABELS the threshold comes from the histogram of all images, by one of the methods
{_METHODS}.
With LABELS it can be the one that fits them best, by one of the criteria
{", ".join(sorted(CRITERIA))}.

--search compares maskers by their Dice score on images that they were not fitted on, and keeps the best one:
thresholds, also behind smoothing or background subtraction, local thresholds and classifiers of pixels, then
cleaning behind the best of them. It is search_masker of skmask, with --budget seconds to spend.
"""

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
        "--search", action="store_true", help="search for the best masker, see above; needs LABELS"
    )
    parser.add_argument(
        "--budget", type=float, default=240, help="seconds that a search may take (240)"
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
        if not any(mask.any() for mask in masks):
            _refuse_empty(options)
    choices = choices_of(options)
    if options.search:
        model, rows = _search(options, images, masks, choices)
        print_table(rows[:_MOST_ROWS])
    else:
        model, rows = _fit(_pipeline(options), images, masks, roi), None
    sentence = describe(model)
    save_model(model, target, choices)
    if report is not None:
        write_report(report, model, images, masks, sentence=sentence, search_rows=rows)
    note(sentence)
    return 0


def _refuse_empty(options):
    """Refuse masks without foreground, and say what labels the first file has."""
    labels = options.labels
    if isinstance(labels, list):
        labels = ",".join(map(str, labels))
    named = "" if labels is None else f" with --labels {labels}"
    values = np.unique(ImageFiles(options.masks)[0])
    msg = (
        f"skmask learn expects foreground in LABELS, got none{named}. The first file has the values "
        f"{', '.join(map(str, values[:8].tolist()))}{', ...' if values.size > 8 else ''}. Name those of "
        "foreground by --labels."
    )
    raise ValueError(msg)


def _pipeline(options):
    method = options.method or ("otsu" if options.masks is None else "dice")
    steps = {
        "smooth": None if options.smooth is None else GaussianSmoother(options.smooth),
        "threshold": HistogramThresholdMasker(method, foreground=options.foreground or "bright"),
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


def _search(options, images, masks, choices):
    """Return the best masker and a table of all that were tried, the best first."""
    if masks is None:
        msg = "skmask learn expects LABELS for --search. Name the folder of masks behind that of the images."
        raise ValueError(msg)
    names = ("method", "foreground", "smooth", "clean", "void")
    given = {name: getattr(options, name) for name in names} | {"holes": options.holes or None}
    for name, value in given.items():
        if value is not None:
            msg = f"skmask learn expects --search or --{name}, got both. The search has its own settings."
            raise ValueError(msg)
    channel_axis = -1 if choices.get("channel") == "all" else None
    model = search_masker(
        images, masks, budget=options.budget, channel_axis=channel_axis, verbose=False
    )
    rows = [
        {
            "dice": row["score"],
            "std_error": row["standard_error"],
            "seconds": row["seconds"],
            "masker": row["name"],
        }
        for row in model.search_results_
    ]
    return model, rows
