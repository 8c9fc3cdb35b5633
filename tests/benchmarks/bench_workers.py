"""One worker against two: the same chunks, on dask's threads and on processes, beside a plain loop.

Chunks are made where they are needed, so that no disk is waited for, and of results only checksums travel.
Worker processes keep the memory that they free, which dask.distributed has them give back: taking it again
for every array costs half as much again. All contenders take turns. Where other work disturbs them, the best
round of each is the fairer figure, and the time on the processor, of the busier worker, tells what two cores
of one's own would do.
"""

import contextlib
import os
import statistics
import sys
import time
import zlib

import dask
import dask.array as da
import numpy as np
from dask.distributed import Client, LocalCluster
from sklearn.pipeline import make_pipeline
from timing import Row, print_table

from skmask import (
    BinaryOpener,
    HistogramThresholdMasker,
    HoleFiller,
    LargestRegionKeeper,
    MaskApplier,
)

CHUNK = (8, 512, 512)
KEEP_MEMORY = {
    "distributed.nanny.pre-spawn-environ": {
        f"{name}_NUM_THREADS": 1 for name in ("OMP", "MKL", "OPENBLAS")
    }
}


def rows(quick):
    n_chunks = 8 if quick else 32
    images = da.map_blocks(make_chunk, dtype=np.uint8, chunks=((CHUNK[0],) * n_chunks, *CHUNK[1:]))
    masker = make_pipeline(
        HistogramThresholdMasker(),
        BinaryOpener("disk", radius=2),
        HoleFiller(),
        LargestRegionKeeper(),
    )
    applier = MaskApplier(masker).fit(next(chunks_in_turn(1)))
    with contextlib.ExitStack() as running:
        running.enter_context(dask.config.set(KEEP_MEMORY))
        places = {
            "1 thread": lambda: dask.config.set(scheduler="threads", num_workers=1),
            "2 threads": lambda: dask.config.set(scheduler="threads", num_workers=2),
        }
        clients = {}
        for n_workers in (1, 2):
            cluster = LocalCluster(
                n_workers=n_workers, threads_per_worker=1, dashboard_address=":0"
            )
            name = f"{n_workers} process{'es' * (n_workers > 1)}"
            clients[name] = Client(running.enter_context(cluster), set_as_default=False)
            running.enter_context(clients[name])
            places[name] = clients[name].as_current
        n_mib = images.nbytes >> 20
        for name, in_dask, in_loop in (
            ("fit", lambda: counts_of(images), lambda: counts_in_loop(n_chunks)),
            (
                "five steps",
                lambda: checksums_of(applier.transform(images)),
                lambda: checksums_in_loop(applier, n_chunks),
            ),
        ):
            yield race_of_places(f"{name}, {n_mib} MiB", in_dask, in_loop, places, clients, quick)


def make_chunk(block_info):
    """Make images of noisy bright squares, other ones in every chunk."""
    number = block_info[None]["chunk-location"][0]
    images = np.random.default_rng(number).integers(0, 120, CHUNK, dtype=np.uint8)
    images[:, 40 + number : 400, 60:300] += 100
    return images


def counts_of(images):
    return HistogramThresholdMasker().fit(images).histogram_.tolist()


def counts_in_loop(n_chunks):
    masker = HistogramThresholdMasker()
    for chunk in chunks_in_turn(n_chunks):
        masker.partial_fit(chunk)
    return masker.histogram_.tolist()


def checksums_of(lazy):
    return lazy.map_blocks(checksum, dtype=np.int64, chunks=(1, 1, 1)).compute().ravel().tolist()


def checksums_in_loop(applier, n_chunks):
    return [checksum(applier.transform(chunk)).item() for chunk in chunks_in_turn(n_chunks)]


def chunks_in_turn(n_chunks):
    return (make_chunk({None: {"chunk-location": (number,)}}) for number in range(n_chunks))


def checksum(images):
    return np.full((1, 1, 1), zlib.crc32(images))


def race_of_places(name, in_dask, in_loop, places, clients, quick):
    """Time a call in all places in turn; results must be those of the loop, or the benchmark stops."""
    expected = in_loop()
    wall = {place: [] for place in ["loop", *places]}
    busy = {place: [] for place in clients}
    for i in range(4 if quick else 8):
        start = time.perf_counter()
        in_loop()
        wall["loop"].append(time.perf_counter() - start)
        for place, enter in places.items():
            before = clients[place].run(time.process_time) if place in clients else {}
            with enter():
                start = time.perf_counter()
                if in_dask() != expected:
                    raise SystemExit(f"results of {place} differ from the loop")
                seconds = time.perf_counter() - start
            if i:
                wall[place].append(seconds)
                after = clients[place].run(time.process_time) if place in clients else {}
                if after:
                    busy[place].append(max(after[worker] - before[worker] for worker in after))
    best = {place: min(times) for place, times in wall.items()}
    gains = []
    for one, two in (("1 thread", "2 threads"), ("1 process", "2 processes")):
        ratios = [slow / fast for slow, fast in zip(wall[one], wall[two], strict=True)]
        gains.append(
            f"{two} are {best[one] / best[two]:.2f}x as fast as one (median {statistics.median(ratios):.2f}x)"
        )
    one, two = (statistics.median(times) for times in busy.values())
    gains.append(f"on the processor {one / two:.2f}x, load {os.getloadavg()[0]:.1f}")
    return Row(name, best.pop("loop"), best, "; ".join(gains))


if __name__ == "__main__":
    print_table("workers", rows("--quick" in sys.argv))
