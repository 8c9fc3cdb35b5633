"""Rows of masks packed into words of 64 bits, a pixel each: the first pixel is the lowest bit.

LLVM has vectors of bits, which NumPy and numba have not: 64 pixels are packed or unpacked by two
instructions. They read or write 64 bytes at a time, so that arrays of masks hold `LEAST` bytes or more.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.np.arrayobj import populate_array

from skmask._kernels.compiled.jit import inlined, intrinsic, jit

LEAST = 64
_PIXELS, _BITS = (ir.VectorType(ir.IntType(size), LEAST) for size in (8, 1))
_WORD = ir.IntType(LEAST)

_0, _1, _2, _3, _6, _63, _64 = (np.uint64(n) for n in (0, 1, 2, 3, 6, 63, 64))


@intrinsic
def read_pixels(context: Any, masks: Any, place: Any) -> Any:
    """Pack 64 bytes of a flat array: whether each of them is not zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pixels = builder.load(_find(context, builder, signature, arguments), align=1)
        bits = builder.icmp_unsigned("!=", pixels, ir.Constant(_PIXELS, [0] * LEAST))
        return builder.bitcast(bits, _WORD)

    return types.uint64(masks, place), generate


@intrinsic
def write_pixels(context: Any, masks: Any, place: Any, word: Any) -> Any:
    """Unpack a word to 64 bytes of a flat array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pixels = builder.zext(builder.bitcast(arguments[2], _BITS), _PIXELS)
        builder.store(pixels, _find(context, builder, signature, arguments), align=1)
        return context.get_dummy_value()

    return types.none(masks, place, types.uint64), generate


def _find(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Point to 64 bytes of an array."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    first = builder.bitcast(array.data, ir.IntType(8).as_pointer())
    return builder.bitcast(builder.gep(first, [arguments[1]]), _PIXELS.as_pointer())


@intrinsic
def read_between(context: Any, low: Any, high: Any, n: Any) -> Any:
    """Read a word from bit `n`, less than 64, of two words."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        low, high, n = arguments
        name = f"llvm.fshr.i{LEAST}"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(_WORD, [_WORD] * 3), name
        )
        return builder.call(function, [high, low, n])

    return types.uint64(types.uint64, types.uint64, types.uint64), generate


@intrinsic
def lowest_bit(context: Any, word: Any) -> Any:
    """Return the place of the lowest bit of a word other than 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@intrinsic
def highest_bit(context: Any, word: Any) -> Any:
    """Return the place of the highest bit of a word other than 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        n_above = builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))
        return builder.sub(ir.Constant(_WORD, LEAST - 1), n_above)

    return types.int64(types.uint64), generate


@intrinsic
def local_words(context: Any) -> Any:
    """Return an array of `LEAST` words and two more on the stack: an array that is handed over takes longer.

    It must not be returned.
    """
    words = types.Array(types.uint64, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        size, step = (context.get_constant(types.intp, n) for n in (LEAST + 2, 8))
        memory = ir.ArrayType(_WORD, LEAST + 2)
        place = cgutils.alloca_once(builder, memory)  # type: ignore[no-untyped-call]
        array = context.make_array(words)(context, builder)
        first = builder.bitcast(place, _WORD.as_pointer())
        populate_array(array, first, (size,), (step,), step, None)  # type: ignore[no-untyped-call]
        return array._getvalue()

    return words(), generate


@inlined
def pack_rows(
    masks: Any,
    place: Any,
    n_rows: Any,
    width: Any,
    words: Any,
    first: Any,
    distance: Any,
    flip: Any,
) -> None:
    """Read adjacent rows of flat masks to words, a distance apart, and flip the bits of `flip`.

    Bits past the end of a row are 0.
    """
    whole, rest = width >> _6, width & _63
    furthest = np.uint64(masks.size) - _64
    for _ in range(n_rows):
        for k in range(whole):
            words[first + k] = read_pixels(masks, place + (k << _6)) ^ flip
        if rest:
            x = place + (whole << _6)
            from_x = min(x, furthest)
            pixels = read_pixels(masks, from_x) >> (x - from_x) ^ flip
            words[first + whole] = pixels & (_1 << rest) - _1
        place += width
        first += distance


@inlined
def unpack_rows(
    words: Any,
    first: Any,
    distance: Any,
    flip: Any,
    masks: Any,
    place: Any,
    n_rows: Any,
    width: Any,
) -> None:
    """Write words to adjacent rows of flat masks, the inverse of `pack_rows`."""
    whole, rest = width >> _6, width & _63
    stop, furthest = place + np.uint64(n_rows) * width, np.uint64(masks.size) - _64
    for _ in range(n_rows):
        for k in range(whole):
            write_pixels(masks, place + (k << _6), words[first + k] ^ flip)
        if rest:
            x = place + (whole << _6)
            pixels = words[first + whole] ^ flip
            if x + _64 > stop:
                # In any row but the last ones, what follows it is written later.
                from_x = min(x, furthest)
                kept = ~(((_1 << rest) - _1) << (x - from_x))
                pixels = (read_pixels(masks, from_x) & kept) | (pixels << (x - from_x) & ~kept)
                x = from_x
            write_pixels(masks, x, pixels)
        place += width
        first += distance


@jit
def fill_runs(reached: Any, room: Any) -> Any:
    """Fill the runs of a word that hold a reached pixel."""
    # An addition carries from the lowest reached pixel of a run to its end. Then up to 3, 15 and 63
    # pixels before a filled one are. Three shifts at once take less time than two, one after the other.
    filled = (room + reached ^ room | reached) & room
    run = room
    for i in range(3):
        shift = _1 << np.uint64(2 * i)
        twice = run & run >> shift
        thrice = twice & run >> _2 * shift
        once = run & filled >> shift
        filled |= once | (twice & filled >> _2 * shift | thrice & filled >> _3 * shift)
        run = thrice & run >> _3 * shift
    return filled
