"""Arguments that several commands share, and what they mean for the functions of `skmask.io`."""

import argparse
import json
import math
import re
import sys
from pathlib import Path

from skmask.io import ImageFiles, MaskFiles, pair_files


def number_or_word(text):
    """Return an argument as a number where it is one."""
    try:
        return int(text)
    except ValueError:
        return text


_CHOICES = {
    "as_gray": {"action": "store_true", "default": None, "help": "make colors gray"},
    "channel": {
        "type": number_or_word,
        "help": "channel of color files: a number from 0, or 'index' for palettes",
    },
    "page": {
        "type": number_or_word,
        "help": "page of files with several: a number from 0, or 'all' for a volume",
    },
    "orientation": {
        "choices": ["apply", "ignore"],
        "help": "whether images that a camera stored sideways are turned upright",
    },
    "alpha": {"choices": ["ignore"], "help": "drop an alpha channel with transparent pixels"},
    "white_is_zero": {
        "choices": ["keep", "invert"],
        "help": "what to do with TIFF and DICOM files in which 0 is white",
    },
}

# Parameters in messages of functions, such as page='all', that are arguments of the commands.
_NAMES = "|".join([*_CHOICES, "foreground", "void", "key", "suffix"])
_PARAMETER = re.compile(rf"\b({_NAMES})=('[^']*'|\w+)")


def add_choices(parser):
    """Add the choices of how image files are read."""
    group = parser.add_argument_group("how image files are read, where there is a choice")
    for name, options in _CHOICES.items():
        group.add_argument(f"--{name.replace('_', '-')}", **options)


def add_mask_rules(parser):
    """Add the rules by which label files become masks."""
    group = parser.add_argument_group("how mask files are read")
    group.add_argument(
        "--labels",
        type=_labels,
        metavar="LABELS",
        help="labels of the foreground: a number, numbers with commas, 'nonzero', or a color such as "
        "'#ff0000'; without it, files have two values, 0 and 1 or 0 and 255",
    )
    group.add_argument(
        "--void",
        type=_labels,
        metavar="LABELS",
        help="labels of pixels that nobody labeled, which are left out",
    )
    group.add_argument(
        "--key",
        metavar="REGEX",
        help="regular expression for what names of images and masks share, such as '[0-9]+'; without it, "
        "the name without its suffix",
    )


def add_model(parser):
    """Add the model file."""
    parser.add_argument("model", metavar="MODEL", help="a .skops file")
    parser.add_argument(
        "--trust",
        action="store_true",
        help="allow a .joblib file, which can run any code; use it only for files from people you trust",
    )


def add_json(parser):
    """Add the choice of JSON instead of words."""
    parser.add_argument("--json", action="store_true", help="print JSON to stdout")


def choices_of(options):
    """Return the choices that were made, as parameters of `ImageFiles`."""
    chosen = {name: getattr(options, name) for name in _CHOICES}
    return {name: value for name, value in chosen.items() if value is not None}


def image_files(options):
    """Return the images that the arguments name."""
    return ImageFiles(options.images, **choices_of(options))


def mask_files(path, choices, *, labels=None, void=None):
    """Return the masks of a path; pages and orientation are read as those of the images."""
    shared = {name: choices[name] for name in ("page", "orientation") if name in choices}
    return MaskFiles(path, foreground=labels, void=void, **shared)


def paired_files(options):
    """Return the images and masks that the arguments name, in pairs."""
    masks = mask_files(options.masks, choices_of(options), labels=options.labels, void=options.void)
    return pair_files(image_files(options), masks, key=options.key)


def note(text):
    """Print a note on stderr if it is a terminal, and nothing in scripts."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def say_line(kind, text):
    """Write one line to stderr, whatever lines the text has, with parameters as they are typed here."""
    text = _PARAMETER.sub(_as_argument, " ".join(text.split()))
    print(f"skmask: {kind}: {text}", file=sys.stderr)


def print_json(value):
    """Print JSON, with null for NaN and infinities, which JSON lacks."""
    print(json.dumps(_finite(value), indent=2, default=str))


def print_table(rows):
    """Print a list of dicts as a table: a header, then numbers to the right and words to the left."""
    columns = {}
    for name in rows[0]:
        cells = [_cell(row[name]) for row in rows]
        is_number = all(isinstance(row[name], int | float) for row in rows)
        width = max(map(len, [name, *cells]))
        columns[name] = [f"{c:>{width}}" if is_number else f"{c:<{width}}" for c in [name, *cells]]
    for line in zip(*columns.values(), strict=True):
        print("  ".join(line).rstrip())


def check_suffix(path, suffixes, what):
    """Refuse an output file of another format before anything is computed; return its path."""
    path = Path(path)
    if path.suffix.lower() not in suffixes:
        msg = f"skmask expects {what} to end in {' or '.join(suffixes)}, got {str(path)!r}."
        raise ValueError(msg)
    if not path.absolute().parent.is_dir():
        msg = f"skmask expects a folder that exists for {what}, got {str(path)!r}."
        raise FileNotFoundError(msg)
    return path


def _cell(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _finite(value):
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _as_argument(parameter):
    name, value = parameter.groups()
    if name == "foreground" and value not in ("'bright'", "'dark'", "'auto'"):
        name = "labels"
    option = f"--{name.replace('_', '-')}"
    return option if value == "True" else f"{option} {value}"


def _labels(text):
    if text == "nonzero" or text.startswith("#"):
        return text
    try:
        labels = [int(label) for label in text.split(",")]
    except ValueError:
        msg = f"{text!r} is no number, no numbers with commas, not 'nonzero' and no color"
        raise argparse.ArgumentTypeError(msg) from None
    return labels
