"""Rows of pixels as features: names of their columns, and rows that go back to images."""

import numpy as np
from sklearn.utils import check_array

from skmask._images.kinds import is_foreign, to_numpy
from skmask._kernels.pixels.namespaces import like


def pixel_names(indices):
    """Return the names of columns, ``pixel_{row}_{column}``, by the indices of their pixels."""
    return np.array(["pixel_" + "_".join(map(str, index)) for index in indices], dtype=object)


def fold_rows(X, names, fold, *, caller):
    """Return the images that `fold` makes of rows with columns of these names, as an array like `X`."""
    n_columns, columns = len(names), list(getattr(X, "columns", ()))
    if columns != list(names) and sorted(map(str, columns)) == sorted(names):
        msg = (
            f"{caller} expects columns in the order of get_feature_names_out(), got another order. Use "
            "X[selector.get_feature_names_out()], with the selector that you call."
        )
        raise ValueError(msg)
    rows = check_array(
        to_numpy(X), allow_nd=True, ensure_2d=False, ensure_all_finite=False, estimator=caller
    )
    if rows.ndim > 2 or rows.shape[-1] != n_columns:
        msg = (
            f"{caller} expects rows of {n_columns} features, got an array of shape {rows.shape}. Pass rows "
            "as transform makes them, or one such row."
        )
        raise ValueError(msg)
    images = fold(rows)
    return like(images, X) if is_foreign(X) else images
