import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmask import ImageFlattener

X = np.arange(48).reshape(2, 2, 3, 4)


def test_rows_hold_the_pixels_in_c_order_and_fold_back():
    flattener = ImageFlattener().fit(X)
    rows = flattener.transform(X)
    assert_array_equal(rows, X.reshape(2, -1))
    assert_array_equal(flattener.inverse_transform(rows), X)
    assert flattener.image_shape_ == (2, 3, 4)


def test_layout_of_the_images_does_not_matter():
    fortran = np.asfortranarray(X)
    assert_array_equal(ImageFlattener().fit_transform(fortran), X.reshape(2, -1))


def test_coefficients_of_a_linear_model_fold_to_an_image():
    pipeline = make_pipeline(ImageFlattener(), LogisticRegression()).fit(X / 48, [0, 1])
    images = pipeline[0].inverse_transform(pipeline[-1].coef_)
    assert images.shape == (1, 2, 3, 4)
    assert pipeline[0].inverse_transform(pipeline[-1].coef_[0]).shape == (2, 3, 4)


def test_names_are_coordinates_or_columns():
    names = ImageFlattener().fit(X).get_feature_names_out()
    assert names[:5].tolist() == [
        "pixel_0_0_0", "pixel_0_0_1", "pixel_0_0_2", "pixel_0_0_3", "pixel_0_1_0",
    ]  # fmt: skip
    frame = pd.DataFrame(X.reshape(2, -1)).add_prefix("p")
    assert ImageFlattener().fit(frame).get_feature_names_out()[3] == "p3"
    flattener = ImageFlattener().set_output(transform="pandas")
    assert flattener.fit_transform(X).columns[-1] == "pixel_1_2_3"
    assert flattener.fit_transform(list(X)).columns[-1] == "pixel_1_2_3"


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"seen in fit, \(2, 3, 4\), got images of shape \(2, 3\)"):
        ImageFlattener().fit(X).transform(X[..., 0])
    with pytest.raises(ValueError, match="Crop or resize them first"):
        ImageFlattener().fit([X[0], X[1, :1]])


@pytest.mark.parametrize("rows", [np.zeros((2, 23)), np.zeros((1, 2, 24)), np.zeros(25)])
def test_rows_of_another_length_are_refused(rows):
    with pytest.raises(ValueError, match="expects rows of 24 features, got an array of shape"):
        ImageFlattener().fit(X).inverse_transform(rows)


def test_use_before_fit_is_refused():
    for method in ("transform", "inverse_transform"):
        with pytest.raises(NotFittedError):
            getattr(ImageFlattener(), method)(X)
    with pytest.raises(NotFittedError):
        ImageFlattener().get_feature_names_out()


def test_refused_fit_leaves_it_unfitted():
    flattener = ImageFlattener()
    with pytest.raises(ValueError, match="shape seen in fit"):
        flattener.fit([np.zeros((2, 3)), np.zeros((3, 2))])
    with pytest.raises(NotFittedError):
        flattener.transform(np.zeros((1, 2, 3)))
