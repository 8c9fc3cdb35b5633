"""Four containers of images: a stack of three images of one size, the same images as flat rows of a
table, a list of images of different sizes, and a color image whose last axis holds three
channels."""

from _show import canvas, picture
from skimage import data
from sklearn.datasets import load_digits

digits = load_digits().images[:3]
ax = canvas(10, 2.7)
for i in (2, 1, 0):
    picture(ax, digits[i], (0.3 + 0.22 * i, 0.75 + 0.22 * i), 1.1)
ax.text(1.05, 0.35, "stack\n(3, 8, 8)", ha="center", va="center")
for i, image in enumerate(digits):
    picture(ax, image.reshape(1, -1).repeat(3, axis=0), (2.45, 1.75 - 0.4 * i), 0.12)
    ax.text(2.4, 1.81 - 0.4 * i, f"{i}", ha="right", va="center", fontsize=8)
ax.text(3.65, 0.35, "flat rows, image_shape=(8, 8)\n(3, 64)", ha="center", va="center")
coins = data.coins()
cuts = [coins[10:80, 30:130], coins[80:180, 100:170], coins[150:200, 40:110]]
x = 5.3
for cut in cuts:
    x += picture(ax, cut, (x, 0.9), cut.shape[0] / 75) + 0.08
ax.text(6.5, 0.35, "list of images\n(70, 100), (100, 70), (50, 70)", ha="center", va="center")
color = data.coffee()[::8, 10:-10:8]
for i, name in enumerate("RGB"):
    channel = color * 0
    channel[..., i] = color[..., i]
    picture(ax, channel, (8.15 + 0.12 * (2 - i), 0.8 + 0.35 * (2 - i)), 0.75)
    ax.text(9.5 + 0.12 * (2 - i), 0.9 + 0.35 * (2 - i), name, fontsize=9, zorder=3)
ax.text(8.85, 0.35, "channels, channel_axis=-1\n(1, 50, 73, 3)", ha="center", va="center")
ax.set(xlim=(0, 10), ylim=(0, 2.7))
ax.set_aspect("equal")
