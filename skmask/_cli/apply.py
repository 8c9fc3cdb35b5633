"""``skmask apply``: a folder of images to a folder of masks."""

import sys
import warnings

from skmask._cli.arguments import (
    add_choices,
    add_json,
    add_model,
    choices_of,
    note,
    print_json,
    say_line,
)
from skmask._cli.models import choices_of_model, load_model
from skmask._files.encode import ENCODED_SUFFIXES
from skmask.io import ImageFiles, transform_files

HELP = """Mask a folder of images by a learned model, file by file.

  skmask apply model.skops images -o masks
  skmask apply model.skops 'scans/**/*.nii.gz' -o masks --resume

Images are read by the choices that were made in learning, unless others are given. A file appears when all of
it is written, so a run that was stopped can be resumed. Files that fail are reported on stderr and left out.
"""


def add_arguments(parser):
    """Add the arguments of this command."""
    add_model(parser)
    parser.add_argument("images", metavar="IMAGES", help="folder, file or pattern")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="where to write")
    parser.add_argument(
        "--suffix",
        choices=ENCODED_SUFFIXES,
        help="format of the masks (.nii.gz for NIfTI files and folders of DICOM slices, .tif for other "
        "volumes, else .png)",
    )
    parser.add_argument("--resume", action="store_true", help="keep files that are there")
    parser.add_argument("--jobs", type=int, default=1, help="number of threads (1)")
    add_json(parser)
    add_choices(parser)


def run(options):
    """Write the masks; return 1 if a file failed."""
    model = load_model(options.model, trust=options.trust)
    files = ImageFiles(options.images, **(choices_of_model(model) | choices_of(options)))
    with warnings.catch_warnings():
        # Failed files are reported one by one below.
        warnings.filterwarnings("ignore", "transform_files left out")
        report = transform_files(
            model,
            files,
            options.output,
            suffix=options.suffix,
            resume=options.resume,
            on_error="skip",
            n_jobs=options.jobs,
            progress=_progress(),
        )
    for path, reason in report.failed:
        say_line("failed", reason if str(path) in reason else f"{path}: {reason}")
    if options.json:
        print_json(
            {
                "written": [str(path) for path in report.written],
                "skipped": [str(path) for path in report.skipped],
                "failed": [{"file": str(path), "reason": reason} for path, reason in report.failed],
            }
        )
    note(
        f"{len(report.written)} files written, {len(report.skipped)} skipped, {len(report.failed)} failed"
    )
    return 1 if report.failed else 0


def _progress():
    """Return the progress bar of tqdm where a person watches, else None."""
    if not sys.stderr.isatty():
        return None
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm
