"""Three images of digits, and the table that has one row per image and one column per pixel."""

from _show import show
from sklearn.datasets import load_digits

from skmask import ImageFlattener

X = load_digits().images[:3]
rows = ImageFlattener().fit_transform(X)
panels = {f"image {i}": image for i, image in enumerate(X)}
show({**panels, "three rows": rows.repeat(9, axis=0)})
