"""A page of text under a shadow. Otsu's threshold takes the shadow for ink; the classifier of pixels, learned
from the left half, finds the letters of the right half."""

from _show import show
from skimage import data, filters

from skmask import HistogramThresholdMasker, PixelClassifierMasker

page = data.page()[None]
truth = page < filters.threshold_sauvola(page[0], 25)
left, right = page[:, :, :192], page[:, :, 192:]
masker = PixelClassifierMasker(random_state=0).fit(left, truth[:, :, :192])
otsu = HistogramThresholdMasker("otsu", foreground="dark").fit(left)
show(
    {
        "unseen half": right[0],
        "Otsu's threshold": otsu.transform(right)[0],
        "PixelClassifierMasker": masker.transform(right)[0],
        "probability": masker.predict_proba(right)[0],
    }
)
