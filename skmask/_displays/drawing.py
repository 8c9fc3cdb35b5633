"""Colors and axes that all displays share. matplotlib is needed only when something is drawn."""

from skmask._packages import import_package

# Okabe and Ito's colors, which people with any color vision tell apart; https://jfly.uni-koeln.de/color/
BLUE, ORANGE, GREEN = "#0072B2", "#E69F00", "#009E73"
GRAY = "#7f7f7f"


def axes_for(ax, caller, **options):
    """Return the axes to draw on; new ones, made with options of ``plt.subplots``, if `ax` is None."""
    plt = pyplot_for(caller)
    if ax is None:
        _, ax = plt.subplots(constrained_layout=True, **options)
    return ax


def pyplot_for(caller):
    """Return `matplotlib.pyplot`, or raise an error that says how to install matplotlib."""
    return import_package("matplotlib.pyplot", caller=caller, extra="plot")
