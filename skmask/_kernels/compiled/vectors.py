"""Vectors of pixels in compiled functions.

LLVM makes vectors of most loops by itself. It does not where results might overlap what is read later, or
where numbers are to stay in registers from one row to the next. Such functions take vectors as if they were
numbers::

    greatest = larger(load(pixels, i), load(pixels, i + width))
    store(results, i, greatest)

A vector holds the pixels of a flat array from an index on, `n_lanes` of them. No index is checked.
"""

from typing import Any

from llvmlite import ir
from numba import errors, extending, types
from numba.core.registry import cpu_target

from skmask._kernels.compiled.jit import intrinsic

# Bytes of a vector, by the processor that numba compiles for, whose name the files of its cache bear.
_FEATURES = cpu_target.target_context.codegen().magic_tuple()[2]
VECTOR_BYTES = 64 if "+avx512bw" in _FEATURES else 32


class Vector(types.Type):
    """Type of vectors of numbers."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.count = 8 * VECTOR_BYTES // dtype.bitwidth
        super().__init__(name=f"Vector({dtype}, {self.count})")


@extending.register_model(Vector)
class _VectorModel(extending.models.PrimitiveModel):
    """Store vectors as those of LLVM."""

    def __init__(self, manager: Any, vector: Vector) -> None:
        number = manager.lookup(vector.dtype).get_data_type()
        super().__init__(manager, vector, ir.VectorType(number, vector.count))  # type: ignore[no-untyped-call]


def put_in_order(builder: Any, vector: Vector, a: Any, b: Any) -> tuple[Any, Any]:
    """Write instructions that find the smaller and the larger numbers of two vectors without NaN."""
    if isinstance(vector.dtype, types.Float):
        is_less = builder.fcmp_ordered("<", a, b)
    elif vector.dtype.signed:
        is_less = builder.icmp_signed("<", a, b)
    else:
        is_less = builder.icmp_unsigned("<", a, b)
    return builder.select(is_less, a, b), builder.select(is_less, b, a)


@intrinsic
def n_lanes(context: Any, pixels: Any) -> Any:
    """Return how many pixels of an array are in a vector."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_constant(types.intp, Vector(pixels.dtype).count)

    return types.intp(pixels), generate


@intrinsic
def zeros(context: Any, pixels: Any) -> Any:
    """Return a vector of zeros, of the dtype of an array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_constant_null(signature.return_type)

    return Vector(pixels.dtype)(pixels), generate


@intrinsic
def repeat(context: Any, number: Any) -> Any:
    """Return a vector of copies of a number."""
    vector = Vector(number)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        unknown = ir.Constant(context.get_value_type(vector), ir.Undefined)
        first = builder.insert_element(unknown, arguments[0], ir.Constant(ir.IntType(32), 0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
        return builder.shuffle_vector(first, first, lanes)

    return vector(number), generate


@intrinsic
def load(context: Any, pixels: Any, first: Any) -> Any:
    """Return the vector of the pixels from an index on."""
    vector = Vector(pixels.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, vector, pixels, *arguments)
        return builder.load(place, align=_itemsize(vector))

    return vector(_contiguous(pixels), types.intp), generate


@intrinsic
def store(context: Any, pixels: Any, first: Any, vector: Any) -> Any:
    """Write a vector over the pixels from an index on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, vector, pixels, *arguments[:2])
        builder.store(arguments[2], place, align=_itemsize(vector))
        return context.get_dummy_value()

    return types.void(_contiguous(pixels), types.intp, vector), generate


@intrinsic
def first(context: Any, a: Any) -> Any:
    """Return the first number of a vector."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.extract_element(arguments[0], ir.Constant(ir.IntType(32), 0))

    return a.dtype(a), generate


@intrinsic
def from_the_left(context: Any, a: Any) -> Any:
    """Return the left neighbor of each number of a vector; the first one has itself."""
    return _moved(a, [0, *range(a.count - 1)])


@intrinsic
def from_the_right(context: Any, a: Any) -> Any:
    """Return the right neighbor of each number of a vector; the last one has itself."""
    return _moved(a, [*range(1, a.count), a.count - 1])


@intrinsic
def smaller(context: Any, a: Any, b: Any) -> Any:
    """Return the smaller numbers of two vectors without NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return put_in_order(builder, a, *arguments)[0]

    return a(a, a), generate


