"""Connected regions of masks: labels as runs of pixels, rules, statistics, hulls."""
