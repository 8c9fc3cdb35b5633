"""Labels of pixels: those of masks or of several classes, and which of them are foreground."""

import numpy as np

from skmask._warn import warn

# Label images with more labels are most often objects that are numbered one by one.
MOST_CLASSES = 16

# Share of the pixels beyond which label 0 most often means that nobody drew there.
UNDRAWN = 0.9


def are_labels(y):
    """Return whether `y` holds an array for each image, and not a value."""
    if y is None:
        return False
    if isinstance(y, list | tuple):
        return len(y) > 0 and np.ndim(y[0]) > 0
    if hasattr(y, "iloc") or not isinstance(getattr(y, "shape", None), tuple):
        y = np.asarray(y)  # a Series is indexed by its labels
    return len(y.shape) > 1 or (len(y.shape) == 1 and y.shape[0] > 0 and np.ndim(y[0]) > 0)


def find_classes(labels, *, caller):
    """Return the sorted classes among labels of pixels, or refuse them."""
    classes = np.unique(labels)
    if classes.size == 1:
        kind = "foreground" if classes[0] else "background"
        msg = (
            f"{caller} expects labeled pixels of at least two classes, got only {kind}, label {classes[0]}. "
            "Add images or strokes of the other."
        )
        raise ValueError(msg)
    if classes.size > MOST_CLASSES:
        msg = (
            f"{caller} expects masks or label images of at most {MOST_CLASSES} classes, got {classes.size} "
            "labels, as if objects were numbered. Use y > 0 for masks of all objects."
        )
        raise ValueError(msg)
    return classes


def find_foreground(classes, select, *, output, caller):
    """Return which classes are foreground: those of `select`, or all but 0 where it is None."""
    if select is not None:
        selected = np.atleast_1d(np.asarray(select))
        missing = selected[~np.isin(selected, classes)]
        if missing.size:
            msg = (
                f"{caller} expects select to be among the labels {classes.tolist()}, got {missing[0]}. The "
                "class is missing from the labeled pixels, or has another number."
            )
            raise ValueError(msg)
        return np.isin(classes, selected)
    if 0 not in classes and output != "labels":
        msg = (
            f"{caller} expects label 0 for background, or select for the labels of foreground, got labels "
            f"{classes.tolist()}. Use select={classes[-1]}, or output='labels'."
        )
        raise ValueError(msg)
    return classes != 0


def warn_of_strokes(labels, weights, *, caller):
    """Warn of labels that look like strokes: 1 and 2 on few pixels, and 0 where nothing was drawn."""
    if not np.array_equal(np.unique(labels), [0, 1, 2]):
        return
    share = weights[labels == 0].sum() / weights.sum()
    if share > UNDRAWN:
        warn(
            f"{caller} takes the labels 0, 1 and 2 of y as three classes, of which 0 has {share:.0%} of the "
            "pixels. For strokes, 1 on background and 2 on foreground, use fit(X, y == 2, roi=y > 0)."
        )


def number_labels(labels, classes, *, caller):
    """Return the number of the class of each label."""
    unknown = ~np.isin(labels, classes)
    if unknown.any():
        msg = (
            f"{caller} expects the labels of the first images, {classes.tolist()}, got "
            f"{labels[unknown][0]}. Begin with images that have all classes."
        )
        raise ValueError(msg)
    return np.searchsorted(classes, labels)
