"""How all benchmarks measure: rivals in turn in one process, medians, and peak extra memory."""

import csv
import statistics
import time
import tracemalloc
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from skmask import use_engine
from skmask._kernels.compiled import is_compiled

# The rival that is skmask itself without its compiled kernels.
NUMPY = "NumPy engine"

# Columns of the chart, besides skmask.
CHARTED = ["SciPy", "scikit-image", "OpenCV"]

# Seconds that a short call is repeated for.
ENOUGH = 0.01


class Row(NamedTuple):
    """One line of the table: skmask and its rivals on the same data, in seconds."""

    name: str
    seconds: float
    rivals: dict[str, float]
    extra: str = ""


def race(name, ours, rivals, *, quick=False, extra=""):
    """Time a call against others: in turn, after one round to warm up, the median of each.

    Machines are shared and noisy, and what disturbs one call then disturbs the others as well. A short call
    goes on for a while in each of its turns: a single one would mostly measure the cold caches that the call
    before it leaves. Where skmask runs compiled, its other engine is one of the rivals.
    """
    calls = {"skmask": ours}
    if is_compiled():
        calls[NUMPY] = ours
    calls |= rivals
    rounds = 3 if quick else 7
    taken = {who: [] for who in calls}
    repeats = {}
    for i in range(rounds + 1):
        for who, call in calls.items():
            with use_engine("numpy") if who == NUMPY else nullcontext():
                if i:
                    if repeats[who] > 1:
                        call()
                    taken[who].append(_seconds(call, repeats[who]) / repeats[who])
                    continue
                first = _seconds(call)  # compiles, imports and reads files
                slow = first > 100 * ENOUGH
                repeats[who] = 1 if slow else int(ENOUGH / _seconds(call)) + 1
    medians = {who: statistics.median(times) for who, times in taken.items()}
    if "peak" not in extra:
        extra = ", ".join(filter(None, [extra, f"peak {peak_bytes(ours) / 1e6:.1f} MB"]))
    return Row(name, medians.pop("skmask"), medians, extra)


def _seconds(call, n=1):
    start = time.perf_counter()
    for _ in range(n):
        call()
    return time.perf_counter() - start


def peak_bytes(call):
    """Return the most memory that NumPy and Python held during a call beyond what they held before."""
    tracemalloc.start()
    try:
        result = call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del result
    return peak


def print_table(title, rows):
    """Print rows with the time of each rival as a multiple of skmask's: above 1, skmask is ahead."""
    print(f"\n{title}")
    for row in rows:
        figures = f"{row.name:<44} {row.seconds * 1e3:9.2f} ms   {_ratios(row)}   {row.extra}"
        print(f"  {figures.rstrip()}", flush=True)


def print_rst(title, summary, rows):
    """Print rows as a section for the documentation."""
    print(f"\n{title}\n{'~' * len(title)}\n\n{summary}\n")
    print(".. list-table::\n   :header-rows: 1\n   :widths: 40 15 45\n")
    print("   * - case\n     - skmask\n     - others")
    for row in rows:
        others = "; ".join(filter(None, [_ratios(row), row.extra]))
        print(
            f"   * - {row.name}\n     - {_short(row.seconds * 1e3)} ms\n     - {others}", flush=True
        )


def write_csv(path, rows):
    """Write the rows of a table for the chart: the time of skmask in NumPy alone, and multiples of it.

    The time of skmask with numba is such a multiple, too.
    """
    columns = ["operation", "skmask", "skmask with numba", *CHARTED]
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            seconds = {"skmask with numba": row.seconds, **row.rivals}
            alone = row.rivals[NUMPY]
            ratios = [_short(seconds[who] / alone) if who in seconds else "" for who in columns[2:]]
            writer.writerow([row.name, f"{_short(alone * 1e3)} ms", *ratios])
            file.flush()


def _ratios(row):
    return ", ".join(f"{who} {_short(time / row.seconds)}x" for who, time in row.rivals.items())


def _short(number):
    return f"{number:.2f}" if number < 10 else f"{number:.0f}"
