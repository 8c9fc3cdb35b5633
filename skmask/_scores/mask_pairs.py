"""Read true and predicted masks side by side, for all scores."""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skmask._images.kinds import (
    Kind,
    check_member,
    classify,
    is_foreign,
    is_lazy,
    read_one,
    to_numpy,
)
from skmask._images.masks import to_mask
from skmask._images.readers import block_bounds, read
from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.pixels.binary import is_two_valued, sound
from skmask._kernels.pixels.namespaces import dtype_of, like
from skmask._warn import warn

Masks = ArrayLike | Sequence[ArrayLike]

# Pixels read at a time, so that converting masks to booleans never copies a whole stack.
_BLOCK = 1 << 20


def score_pairs(
    score: Callable[..., Array],
    y_true: Masks,
    y_pred: Masks,
    roi: Masks | None,
    *,
    caller: str,
    flat_rows: bool = True,
    stays_on_device: bool = False,
    of_objects: bool = False,
) -> Array:
    """Return ``score(true, pred)`` or ``score(true, pred, roi)`` of blocks of masks, one row a mask.

    Parameters
    ----------
    score : callable
        Takes boolean arrays of shape ``(n, *image_shape)`` and returns an array with `n` rows.
    y_true, y_pred, roi : array-like or list of array-like
        Stacks or lists of masks; `roi` may be that of one mask, for all of a stack, or None.
    caller : str
        Name of the public function, for messages.
    flat_rows : bool
        Whether masks may be flat rows.
    stays_on_device : bool
        Whether `score` takes arrays of other libraries, on a device: if one is there, all are brought there.
    of_objects : bool
        Whether true and predicted masks may be label images, which `score` gets as integers.

    Returns
    -------
    rows : ndarray
    """
    named = {"y_true": y_true, "y_pred": y_pred}
    if roi is not None:
        named["roi"] = _for_all(roi, y_true)
    given = {
        name: classify(masks, caller=caller, name=name, on_device=stays_on_device)
        for name, masks in named.items()
    }
    device = None
    if not any(kind is Kind.IMAGES for kind, _ in given.values()):
        device = next((data for kind, data in given.values() if kind is Kind.DEVICE), None)
    collections: dict[str, Any] = {
        name: _read(kind, data, caller, name, device) for name, (kind, data) in given.items()
    }
    true = collections["y_true"]
    for name, masks in collections.items():
        _check_shapes(masks, true, caller, name)
    if not isinstance(true, list | _MaskList) and true.ndim == 2:
        got = f"{caller} expects a stack of masks (n_masks, height, width), got shape {true.shape}"
        fix = "Use masks[np.newaxis] for a single mask, or reshape flat rows to (n_masks, height, width)."
        if not flat_rows:
            msg = f"{got}. {fix}"
            raise ValueError(msg)
        warn(f"{got} and takes each row for a mask. {fix}")
    if device is not None:
        return score(*(to_mask(m, caller=caller, name=name) for name, m in collections.items()))
    parts = _parts(list(collections.values()))
    blocks = [
        (_object_blocks if of_objects and name != "roi" else _boolean_blocks)(
            masks, parts, caller, name
        )
        for name, masks in collections.items()
    ]
    rows = np.concatenate(
        [
            _score_block(score, dict(zip(collections, block, strict=True)), part, caller)
            for part, block in zip(parts, zip(*blocks, strict=True), strict=True)
        ]
    )
    ordered = np.empty_like(rows)
    ordered[np.concatenate(parts)] = rows
    return ordered


def _score_block(
    score: Callable[..., Array], block: dict[str, Array], part: Sequence[int], caller: str
) -> Array:
    true, *_ = block.values()
    for name, masks in block.items():
        _check_shape(masks.shape[1:], true.shape[1:], part[0], caller, name)
    return score(*block.values())


class _MaskList(Sequence[Array]):
    """Masks of a sequence, each read when it is asked for."""

    def __init__(self, masks: Sequence[Any], caller: str, name: str) -> None:
        self._masks = masks
        self._names = {"caller": caller, "name": name}
        self.is_lazy = is_lazy(masks)

    def __len__(self) -> int:
        return len(self._masks)

    def __getitem__(self, i: Any) -> Any:
        mask = self._masks[i]
        if self.is_lazy:
            mask = check_member(mask, **self._names)
        return _checked(read(mask), **self._names)


def _read(kind: Kind, masks: Any, caller: str, name: str, device: Any) -> Any:
    """Read masks to the host or, with `device`, to where that array is."""
    if kind is Kind.IMAGES:
        masks = _MaskList(masks, caller, name)
        return masks if masks.is_lazy else list(masks)
    if device is not None:
        return _checked(like(masks if is_foreign(masks) else read(masks), device), caller, name)
    if kind is Kind.ARRAY:
        masks = read_one(masks, caller=caller, name=name)
    stack = _checked(read(masks) if kind is Kind.DEVICE else masks, caller, name)
    if stack.ndim < 2:
        msg = (
            f"{caller} expects {name} to be a stack of masks (n_masks, height, width), got shape "
            f"{stack.shape}. Use masks[np.newaxis] for a single mask."
        )
        raise ValueError(msg)
    return stack


