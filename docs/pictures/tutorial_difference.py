"""The mask of the leg, the mask of the bones, and the pixels that are in the first and not in the
second."""

from _show import show

from skmask.datasets import load_leg_xray

image = load_leg_xray().images[0]
leg, bone = image > 32, image > 150
show({"leg": leg, "bone": bone, "leg & ~bone": leg & ~bone})
