"""Pictures of threshold methods and criteria, which share two histograms."""

import matplotlib.pyplot as plt
import numpy as np
from _show import BLUE, GRAY, ORANGE, SKY

from skmask.thresholds import CRITERIA, THRESHOLD_METHODS, choose_threshold, count_pixels


def _pixels(*peaks):
    rng = np.random.default_rng(0)
    return [np.clip(rng.normal(*peak), 0, 255).astype(np.uint8) for peak in peaks]


def draw_method(name):
    """Draw two histograms with the threshold of a method and, where it has scores, their curve."""
    cases = {
        "two peaks": ((80, 16, 30_000), (170, 18, 20_000)),
        "small bright foreground": ((70, 12, 50_000), (150, 25, 4_000)),
    }
    _, axes = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
    for ax, (title, peaks) in zip(axes, cases.items(), strict=True):
        counts, centers = count_pixels(np.concatenate(_pixels(*peaks))[None])
        ax.fill_between(centers, counts, step="mid", color=GRAY, alpha=0.6, lw=0)
        threshold = choose_threshold(counts, centers, name).threshold
        ax.axvline(threshold, color=ORANGE, lw=2, label=f"{name}: {threshold:.0f}")
        ax.set(title=title, xlabel="intensity", yticks=[], xlim=(0, 255))
        scores = np.asarray(THRESHOLD_METHODS[name](counts.astype(float), centers))
        if scores.ndim:
            twin = ax.twinx()
            twin.plot((centers[:-1] + centers[1:]) / 2, scores, color=BLUE, label="score")
            twin.set(yticks=[])
        ax.legend(fontsize=9)


def draw_criterion(name):
    """Draw histograms of foreground and background with the criterion at every threshold."""
    background, foreground = _pixels((90, 25, 30_000), (160, 25, 10_000))
    _, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
    for values, color, label in ((background, GRAY, "background"), (foreground, SKY, "foreground")):
        ax.hist(values, bins=range(257), color=color, alpha=0.6, label=label)
    thresholds = np.arange(256)
    tp = np.array([(foreground > t).sum() for t in thresholds], float)
    fp = np.array([(background > t).sum() for t in thresholds], float)
    scores = CRITERIA[name](tp, fp, len(foreground) - tp, len(background) - fp)
    twin = ax.twinx()
    twin.plot(thresholds, scores, color=BLUE)
    twin.set_ylabel(name, color=BLUE)
    best = int(np.argmax(scores))
    ax.axvline(best, color=ORANGE, lw=2, label=f"best threshold: {best}")
    ax.set(xlabel="intensity", ylabel="pixels", xlim=(0, 255))
    ax.legend(fontsize=9)
