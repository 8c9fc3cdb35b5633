"""Checks of the arguments that methods and criteria take beside their arrays.

They are public functions themselves, so that their arguments are checked, and named in errors, where they
are used.
"""

from numbers import Real

# Squares and products of some of these with counts of pixels are finite.
LARGEST = 1e100


def check_argument(
    function: str, name: str, value: object, low: float, high: float, remedy: str
) -> None:
    """Raise an error unless an argument is a number from `low` to `high`.

    Parameters
    ----------
    function, name : str
        Names of the function and of its argument.
    value : object
        The argument.
    low, high : float
        Smallest and largest number allowed; `LARGEST` stands for any finite number.
    remedy : str
        How to correct it.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if is_number and low <= float(value) <= high:  # type: ignore[arg-type]
        return
    limits = f"from {low:g} to {high:g}"
    if high == LARGEST:
        limits = "that is finite" if low == -LARGEST else f"of at least {low:g} that is finite"
    msg = f"{function} expects {name} to be a number {limits}, got {value!r}. {remedy}"
    raise (ValueError if is_number else TypeError)(msg)
