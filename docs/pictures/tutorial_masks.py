"""The X-ray and two masks made by comparisons: pixels above 32 are the leg, pixels above 150 are
mostly bones."""

from _show import show

from skmask.datasets import load_leg_xray

image = load_leg_xray().images[0]
show({"image": image, "image > 32": image > 32, "image > 150": image > 150})
