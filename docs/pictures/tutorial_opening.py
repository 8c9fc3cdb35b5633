"""Mask of the bones at the ankle. An opening removes the specks, in orange; a closing fills the
gaps, in blue."""

from _show import changes, show

from skmask import BinaryCloser, BinaryOpener
from skmask.datasets import load_leg_xray

bone = load_leg_xray().images[:, 1150:1550, 150:550] > 150
opened = BinaryOpener(iterations=4).transform(bone)[0]
closed = BinaryCloser(iterations=4).transform(bone)[0]
show(
    {"bone": bone[0], "opened": changes(bone[0], opened), "closed": changes(bone[0], closed)},
    columns=3,
)
