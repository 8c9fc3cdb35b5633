"""Coins: a low threshold also finds background, a high one only parts of the coins; hysteresis
keeps the regions of the low mask that contain a pixel of the high mask."""

from _show import show
from skimage import data

from skmask import HysteresisMasker, ThresholdMasker

X = data.coins()[None, :170, :200]
low, high = 105, 180
show(
    {
        "coins": X[0],
        f"above low = {low}": ThresholdMasker(low).transform(X)[0],
        f"above high = {high}": ThresholdMasker(high).transform(X)[0],
        f"HysteresisMasker({low}, {high})": HysteresisMasker(low, high).transform(X)[0],
    }
)
