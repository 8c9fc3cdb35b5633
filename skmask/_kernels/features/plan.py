"""List the features, their names, and how far they look."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from skmask._kernels.local.smoothing import Taps, chained_taps, gaussian_taps, reach_of

__all__ = ["FEATURES", "QUANTILES", "FeaturePlan", "make_plan"]

Normalization = Literal["robust", "quantiles"] | None

# In the order in which they are computed.
FEATURES = ("intensity", "edges", "hessian", "structure", "std", "minmax", "median")

# The image's own levels that pixels are compared with.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """The features of one channel.

    Attributes
    ----------
    features : tuple of str
        Of `FEATURES`.
    normalize : {"robust", "quantiles"} or None
    scales : tuple of float
        Ascending, in the unit of `spacing`.
    spacing : tuple of float
        Distance of neighboring pixels along each axis.
    chain : list of list of Taps
        For each scale and axis, what makes its Gaussian of the one before.
    names : tuple of str
        One for each feature, in the order of computation.
    reach : tuple of int
        How many pixels along each axis a feature looks at most.
    """

    features: tuple[str, ...]
    normalize: Normalization
    scales: tuple[float, ...]
    spacing: tuple[float, ...]
    chain: list[list[Taps]]
    names: tuple[str, ...]
    reach: tuple[int, ...]

    @property
    def largest(self) -> float:
        """Return the greatest magnitude of pixels at which no feature overflows float32."""
        most = float(np.finfo(np.float32).max)
        least, n_axes = min(self.spacing), len(self.spacing)
        # Tiles are summed for means. Eigenvalues square what they are of, and structure is of squares.
        limits = {
            "intensity": most / 2**24,
            "edges": least * math.sqrt(most / n_axes),
            "hessian": least**2 * math.sqrt(most) / 8,
            "structure": least * (most / 8) ** 0.25,
            "std": math.sqrt(most) / 4,
            "minmax": most / 2**24,
            "median": most / 2**24,
        }
        return min(limits[name] for name in self.features)

    def windows(self, scale: float) -> tuple[int, ...]:
        """Return the odd window of a scale along each axis, in pixels."""
        return tuple(2 * _half_window(scale, one) + 1 for one in self.spacing)

    def blur(self, scale: float) -> list[Taps]:
        """Return the taps of a full Gaussian of a scale, for squares of pixels as they are."""
        return [gaussian_taps(scale / one) for one in self.spacing]

    def blur_of_smooth(self, scale: float) -> list[Taps]:
        """Return the taps of a full Gaussian for products of what that scale has smoothed."""
        # Products of two signals smoothed by a sigma are as smooth as by 0.7 of it.
        return [gaussian_taps(scale / one, max(int(scale / one / 2), 1)) for one in self.spacing]


def make_plan(
    n_axes: int,
    *,
    scales: Sequence[float],
    features: Sequence[str],
    normalize: Normalization = None,
    spacing: Sequence[float] | None = None,
) -> FeaturePlan:
    """Plan the features of images of `n_axes` axes.

    Examples
    --------
    >>> plan = make_plan(2, scales=(1, 2), features=("intensity", "hessian"))
    >>> plan.names[:5]
    ('intensity', 'intensity_1', 'hessian_1_max', 'hessian_1_min', 'intensity_2')
    >>> plan.reach
    (9, 9)
    """
    ordered = tuple(sorted({float(scale) for scale in scales}))
    apart = (1.0,) * n_axes if spacing is None else tuple(map(float, spacing))
    chosen = tuple(name for name in FEATURES if name in features)
    plan = FeaturePlan(
        features=chosen,
        normalize=normalize,
        scales=ordered,
        spacing=apart,
        chain=chained_taps(ordered, apart),
        names=tuple(_names(chosen, ordered, normalize, n_axes)),
        reach=(),
    )
    return replace(plan, reach=tuple(_reach(plan, axis) for axis in range(n_axes)))


def _names(
    features: Sequence[str], scales: Sequence[float], normalize: Normalization, n_axes: int
) -> list[str]:
    names = ["intensity"] * ("intensity" in features)
    if normalize == "quantiles":
        names += [f"above_quantile_{round(100 * quantile):02}" for quantile in QUANTILES]
    ranks = {1: [""], 2: ["_max", "_min"], 3: ["_max", "_mid", "_min"]}
    ordinal = ranks.get(n_axes) or [f"_{i}" for i in range(1, n_axes + 1)]
    for scale in scales:
        for feature in features:
            if feature in ("hessian", "structure"):
                names += [f"{feature}_{scale:g}{rank}" for rank in ordinal]
            elif feature == "minmax":
                names += [f"min_{scale:g}", f"max_{scale:g}"]
            else:
                names.append(f"{feature}_{scale:g}")
    return names


def _reach(plan: FeaturePlan, axis: int) -> int:
    reach, chained = 0, 0
    for scale, taps in zip(plan.scales, plan.chain, strict=True):
        if {"intensity", "edges", "hessian", "structure", "std"} & set(plan.features):
            chained += reach_of(taps[axis])
            reach = max(reach, chained)
        if {"edges", "hessian"} & set(plan.features):
            reach = max(reach, chained + 1)
        if "structure" in plan.features:
            reach = max(reach, chained + 1 + reach_of(plan.blur_of_smooth(scale)[axis]))
        if "std" in plan.features:
            reach = max(reach, chained + reach_of(plan.blur(scale)[axis]))
        if {"minmax", "median"} & set(plan.features):
            reach = max(reach, _half_window(scale, plan.spacing[axis]))
    return reach


def _half_window(scale: float, spacing: float) -> int:
    return math.floor(scale / spacing + 0.5)
