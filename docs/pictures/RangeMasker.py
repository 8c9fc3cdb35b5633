"""An X-ray of a leg; the mask of intensities from 33 to 150 covers the soft tissue and leaves out
the bones."""

from _show import overlay, show

from skmask import RangeMasker
from skmask.datasets import load_leg_xray

X = load_leg_xray().images
mask = RangeMasker(33, 150).transform(X)[0]
show({"X-ray": X[0], "RangeMasker(33, 150)": mask, "mask on the X-ray": overlay(X[0], mask)})
