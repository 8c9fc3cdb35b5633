"""A photographed page that is darker on one side: after the background is divided out, one
threshold finds all letters."""

from _show import show
from skimage import data

from skmask import BackgroundSubtractor, HistogramThresholdMasker

X = data.page()[None]
even = BackgroundSubtractor(15, method="median", mode="divide").transform(X)
otsu = HistogramThresholdMasker(foreground="dark")
show(
    {
        "page": X[0],
        "BackgroundSubtractor(15, mode='divide')": even[0],
        "Otsu on the page": otsu.fit_transform(X)[0],
        "Otsu after the step": otsu.fit_transform(even)[0],
    },
    columns=2,
)
