"""Three masks of coins by different threshold methods, and the pixels that at least two of them
mark."""

from _show import show
from skimage import data

from skmask import HistogramThresholdMasker, MaskVote

X = data.coins()[None, :170, :200]
members = [(name, HistogramThresholdMasker(name)) for name in ("otsu", "triangle", "yen")]
vote = MaskVote(members).fit(X)
panels = {name: masker.transform(X)[0] for name, masker in vote.named_maskers_.items()}
show({**panels, "MaskVote: two of three": vote.transform(X)[0]})
