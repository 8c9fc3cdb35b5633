"""Connected regions of the images in a dask array, merged across its chunks."""

from itertools import accumulate, pairwise, product
from operator import getitem
from typing import Any

import numpy as np

from skmask._kernels.regions.chunks import Chunk, merge, paint, summarize
from skmask._kernels.regions.rules import RegionRule


def clean_chunks(marks: Any, rule: RegionRule, images: Any) -> Any:
    """Return the dask array of the masks that hold what a rule keeps of the regions of masks.

    No task holds more than a chunk and its faces. The exception is the task that merges the regions of
    several chunks: it holds a row for each of them and a number for each run of pixels in the faces
    between chunks. There is one such task for all chunks of the same images.

    Parameters
    ----------
    marks : dask.array.Array of bool or uint8, of shape (n_images, *image_shape)
        Masks, or marks of masks with seeds.
    rule : skmask._kernels.regions.rules.RegionRule
    images : dask.array.Array of the same shape
        The images under the masks, which rules may ask for.
    """
    import dask.array as da
    from dask.array.overlap import overlap
    from dask.base import tokenize
    from dask.highlevelgraph import HighLevelGraph

    marks = marks.rechunk(tuple(tuple(filter(None, sizes)) for sizes in marks.chunks))
    extended = overlap(marks, dict.fromkeys(range(1, marks.ndim), (0, 1)), boundary="none")
    images = images.rechunk(marks.chunks) if "intensities" in rule.asks else None
    token = tokenize(marks, rule, images)
    steps = ("summarize", "hold", "tell", "merge", "decide", "clean-regions")
    summarized, held, told, merged, decided, cleaned = [f"{step}-{token}" for step in steps]
    grid = marks.numblocks[1:]
    bounds = (pairwise(accumulate(sizes, initial=0)) for sizes in marks.chunks[1:])
    chunks = [
        Chunk(tuple(start for start, _ in each), tuple(stop for _, stop in each), marks.shape[1:])
        for each in product(*bounds)
    ]
    tasks: dict[Any, Any] = {}
    for block in range(marks.numblocks[0]):
        keys = [(block, *index) for index in np.ndindex(grid)]
        for i, (key, chunk) in enumerate(zip(keys, chunks, strict=True)):
            under = () if images is None else ((images.name, *key),)
            tasks[summarized, *key] = (summarize, (extended.name, *key), chunk, rule, *under)
            tasks[held, *key] = (getitem, (summarized, *key), 0)
            tasks[told, *key] = (getitem, (summarized, *key), 1)
            tasks[decided, *key] = (getitem, (merged, block), i)
            tasks[cleaned, *key] = (paint, (held, *key), (decided, *key), rule)
        tasks[merged, block] = (merge, [(told, *key) for key in keys], grid, rule)
    dependencies = [extended] if images is None else [extended, images]
    graph = HighLevelGraph.from_collections(cleaned, tasks, dependencies=dependencies)
    return da.Array(graph, cleaned, marks.chunks, meta=np.empty((0,) * marks.ndim, bool))
