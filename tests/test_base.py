"""Parameters that satisfy no constraint: the message says which, and what to do."""

import inspect
import sys
from fractions import Fraction

import numpy as np
import pytest

from skmask import (
    BinaryDilator,
    FixedMasker,
    ImageFlattener,
    PixelClassifierMasker,
    RangeMasker,
    ThresholdMasker,
)
from skmask.base import ImageTransformer
from tests.estimators import name_of, public_estimators


@pytest.mark.parametrize(
    ("estimator", "match"),
    [
        (BinaryDilator(border="ignor"), r"Got 'ignor' instead\. Did you mean 'ignore'\?$"),
        (
            BinaryDilator(iterations=-1),
            r"Got -1 instead\. Use a value of this kind, or iterations=1, the default",
        ),
        (BinaryDilator(iterations=True), r"'iterations' parameter of .*Got True instead\. Use"),
        (ThresholdMasker(Fraction(1, 3)), r"Got Fraction\(1, 3\) instead\. Use threshold=float\("),
        (FixedMasker(channel_axis=np.True_), r"'channel_axis' parameter of FixedMasker .*True_"),
        (
            ThresholdMasker(10**400),
            r"'threshold' parameter of .* must be .* Got 10+\.\.\.0+ instead",
        ),
        (ThresholdMasker([1, 2]), r"Got \[1, 2\] instead\. Use a value of this kind, or th"),
        (PixelClassifierMasker("mpl"), r"Got 'mpl' instead\. Use 'mlp'\."),
        (ThresholdMasker("12"), r"Got '12' instead\. Use a value of this kind, or threshold="),
        (FixedMasker(["a", "b"]), r"Got \['a', 'b'\] instead\. Use an array of numbers, or mask="),
        (FixedMasker([[1], [1, 0]]), r"Got \[\[1\], \[1, 0\]\] instead\. Use an array of numbers"),
        (FixedMasker(np.ndarray), r"Got <class 'numpy.ndarray'> instead"),
        (FixedMasker({}), r"'mask' parameter of FixedMasker must be .* Got \{\} instead\. Use"),
    ],
    ids=repr,
)
def test_refusal_of_a_parameter_says_what_to_use(estimator, match):
    with pytest.raises(ValueError, match=match):
        estimator.fit(np.zeros((1, 3, 3)))


def test_value_that_is_refused_is_shown_in_brief():
    with pytest.raises(ValueError, match="Got an array of shape") as caught:
        ThresholdMasker(np.zeros((200, 200))).fit(np.zeros((1, 3, 3)))
    assert len(str(caught.value)) < 250
    with pytest.raises(ValueError, match=r"Got \[0, 0, .*\.\.\.\] instead") as caught:
        ThresholdMasker([0] * 1000).fit(np.zeros((1, 3, 3)))
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("cls", "values", "match"),
    [
        (
            BinaryDilator,
            ("disk", 3, 2),
            r"^BinaryDilator expects only footprint without a name, got 3 values\. Name the others, such as "
            r"in BinaryDilator\('disk', radius=3, iterations=2\)\.$",
        ),
        (RangeMasker, (1, 2, object()), r"expects only low and high .*: inclusive, channel_axis, "),
        (ImageFlattener, (1,), r"^ImageFlattener expects nothing without a name, got 1 value\. L"),
    ],
)
def test_more_values_without_names_than_a_class_takes_are_refused(cls, values, match):
    with pytest.raises(TypeError, match=match):
        cls(*values)


@pytest.mark.parametrize(
    "estimator",
    [one for one in public_estimators() if type(one)._most_unnamed < sys.maxsize],
    ids=name_of,
)
@pytest.mark.parametrize("value", [np.float32, "float32", 1.5, None, object(), ThresholdMasker()])
def test_any_value_without_a_name_is_refused_in_words(estimator, value):
    cls = type(estimator)
    with pytest.raises(TypeError, match=f"^{cls.__name__} expects .* without a name, got"):
        cls(*[value] * (1 + cls._most_unnamed))


def test_signature_of_a_class_is_that_of_its_init():
    class Own(BinaryDilator):
        def __init__(self, radius=2, *, border="ignore"):
            super().__init__(radius=radius, border=border)

    class Any(ImageTransformer):
        def __init__(self, *numbers):
            self.numbers = numbers

    assert str(inspect.signature(Own)) == "(radius=2, *, border='ignore')"
    assert Own(4).radius == 4
    assert Any(1, 2, 3).numbers == (1, 2, 3)
    assert str(inspect.signature(ImageFlattener)) == "()"
    with pytest.raises(TypeError, match=r"^Own expects only radius"):
        Own(4, "ignore")
