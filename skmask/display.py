"""Pictures of masks and of what was learned. matplotlib is needed only when something is drawn.

As in scikit-learn, a display is made by ``from_estimator`` or ``from_predictions``, which draw; ``plot``
draws again, and what was drawn is kept in attributes.
"""

from skmask._displays.mask_display import MaskDisplay
from skmask._displays.probability_display import ProbabilityDisplay
from skmask._displays.search_display import SearchDisplay
from skmask._displays.threshold_displays import (
    MethodsDisplay,
    ThresholdCurveDisplay,
    ThresholdDisplay,
    compare_methods,
)
from skmask._doors import name_functions

__all__ = [
    "MaskDisplay",
    "MethodsDisplay",
    "ProbabilityDisplay",
    "SearchDisplay",
    "ThresholdCurveDisplay",
    "ThresholdDisplay",
    "compare_methods",
]

name_functions(__name__, __all__)
