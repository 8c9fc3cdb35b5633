"""Compare skmask with its peers, side by side in one process.

    python -m pip install ".[bench]"
    python tests/benchmarks/compare.py [--quick] [--rst | --csv FILE] [basics morphology ...]

Every ``bench_*.py`` beside this file is a table; names on the command line choose among them. Figures are
medians of calls that take turns, as multiples of skmask's time: above 1, skmask is ahead. Where numba is
installed, skmask runs compiled, and its NumPy engine is one of the others.
"""

import argparse
import importlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from timing import print_rst, print_table, write_csv

from skmask._kernels.compiled import is_compiled

TABLES = sorted(
    path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")
)
PEERS = ["numpy", "scipy", "scikit-learn", "scikit-image", "opencv-python-headless", "SimpleITK"]
PEERS += ["numba"]


def main():
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tables", nargs="*", metavar="table", help=f"any of {', '.join(TABLES)}")
    parser.add_argument("--quick", action="store_true", help="few and small images, few rounds")
    parser.add_argument(
        "--rst", action="store_true", help="print tables for docs/benchmark_tables.rst"
    )
    parser.add_argument(
        "--csv", metavar="FILE", help="write one table for the chart, docs/benchmarks.csv"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.tables) - set(TABLES)
    if unknown:
        parser.error(f"unknown tables: {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(", ".join(f"{peer} {_version(peer)}" for peer in PEERS))
    print(f"skmask runs {'compiled' if is_compiled() else 'in NumPy alone'}")
    for table in arguments.tables or TABLES:
        module = importlib.import_module(f"bench_{table}")
        rows = module.rows(arguments.quick)
        if arguments.csv:
            write_csv(arguments.csv, rows)
        elif arguments.rst:
            print_rst(table.capitalize(), module.__doc__.strip(), rows)
        else:
            print_table(table, rows)


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


if __name__ == "__main__":
    main()
