"""A leg X-ray, the mask of its bones, and the X-ray with every other pixel set to 0."""

from _show import show

from skmask import MaskApplier, ThresholdMasker
from skmask.datasets import load_leg_xray

X = load_leg_xray().images
bone = ThresholdMasker(150)
show(
    {
        "X-ray": X[0],
        "mask": bone.transform(X)[0],
        "MaskApplier(mask)": MaskApplier(bone).transform(X)[0],
    }
)
