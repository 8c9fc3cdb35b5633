"""A part of the X-ray at the edge of the leg, the mask of the pixels that equal 40, a broken line
along the skin, and the mask of all pixels that do not equal 40."""

from _show import show

from skmask.datasets import load_leg_xray

image = load_leg_xray().images[0, 1000:1160, 150:310]
show({"image": image, "image == 40": image == 40, "image != 40": image != 40})
