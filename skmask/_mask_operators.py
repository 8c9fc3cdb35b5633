"""The operators ``a | b``, ``a & b``, ``a - b`` and ``~a`` of all that makes masks.

The estimators that they build stand in `skmask._composition`, above the base classes that have the operators.
Each of them enters itself in the table here when it is imported.
"""

import re
from collections import Counter
from itertools import count

from sklearn.frozen import FrozenEstimator

from skmask._checks import check_estimator

OPERATORS = {}


class MaskOperators:
    """Mixin of all that makes masks; a Pipeline, which has no operators, may stand on either side."""

    # NumPy and pandas leave ``array | masker`` to the reflected methods, which explain what is wrong.
    __array_ufunc__ = None
    __pandas_priority__ = 10_000

    def __or__(self, other):
        return OPERATORS["|"](self, other)

    def __ror__(self, other):
        return OPERATORS["|"](other, self)

    def __and__(self, other):
        return OPERATORS["&"](self, other)

    def __rand__(self, other):
        return OPERATORS["&"](other, self)

    def __sub__(self, other):
        return OPERATORS["-"](self, other)

    def __rsub__(self, other):
        return OPERATORS["-"](other, self)

    def __xor__(self, other):
        return OPERATORS["^"](self, other)

    def __rxor__(self, other):
        return OPERATORS["^"](other, self)

    def __invert__(self):
        return OPERATORS["~"](self)


def chain_of(cls, symbol, *, associates=True):
    """Return the function of an operator: a chain becomes one `cls` of all its operands.

    Where the operator does not associate, as ``a - (b - c)`` is not ``a - b - c``, only a chain on the
    left is taken in.
    """

    def combine(left, right):
        for operand in (left, right):
            check_estimator(operand, f"{symbol} expects a masker on either side")
        members = _members(left, cls) + _members(right, cls if associates else None)
        axis, other = channel_axis_of(left), channel_axis_of(right)
        if axis is not None and other is not None and axis != other:
            msg = f"{symbol} expects one channel_axis, got {axis} and {other}. Pass both sides the same."
            raise ValueError(msg)
        return cls(_named(members, symbol), channel_axis=other if axis is None else axis)

    return combine


def channel_axis_of(masker):
    """Return the axis of channels that a masker, or a masker in a Pipeline, says that its masks lack."""
    if isinstance(masker, FrozenEstimator):
        return channel_axis_of(masker.estimator)
    for _, step in getattr(masker, "steps", []):
        if (axis := channel_axis_of(step)) is not None:
            return axis
    return getattr(masker, "channel_axis", None) if isinstance(masker, MaskOperators) else None


def is_dropped(masker):
    """Tell whether ``"drop"`` stands in the place of a masker."""
    return isinstance(masker, str) and masker == "drop"


def _members(operand, cls):
    is_chain = type(operand) is cls and not any(is_dropped(masker) for _, masker in operand.maskers)
    return operand.maskers if is_chain else [(None, operand)]


def _named(members, symbol):
    """Name maskers in make_pipeline's style, but for names that somebody chose."""
    stems = [type(masker).__name__.lower() for _, masker in members]
    chosen = [
        None if name is None or re.fullmatch(rf"{stem}(-\d+)?", name) else name
        for (name, _), stem in zip(members, stems, strict=True)
    ]
    taken = Counter(name for name in chosen if name is not None)
    if twice := [repr(name) for name, times in taken.items() if times > 1]:
        msg = f"{symbol} expects maskers of names that differ, got {', '.join(twice)} twice. Rename one."
        raise ValueError(msg)
    unnamed = Counter(stem for name, stem in zip(chosen, stems, strict=True) if name is None)
    free = {stem: _free_names(stem, times, taken) for stem, times in unnamed.items()}
    return [
        (next(free[stem]) if name is None else name, masker)
        for name, stem, (_, masker) in zip(chosen, stems, members, strict=True)
    ]


def _free_names(stem, times, taken):
    """Return names of one stem, with numbers where it is needed more than once or taken."""
    if times == 1 and stem not in taken:
        yield stem
    yield from (name for i in count(1) if (name := f"{stem}-{i}") not in taken)
