"""How all benchmarks measure: rivals in turn in one process, medians, and peak extra memory."""

import statistics
import time
import tracemalloc
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table: skmask and its rivals on the same data, in seconds."""

    name: str
    seconds: float
    rivals: dict[str, float]
    extra: str = ""


def race(name, ours, rivals, *, quick=False, extra=""):
    """Time a call against others: in turn, after one round to warm up, the median of each.

    Machines are shared and noisy, and what disturbs one call then disturbs the others as well.
    """
    calls = {"skmask": ours, **rivals}
    rounds = 3 if quick else 7
    taken = {who: [] for who in calls}
    for i in range(rounds + 1):
        for who, call in calls.items():
            start = time.perf_counter()
            call()
            if i:
                taken[who].append(time.perf_counter() - start)
    medians = {who: statistics.median(times) for who, times in taken.items()}
    return Row(name, medians.pop("skmask"), medians, extra)


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


def _ratios(row):
    return ", ".join(f"{who} {_short(time / row.seconds)}x" for who, time in row.rivals.items())


def _short(number):
    return f"{number:.2f}" if number < 10 else f"{number:.0f}"
