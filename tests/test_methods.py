"""Methods of users: registered, refused or checked before they choose a threshold."""

import functools
import pickle

import cloudpickle
import numpy as np
import pytest
import skimage.filters
from numpy.testing import assert_array_equal

from skmask import HistogramThresholdMasker
from skmask._methods import is_criterion, name_of, unbound
from skmask.thresholds import (
    CRITERIA,
    THRESHOLD_METHODS,
    choose_threshold,
    dice,
    f_beta,
    otsu,
    percentile,
    register_criterion,
    register_threshold_method,
)

X = np.array([[[10, 20, 30, 40, 40, 20]]])


@pytest.fixture(autouse=True)
def tables(monkeypatch):
    """Take back what a test registers."""
    methods, criteria = dict(THRESHOLD_METHODS), dict(CRITERIA)
    yield
    for table, before in ((THRESHOLD_METHODS, methods), (CRITERIA, criteria)):
        table.clear()
        table.update(before)


def few_errors(tp, fp, fn, tn):
    return -(fp + 3 * fn)


def midrange(counts, centers):
    return (centers[0] + centers[-1]) / 2


def test_registered_method_is_chosen_by_name():
    register_threshold_method("first", lambda counts, centers: float(centers[0]))
    assert choose_threshold([1, 1, 1], [4, 5, 6], "first") == (4.0, (4.0, 5.0), None)


@pytest.mark.parametrize("arguments", [{}, {"scale": 2}])
def test_registered_criterion_works_by_name_and_as_a_function(arguments):
    def scaled(tp, fp, fn, tn, *, scale=1):
        return -scale * (fp + 3 * fn)

    criterion = functools.partial(scaled, **arguments) if arguments else scaled
    register_criterion("scaled", criterion)
    y = X > 25
    expected = HistogramThresholdMasker("cost").fit(X, y)
    for method in ("scaled", criterion, functools.partial(scaled, scale=3)):
        masker = HistogramThresholdMasker(method).fit(X, y)
        assert masker.threshold_ == expected.threshold_
        assert masker.best_score_ == 0


def test_function_that_is_sent_by_value_is_still_a_criterion():
    def local(tp, fp, fn, tn):
        return -fp - fn

    assert not is_criterion(local)
    register_criterion("local", local)
    code = cloudpickle.dumps(HistogramThresholdMasker(local))
    del CRITERIA["local"]
    masker = pickle.loads(code)
    assert masker.method is not local
    assert masker.fit(X, X > 25).best_score_ == 0


def test_criteria_are_recognized():
    assert is_criterion("dice")
    assert is_criterion(dice)
    assert is_criterion(functools.partial(f_beta, beta=2))
    assert is_criterion(functools.partial(functools.partial(f_beta), beta=2))
    for method in ("otsu", otsu, few_errors, functools.partial(percentile, p=0.3), 3, None):
        assert not is_criterion(method)


def test_function_of_outcomes_that_is_not_registered_is_refused():
    with pytest.raises(
        ValueError, match=r"got few_errors\(tp, fp, fn, tn\). If it is a criterion"
    ) as e:
        HistogramThresholdMasker(few_errors).fit(X, X > 25)
    hint = "skmask.thresholds.register_criterion('few_errors', few_errors)"
    assert hint in str(e.value)
    register_criterion("few_errors", few_errors)
    assert HistogramThresholdMasker(few_errors).fit(X, X > 25).best_score_ == 0


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (skimage.filters.threshold_otsu, "Use method='otsu'."),
        (skimage.filters.threshold_li, "Use method='li'."),
        (skimage.filters.threshold_sauvola, r"Use LocalThresholdMasker\('sauvola'\)."),
        (functools.partial(skimage.filters.threshold_otsu, nbins=9), "Use method='otsu'."),
        (np.mean, "Use method='mean'."),
        (skimage.filters.sobel, "Use a name in skmask.thresholds.THRESHOLD_METHODS."),
    ],
)
def test_function_of_an_image_is_refused_with_the_string_to_use(function, hint):
    match = f"got {name_of(function)}, a function of an image. {hint}"
    with pytest.raises(ValueError, match=f"HistogramThresholdMasker expects .*{match}"):
        HistogramThresholdMasker(function).fit(X)
    with pytest.raises(ValueError, match=f"choose_threshold expects .*{match}"):
        choose_threshold([1, 2], [3, 4], function)
    with pytest.raises(ValueError, match=f"register_threshold_method expects .*{match}"):
        register_threshold_method("theirs", function)


