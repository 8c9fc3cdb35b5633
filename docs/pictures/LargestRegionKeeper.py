"""A leg X-ray: the mask also contains the marker letter; the largest region is the leg alone. The
removed letter is orange."""

from _show import changes, show

from skmask import LargestRegionKeeper, ThresholdMasker
from skmask.datasets import load_leg_xray

X = load_leg_xray().images
before = ThresholdMasker(32).transform(X)
after = LargestRegionKeeper().transform(before)
show(
    {
        "X-ray": X[0],
        "ThresholdMasker(32)": before[0],
        "LargestRegionKeeper()": changes(before[0], after[0]),
    }
)
