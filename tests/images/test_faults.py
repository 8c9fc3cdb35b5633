"""An image that fails is named as it stands in what the user passed in, however it was split on the way."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from skmask import (
    DriftGuard,
    GroupedMasker,
    HistogramThresholdMasker,
    ImageFunction,
    LocalFeatures,
    MaskApplier,
    PixelClassifierMasker,
    SliceWise,
    ThresholdMasker,
)


def refuse_marked(image):
    if image.flat[0] == 255:
        msg = "marked"
        raise RuntimeError(msg)
    return image


X = np.random.default_rng(0).integers(0, 50, (6, 20, 24)).astype(np.uint8)
X[:, 5:9, 5:9] = 200
MARKED = X.copy()
MARKED[4, 0, 0] = 255
VOLUMES, MARKED_VOLUMES = (images[:, np.newaxis].repeat(3, axis=1) for images in (X, MARKED))
LIST = [VOLUMES[0], VOLUMES[1, :, :-1], VOLUMES[2, :2], VOLUMES[3], MARKED_VOLUMES[4]]
GROUPS = {"groups": np.array(list("ababab"))}

masker = make_pipeline(ImageFunction(refuse_marked), ThresholdMasker(100))
learner = make_pipeline(ImageFunction(refuse_marked), HistogramThresholdMasker())
of_function = PixelClassifierMasker(features=ImageFunction(refuse_marked))
behind_function = PixelClassifierMasker(
    features=make_pipeline(ImageFunction(refuse_marked), LocalFeatures())
)


@pytest.mark.parametrize("container", [np.array, list])
@pytest.mark.parametrize(
    ("estimator", "metadata"),
    [
        (masker, {}),
        (MaskApplier(masker), {}),
        (DriftGuard(masker), {}),
        (GroupedMasker(masker), GROUPS),
        (GroupedMasker(masker, n_groups=2), {}),
        (of_function, {}),
        (behind_function, {}),
    ],
)
def test_transform_names_the_image(estimator, metadata, container):
    fitted = estimator.fit(X, X > 100, **metadata)
    with pytest.raises(ValueError, match=r"refuse_marked to image 4 \(counted from 0\)"):
        fitted.transform(container(MARKED), **metadata)


@pytest.mark.parametrize("container", [np.array, list])
@pytest.mark.parametrize(
    ("estimator", "metadata"),
    [
        (learner, {}),
        (GroupedMasker(learner), GROUPS),
        (of_function, {}),
        (behind_function, {}),
        (clone(of_function).set_params(threshold="dice"), {}),
    ],
)
def test_fit_names_the_image(estimator, metadata, container):
    with pytest.raises(ValueError, match=r"refuse_marked to image 4 \(counted from 0\)"):
        estimator.fit(container(MARKED), container(X > 100), **metadata)


@pytest.mark.parametrize("learn", ["together", "each"])
def test_slices_are_not_counted(learn):
    slices = SliceWise(learner, axis=1, learn=learn)
    match = r"refuse_marked to image 4 \(counted from 0\)"
    with pytest.raises(ValueError, match=match):
        slices.fit(MARKED_VOLUMES)
    with pytest.raises(ValueError, match=match):
        slices.fit(VOLUMES).transform(MARKED_VOLUMES)


def test_images_of_different_numbers_of_slices_are_counted():
    slices = SliceWise(learner, axis=1)
    match = r"refuse_marked to image 4 \(counted from 0\)"
    with pytest.raises(ValueError, match=match):
        slices.fit(LIST)
    with pytest.raises(ValueError, match=match):
        slices.fit(VOLUMES).transform(LIST)
