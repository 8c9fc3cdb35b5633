"""Output of estimators: names of columns, containers of rows, and notebooks."""

import functools
import inspect

from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from skmask._describe import html_of
from skmask._images.shared_images import SharedImages


def _has_columns(estimator):
    """Tell whether results have columns: those of images have them only if their class names columns."""
    names_pixels = type(estimator).get_feature_names_out is OutputMixin.get_feature_names_out
    return not names_pixels or "n_features_in_" in vars(estimator)


def _methods_with_columns(estimator):
    return {"transform"} if _has_columns(estimator) else set()


def fitted_on_rows(estimator):
    # Without the AttributeError of its own, available_if would name this function.
    if not hasattr(estimator, "n_features_in_"):
        msg = f"{type(estimator).__name__} names features only after a fit on flat rows."
        raise AttributeError(msg)
    return True


def _with_containers(plain, with_columns):
    """Let `transform` return `SharedImages` of these, and results with columns as scikit-learn wraps them.

    scikit-learn looks its settings up at every call, which takes a quarter as long as masking a small image.
    """

    @functools.wraps(plain)
    def transform(self, X, *args, **kwargs):
        if isinstance(X, SharedImages):
            if not (args or kwargs):
                return X.transformed(self)
            X = X.compute()
        method = with_columns if _has_columns(self) else plain
        return method(self, X, *args, **kwargs)

    @functools.wraps(plain)
    def transform_alone(self, X):
        if isinstance(X, SharedImages):
            return X.transformed(self)
        return with_columns(self, X) if _has_columns(self) else plain(self, X)

    # Further arguments, where there are none, take a tenth of the time of masking a small image.
    return transform_alone if _takes_images_alone(plain) else transform


def _takes_images_alone(method):
    if not inspect.isfunction(method):
        return False
    # A decorated method takes what its decorator takes.
    parameters = inspect.signature(method, follow_wrapped=False).parameters.values()
    return [one.kind for one in parameters] == 2 * [inspect.Parameter.POSITIONAL_OR_KEYWORD]


class OutputMixin(OneToOneFeatureMixin):
    """Names and containers of flat rows, and diagrams with descriptions."""

    def __init_subclass__(cls, **kwargs):
        plain = vars(cls).get("transform")
        super().__init_subclass__(**kwargs)
        if plain is not None:
            cls.transform = _with_containers(plain, cls.transform)
        # scikit-learn asks each estimator for the methods whose results go into DataFrames.
        cls._sklearn_auto_wrap_output_keys = property(_methods_with_columns)

    def get_feature_names_out(self, input_features=None):
        """Return the names of the pixels, after a fit on flat rows.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the pixels; those seen in `fit`, or ``x0, x1, ...``, when left out.

        Returns
        -------
        names : ndarray of str
            After a fit on a stack or a list, `input_features` as they are: images have no columns, and
            later steps of a Pipeline name theirs by themselves.
        """
        if not hasattr(self, "n_features_in_"):
            check_is_fitted(self)
            return input_features
        return super().get_feature_names_out(input_features)

    def set_output(self, *, transform=None):
        """Choose the container of flat rows that come out; stacks and lists stay what they are.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            Container for flat rows. None changes nothing.

        Returns
        -------
        self : object
        """
        if transform is not None:
            config = getattr(self, "_sklearn_output_config", {})
            self._sklearn_output_config = {**config, "transform": transform}
        return self

    @property
    def _repr_html_(self):
        diagram = super()._repr_html_
        return lambda: diagram() + html_of(self)

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += html_of(self)
        return bundle

    def _get_params_html(self, *args, **kwargs):
        # From scikit-learn 1.7 on, diagrams of Pipelines and searches ask each part for this table.
        table = super()._get_params_html(*args, **kwargs)
        inner = table._repr_html_inner
        table._repr_html_inner = lambda: inner() + html_of(self)
        return table
