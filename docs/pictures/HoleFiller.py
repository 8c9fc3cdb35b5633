"""Mask of coins with dark holes inside, cut out so that the frame crosses a coin; after filling every
coin is solid. Filled pixels are blue. The hole that the frame cuts open is filled with
include_border."""

from _show import changes, show
from skimage import data

from skmask import HoleFiller, ThresholdMasker

X = data.coins()[None, 40:, 36:300]
before = ThresholdMasker(115).transform(X)


def filled(**options):
    return changes(before[0], HoleFiller(**options).transform(before)[0])


show(
    {
        "mask": before[0],
        "HoleFiller()": filled(),
        "include_border=True, max_size=300": filled(include_border=True, max_size=300),
    },
    columns=3,
)
