"""Errors about one image, which say where it stands in what the user passed in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self


class ImageFault(ValueError):
    """An error in one image of a block.

    Estimators see blocks of images and count within them. Whoever cut the blocks raises the error again,
    with the position that the user knows, by `moved`.

    Parameters
    ----------
    before, after : str
        The message before and after the name of the image.
    position : int
        Where the image stands, counted from 0.
    within : str, default=""
        Unit that the position is counted in, if that is not all of `X`.

    Examples
    --------
    >>> fault = ImageFault("LocalFeatures cannot smooth", ": it is empty.", 2)
    >>> print(fault.moved(64 + fault.position))
    LocalFeatures cannot smooth image 66 (counted from 0): it is empty.
    """

    def __init__(self, before: str, after: str, position: int, within: str = "") -> None:
        super().__init__(before, after, position, within)  # as pickle calls it
        self.position = position

    def __str__(self) -> str:
        before, after, position, within = self.args
        return f"{before} image {position} (counted from 0{within}){after}"

    def moved(self, position: int, within: str = "") -> Self:
        """Return the error with another position, to be raised in its place."""
        before, after, *_ = self.args
        fault = type(self)(before, after, position, within)
        fault.__cause__ = self.__cause__
        return fault


@contextmanager
def numbered(positions: Sequence[Any]) -> Iterator[None]:
    """Raise the errors about images at some positions with these positions.

    Examples
    --------
    >>> with numbered([4, 7]):
    ...     raise ImageFault("Otsu's method cannot choose for", ".", 1)
    Traceback (most recent call last):
        ...
    skmask._images.faults.ImageFault: Otsu's method cannot choose for image 7 (counted from 0).
    """
    try:
        yield
    except ImageFault as fault:
        raise fault.moved(int(positions[fault.position])) from fault.__cause__