def _checked(array: Any, caller: str, name: str) -> Any:
    dtype = dtype_of(array)
    if dtype.kind not in "biuf":
        msg = f"{caller} expects {name} to be booleans or numbers, got dtype {dtype}. Convert them."
        raise TypeError(msg)
    if 0 in array.shape:
        msg = f"{caller} expects {name} to have pixels, got shape {array.shape}. Leave empty ones out."
        raise ValueError(msg)
    return array


def _for_all(roi: Any, y_true: Any) -> Any:
    """Repeat the region of interest of one mask for all masks of a stack."""
    shape = getattr(y_true, "shape", ())
    if len(shape) > 2 and getattr(roi, "shape", None) == shape[1:]:
        return np.broadcast_to(np.asarray(to_numpy(roi)), shape)
    return roi


def _check_shapes(masks: Any, true: Any, caller: str, name: str) -> None:
    n_masks, expected = (len(_shapes(one)) for one in (masks, true))
    if n_masks != expected:
        msg = (
            f"{caller} expects {name} to have {expected} masks like y_true, got {n_masks}. Pass one mask for "
            "every image, in the same order."
        )
        raise ValueError(msg)
    if isinstance(masks, _MaskList) or isinstance(true, _MaskList):
        return  # when they are read
    for i, (shape, other) in enumerate(zip(_shapes(masks), _shapes(true), strict=True)):
        _check_shape(shape, other, i, caller, name)


def _check_shape(
    shape: tuple[int, ...], other: tuple[int, ...], i: int, caller: str, name: str
) -> None:
    if shape != other:
        msg = (
            f"{caller} expects {name}[{i}] of shape {other}, the shape of y_true[{i}], got {shape}. "
            "Masks are not broadcast; use np.broadcast_to where that is meant."
        )
        raise ValueError(msg)


def _shapes(masks: Any) -> Any:
    if isinstance(masks, _MaskList):
        return masks
    if isinstance(masks, list):
        return [mask.shape for mask in masks]
    return [tuple(masks.shape[1:])] * masks.shape[0]


def _parts(collections: list[Any]) -> list[Sequence[int]]:
    """Return the positions of the masks that are scored at a time."""
    first = collections[0]
    stacks = [masks for masks in collections if not isinstance(masks, list | _MaskList)]
    read = [stack for stack in stacks if not isinstance(stack, np.ndarray)]
    if len(stacks) == len(collections):
        size = max(1, _BLOCK // prod(first.shape[1:]))
        bounds = block_bounds(read[0]) if read else block_bounds(first, size)
        return [range(start, stop) for start, stop in bounds]
    if read or any(isinstance(masks, _MaskList) for masks in collections):
        return [range(i, i + 1) for i in range(len(_shapes(first)))]
    groups: dict[Any, list[int]] = {}
    for i, masks in enumerate(zip(*collections, strict=True)):
        groups.setdefault((masks[0].shape, *(mask.dtype for mask in masks)), []).append(i)
    parts: list[Sequence[int]] = []
    for (shape, *_), members in groups.items():
        size = max(1, _BLOCK // prod(shape))
        parts += [members[start : start + size] for start in range(0, len(members), size)]
    return parts


def _take(masks: Any, part: Sequence[int]) -> Array:
    """Return a part of the masks as a stack, without a copy where it is a run of a stack or one mask."""
    if isinstance(masks, _MaskList):
        return np.asarray(masks[part[0]])[np.newaxis]
    if len(part) == 1 or isinstance(part, range):
        block = masks[part[0] : part[-1] + 1]
        return np.asarray(block[0])[np.newaxis] if isinstance(block, list) else np.asarray(block)
    return np.stack([sound(np.asarray(masks[i])) for i in part])


def _boolean_blocks(
    masks: Any, parts: Sequence[Sequence[int]], caller: str, name: str
) -> Iterator[BoolArray]:
    extremes = []
    for part in parts:
        array = _take(masks, part)
        if array.dtype.kind != "b":
            extremes += [array.min(), array.max()]
        yield to_mask(array, caller=caller, name=name)
    # A block of 0 and 1 and one of 0 and 255 are masks, but not of one collection.
    to_mask(np.array(extremes), caller=caller, name=name)


def _object_blocks(
    masks: Array | list[Array], parts: Sequence[Sequence[int]], caller: str, name: str
) -> Iterator[Array]:
    """Return blocks of booleans, of which the regions are objects, or of labels."""
    kinds, others, lowest = set(), set(), 0
    for part in parts:
        array = _take(masks, part)
        kinds.add(array.dtype.kind)
        lowest = min(lowest, array.min())
        others.add((array.max() or lowest) if is_two_valued(array) else None)
    # Zero and one other number, the same in all images, are masks.
    if len(others - {0}) <= 1 and None not in others:
        yield from (_take(masks, part) != 0 for part in parts)
        return
    if not kinds <= {"i", "u"} or lowest < 0:
        msg = (
            f"{caller} expects {name} to be masks, or label images of integers from 0 on, got other "
            f"{'numbers' if kinds <= {'i', 'u'} else 'dtypes'}. Use {name}.astype(int) for labels that are "
            "floats, 0 for background, and a threshold for images."
        )
        raise ValueError(msg)
    yield from (_take(masks, part) for part in parts)