@pytest.mark.parametrize("strategy", ["pooled", "per_image"])
def test_class_is_refused(strategy):
    with pytest.raises(
        TypeError, match="HistogramThresholdMasker .* got the class int. Use a name"
    ):
        HistogramThresholdMasker(int, strategy=strategy).fit(X)


def test_function_of_other_parameters_is_refused():
    with pytest.raises(
        ValueError, match=r"got <lambda>\(counts\). Write it as a function of these"
    ):
        HistogramThresholdMasker(lambda counts: 3).fit(X)
    with pytest.raises(ValueError, match=r"expects a function of \(tp, fp, fn, tn\), got midrange"):
        register_criterion("midrange", midrange)


@pytest.mark.parametrize(
    ("found", "got"),
    [
        (None, "NoneType"),
        ("7", "str"),
        ([1, [2, 3]], "list"),
        (np.nan, "a threshold of nan"),
        (np.inf, "a threshold of inf"),
        (np.array(-np.inf), "a threshold of -inf"),
        (np.ones(3), r"an array of shape \(3,\)"),
        (np.ones((30, 1)), r"an array of shape \(30, 1\)"),
        (np.full(30, np.nan), "scores that are NaN or infinite"),
        (np.full(30, -np.inf), "scores that are NaN or infinite"),
        (np.full(30, np.inf), "scores that are NaN or infinite"),
        (np.where(np.arange(30) == 10, np.nan, 1.0), "scores that are NaN or infinite"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:.*per_image.*:UserWarning")
def test_result_of_a_method_is_checked(found, got):
    def own(counts, centers):
        return found

    match = f"expects method own to return a finite threshold, or one score .* got {got}. Raise"
    with pytest.raises(ValueError, match=f"HistogramThresholdMasker {match}"):
        HistogramThresholdMasker(own).fit(X)
    with pytest.raises(ValueError, match=f"HistogramThresholdMasker {match}"):
        HistogramThresholdMasker(own, strategy="per_image").fit_transform(X)


def test_scores_of_empty_bins_and_of_cuts_that_are_out_of_the_question_are_welcome():
    def own(counts, centers):
        scores = np.where(counts[:-1] > 0, centers[:-1], np.nan)
        scores[0] = -np.inf
        return scores

    assert HistogramThresholdMasker(own).fit(X).threshold_ == 35


def test_results_of_any_number_type_are_thresholds():
    for value in (25, np.int8(25), np.float32(25.5), np.array(25), True):
        masker = HistogramThresholdMasker(lambda counts, centers, value=value: value).fit(X)
        assert masker.threshold_ == int(value)


@pytest.mark.parametrize("register", [register_threshold_method, register_criterion])
def test_what_cannot_be_registered_is_refused(register):
    with pytest.raises(ValueError, match=f"{register.__name__} expects a new name, got 'otsu'"):
        register("otsu", midrange)
    with pytest.raises(ValueError, match=f"{register.__name__} expects a new name, got 'dice'"):
        register("dice", few_errors)
    with pytest.raises(TypeError, match=f"{register.__name__} expects a callable .* got float"):
        register("fixed", 3.0)
    with pytest.raises(
        TypeError, match=f"{register.__name__} expects a name, got 3. Pass the name"
    ):
        register(3, midrange)


def test_unbound_is_the_innermost_function():
    assert unbound(functools.partial(functools.partial(otsu))) is otsu
    assert unbound("otsu") == "otsu"


def test_functions_with_bound_arguments_choose_as_themselves():
    counts = np.bincount(X.ravel())
    low = choose_threshold(counts, np.arange(41), functools.partial(percentile, p=0.1))
    assert low.threshold == 15
    assert_array_equal(np.isnan(low.criterion), (counts.cumsum() == 0) | (np.arange(41) == 40))