@intrinsic
def larger(context: Any, a: Any, b: Any) -> Any:
    """Return the larger numbers of two vectors without NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return put_in_order(builder, a, *arguments)[1]

    return a(a, a), generate


@intrinsic
def add(context: Any, a: Any, b: Any) -> Any:
    """Return the sums of the numbers of two vectors."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        is_float = isinstance(a.dtype, types.Float)
        return (builder.fadd if is_float else builder.add)(*arguments)

    return a(a, a), generate


@intrinsic
def sums_up_to(context: Any, a: Any) -> Any:
    """Return the sums of the integers of a vector up to each."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        sums, zero = arguments[0], context.get_constant_null(a)
        apart = 1
        while apart < a.count:
            moved = [a.count] * apart + list(range(a.count - apart))
            lanes = ir.Constant(ir.VectorType(ir.IntType(32), a.count), moved)
            sums = builder.add(sums, builder.shuffle_vector(sums, zero, lanes))
            apart *= 2
        return sums

    return a(a), generate


@intrinsic
def repeat_last(context: Any, a: Any) -> Any:
    """Return a vector of copies of the last number of another one."""
    return _moved(a, [a.count - 1] * a.count)


@intrinsic
def subtract(context: Any, a: Any, b: Any) -> Any:
    """Return the differences of the integers of two vectors."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.sub(*arguments)

    return a(a, a), generate


@intrinsic
def flip(context: Any, a: Any, bits: Any) -> Any:
    """Return the integers of a vector with the bits of another one inverted."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.xor(*arguments)

    return a(a, a), generate


@intrinsic
def where_less(context: Any, a: Any, b: Any, chosen: Any, other: Any) -> Any:
    """Return the chosen integers where those of a are less than those of b, and the others elsewhere."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        is_less = builder.icmp_signed("<", arguments[0], arguments[1])
        return builder.select(is_less, arguments[2], arguments[3])

    return a(a, a, a, a), generate


@intrinsic
def multiply(context: Any, a: Any, b: Any) -> Any:
    """Return the products of the floats of two vectors."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fmul(*arguments)

    return a(a, a), generate


@intrinsic
def mark_missing(context: Any, marks: Any, a: Any) -> Any:
    """Return marks that are zeros, or NaN where they were or where a number of a vector is not finite."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if not isinstance(a.dtype, types.Float):
            return arguments[0]
        # Zero times a number that is not finite is NaN. Many processors do both in one instruction.
        zero = context.get_constant_null(a)
        product = builder.fmul(arguments[1], zero, flags=("contract",))
        return builder.fadd(arguments[0], product, flags=("contract",))

    return a(a, a), generate


@intrinsic
def has_marks(context: Any, marks: Any) -> Any:
    """Tell whether any of the marks is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if not isinstance(marks.dtype, types.Float):
            return context.get_constant(types.boolean, False)
        is_nan = builder.fcmp_unordered("uno", *arguments, *arguments)
        bits = builder.bitcast(is_nan, ir.IntType(marks.count))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(marks), generate


def _moved(a: Vector, sources: list[int]) -> Any:
    """Return the signature and the instructions that take each number of a vector from a lane of another."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), a.count), sources)
        return builder.shuffle_vector(arguments[0], arguments[0], lanes)

    return a(a), generate


def _contiguous(pixels: Any) -> Any:
    """Refuse an array whose pixels are not one behind the other."""
    if pixels.ndim != 1 or pixels.layout != "C":
        msg = f"a vector lies in a flat, contiguous array, not in {pixels}"
        raise errors.TypingError(msg)
    return pixels


def _place(context: Any, builder: Any, vector: Vector, pixels: Any, array: Any, first: Any) -> Any:
    """Write instructions that find where a vector lies."""
    start = context.make_array(pixels)(context, builder, array).data
    kind = context.get_value_type(vector).as_pointer()
    return builder.bitcast(builder.gep(start, [first]), kind)


def _itemsize(vector: Vector) -> int:
    return vector.dtype.bitwidth // 8
