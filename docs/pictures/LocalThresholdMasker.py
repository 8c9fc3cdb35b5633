"""A photographed page that is darker on one side: one threshold for the whole page loses the text
in the shadow, local thresholds find all letters."""

from _show import show
from skimage import data

from skmask import HistogramThresholdMasker, LocalThresholdMasker

X = data.page()[None]
otsu = HistogramThresholdMasker(foreground="dark").fit_transform(X)[0]
local = LocalThresholdMasker("sauvola", window=25, foreground="dark").fit_transform(X)[0]
show(
    {"page": X[0], "one threshold (Otsu)": otsu, "LocalThresholdMasker('sauvola')": local},
    columns=3,
)
