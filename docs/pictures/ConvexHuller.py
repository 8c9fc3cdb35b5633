"""Silhouette of a horse and its convex hull; the filled dents between the legs and around the neck
are blue. Of a mask of coins, the hull of all of them at once and of each region."""

from _show import changes, show
from skimage import data

from skmask import ConvexHuller, SmallRegionRemover, ThresholdMasker

horse = ~data.horse()[None]
coins = SmallRegionRemover(60).transform(
    ThresholdMasker(130).transform(data.coins()[None, :, :300])
)


def hull(masks, **options):
    return changes(masks[0], ConvexHuller(**options).transform(masks)[0])


show(
    {
        "mask of a horse": horse[0],
        "ConvexHuller()": hull(horse),
        "mask of coins": coins[0],
        'per="region"': hull(coins, per="region"),
    },
    columns=4,
)
