"""An X-ray of a leg and its histogram: a high peak of dark background below 32, then soft tissue,
and from about 150 on the bones."""

from _show import histogram, show

from skmask.datasets import load_leg_xray

image = load_leg_xray().images[0]
axes = show({"image": image, "number of pixels by intensity": None}, columns=2, width=8)
axes[1].set_box_aspect(0.9)
histogram(axes[1], image, [(32, "leg > 32"), (150, "bone > 150")], bins=range(257))
