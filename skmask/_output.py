"""What estimators show of themselves: names of columns, containers of rows, and notebooks."""

from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.metaestimators import available_if

from skmask._describe import html_of


def fitted_on_rows(estimator):
    # Without the AttributeError of its own, available_if would name this function.
    if not hasattr(estimator, "n_features_in_"):
        msg = f"{type(estimator).__name__} names features only after a fit on flat rows."
        raise AttributeError(msg)
    return True


class OutputMixin(OneToOneFeatureMixin):
    """Names and containers of flat rows, and diagrams with descriptions."""

    def get_feature_names_out(self, input_features=None):
        """Return the names of the pixels, after a fit on flat rows.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the pixels; those seen in `fit`, or ``x0, x1, ...``, when left out.

        Returns
        -------
        names : ndarray of str
        """
        return super().get_feature_names_out(input_features)

    # Hidden after a fit on a stack, so that a global request for DataFrames leaves stacks alone.
    get_feature_names_out = available_if(fitted_on_rows)(get_feature_names_out)

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
