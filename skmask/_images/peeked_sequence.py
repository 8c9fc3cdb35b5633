"""Sequences of images of which several look at the first image, to see what they are."""

from collections.abc import Sequence
from typing import Any


class PeekedSequence(Sequence[Any]):
    """A sequence of images, each read when it is asked for, whose first image is read once.

    The first image tells images from numbers, and which library they are of. It is held until another image
    is asked for, so that those who look at it and those who compute with it read the same object.

    Parameters
    ----------
    images : sequence
        Images, indexed by integers.
    """

    def __init__(self, images: Any) -> None:
        self._images = images
        self._first: Any = None

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, i: Any) -> Any:
        first, self._first = self._first, None  # not two images at a time
        if i != 0:
            del first
            return self._images[i]
        self._first = first = self._images[0] if first is None else first
        return first
