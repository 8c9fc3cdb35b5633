"""A mask that touches the frame, eroded and dilated with each border mode. With ignore the frame
changes nothing; with background erosion removes pixels at the frame; with foreground dilation adds
pixels along the frame."""

import matplotlib.pyplot as plt
import numpy as np
from _show import pixels

from skmask.morphology import dilate, erode

mask = np.zeros((7, 9), bool)
mask[:5, :5] = True
_, axes = plt.subplots(2, 4, figsize=(9, 4.2), layout="constrained")
for row, (name, operation) in zip(axes, {"erode": erode, "dilate": dilate}.items(), strict=True):
    pixels(row[0], mask, title="mask")
    for ax, border in zip(row[1:], ("ignore", "background", "foreground"), strict=True):
        pixels(ax, operation(mask, border=border), before=mask, title=f'{name}, border="{border}"')
