"""The command: its arguments, its exit codes, and errors and warnings in one line each."""

import argparse
import os
import re
import sys
import traceback
import warnings
from collections import Counter

from skmask._cli import apply, compare, describe, learn, score, show
from skmask._cli.arguments import say_line
from skmask._version import __version__

_SUBCOMMANDS = (learn, apply, score, show, describe, compare)

_DESCRIPTION = """\
Learn masks from a folder of images, apply them to other folders, and measure how good they are.

  skmask learn images labels -o model.skops --report report.html
  skmask apply model.skops new_images -o masks
  skmask score true_masks masks
"""
_EPILOG = """\
IMAGES, MASKS and TRUTH are a folder, a file, or a pattern in quotes, such as 'scans/**/*.tif'.
"skmask COMMAND --help" describes a command.

exit status: 0 all went well; 1 some files failed, and all others are done; 2 nothing was done because of an
error, reported in one line on stderr; 130 interrupted.
"""


def main(arguments=None):
    """Run the command and return its exit status.

    Parameters
    ----------
    arguments : list of str, default=None
        Arguments of the command; None takes those of the process.
    """
    options = _make_parser().parse_args(arguments)
    # Names of files may have bytes that are no text.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    with warnings.catch_warnings():
        shown = _Warnings()
        warnings.showwarning = shown.show
        warnings.simplefilter("default", UserWarning)
        try:
            status = options.run(options)
            sys.stdout.flush()
        except KeyboardInterrupt:
            return 130
        except BrokenPipeError:
            # The reader of stdout, such as head, has seen enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except Exception as error:
            if options.traceback:
                traceback.print_exc()
            notes = getattr(error, "__notes__", [])
            say_line("error", " ".join([str(error) or type(error).__name__, *notes]))
            return 2
        finally:
            shown.tell_rest()
    return status


class _Warnings:
    """Shows the first of warnings that differ in numbers only, as those of many files do, and counts them."""

    def __init__(self):
        self._counts = Counter()

    def show(self, message, category, filename, lineno, file=None, line=None):
        kind = re.sub("[0-9.]+", "", str(message))
        self._counts[kind] += 1
        if self._counts[kind] == 1:
            say_line("warning", str(message))

    def tell_rest(self):
        for kind, count in self._counts.items():
            if count > 1:
                say_line("warning", f"{count - 1} more like this: {' '.join(kind.split()[:6])} ...")


def _make_parser():
    parser = argparse.ArgumentParser(
        "skmask",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"skmask {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _SUBCOMMANDS:
        name = command.__name__.rpartition(".")[2]
        summary, _, details = command.HELP.partition("\n")
        subparser = subparsers.add_parser(
            name,
            help=summary,
            description=f"{summary}\n{details}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(subparser)
        subparser.add_argument(
            "--traceback", action="store_true", help="show where an error arose in the code"
        )
        subparser.set_defaults(run=command.run)
    return parser
