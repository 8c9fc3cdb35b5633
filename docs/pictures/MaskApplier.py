"""A leg X-ray, the mask of its bones, and the X-ray with every other pixel set to 0; then with the bones
painted over by the mean around them, and with a number inside and outside."""

from _show import show

from skmask import MaskApplier, ThresholdMasker
from skmask.datasets import load_leg_xray

X = load_leg_xray().images
bone = ThresholdMasker(150)


def applied(**options):
    return MaskApplier(bone, **options).transform(X)[0]


show(
    {
        "X-ray": X[0],
        "mask": bone.transform(X)[0],
        "outside: 0": applied(),
        "inside: outside mean": applied(fill_value=None, inside_value="outside_mean"),
        "inside: 255": applied(fill_value=None, inside_value=255),
    },
    columns=5,
)
