"""Mask of coins; an opening keeps only large objects but rounds them off; reconstruction from the
opening gives them back in their exact shape and leaves out the specks."""

from _show import changes, show
from skimage import data
from sklearn.pipeline import make_pipeline

from skmask import BinaryOpener, MaskReconstructor, ThresholdMasker

X = data.coins()[None, :, :300]
limit = ThresholdMasker(130)
seeds = make_pipeline(limit, BinaryOpener("disk", radius=4))
before = limit.transform(X)[0]
opened = seeds.fit_transform(X)[0]
after = MaskReconstructor(seeds, limit).fit_transform(X)[0]
show(
    {
        "coins": X[0],
        "limit": before,
        "seeds": changes(before, opened),
        "MaskReconstructor": changes(before, after),
    }
)
