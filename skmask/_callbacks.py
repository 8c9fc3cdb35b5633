"""Guard a fit: it learns all or nothing, and callbacks get its progress.

Callbacks are those of scikit-learn 1.9 and later: a fit is a task, with subtasks for blocks and held maskers.

Before scikit-learn 1.9 there are none, and estimators have no method ``set_callbacks``.
"""

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from itertools import islice

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:
        """Support of no callbacks."""

    def with_callbacks(method):
        """Return the method as it is."""
        return method


class all_or_nothing:  # named as those of contextlib are, and faster than a generator
    """Leave an estimator as it was before a fit that raises: fitted earlier, or not at all."""

    def __init__(self, estimator):
        self._estimator = estimator

    def __enter__(self):
        self._before = vars(self._estimator).copy()

    def __exit__(self, kind, error, traceback):
        if kind is not None:
            self._estimator.__dict__ = self._before


class FitTask:
    """A task of a fit that is reported to callbacks; without a context there are none.

    Parameters
    ----------
    estimator : estimator, default=None
        The estimator that is fitted.
    context : sklearn.callback.CallbackContext, default=None
        Of the task.
    """

    def __init__(self, estimator=None, context=None):
        self._estimator = estimator
        self._context = context

    def watch(self, images):
        """Return images of which every step is a subtask, the first time that they are reduced."""
        if self._context is None or not self._context.max_subtasks:
            return images
        n_blocks, n_steps = len(images.blocks), self._context.max_subtasks
        steps = iter(range(n_steps))

        def progress(parts):
            for i in steps:
                size = n_blocks * (i + 1) // n_steps - n_blocks * i // n_steps
                with _told(self._context.subcontext("block"), estimator=self._estimator):
                    yield from islice(parts, size)
            yield from parts

        return replace(images, progress=progress)

    def subtask(self, name, n_subtasks):
        """Return the context of a part of the task, which is itself a task."""
        if self._context is None:
            return nullcontext(self)
        context = self._context.subcontext(name, max_subtasks=n_subtasks)
        return _told(context, estimator=self._estimator)

    def fit_masker(self, name, masker, X, y, params):
        """Fit a masker that the estimator holds, which is a part of the task."""
        if self._context is None:
            return masker.fit(X, y, **params)
        context = self._context.subcontext(f"fit-{name}")
        with (
            context.propagate_callback_context(masker),
            _told(context, estimator=self._estimator, X=X, y=y),
        ):
            return masker.fit(X, y, **params)


UNTOLD = nullcontext(FitTask())


@contextmanager
def fit_task(estimator, X, y, metadata, *, name, n_subtasks):
    """Set the callbacks of an estimator up, tell them of a fit, and tear them down in any case.

    Parameters
    ----------
    estimator : estimator
        Has callbacks.
    X, y : object
        Images of the fit, as they came in.
    metadata : dict
        Further arguments of the method; None is left out.
    name : str
        Of the method that fits.
    n_subtasks : int or None
        How many parts the fit has at most; None is unknown.
    """
    metadata = {key: value for key, value in metadata.items() if value is not None}
    try:
        context = estimator._init_callback_context(name, max_subtasks=n_subtasks)
        context.call_on_fit_task_begin(estimator=estimator, X=X, y=y, metadata=metadata)
        yield FitTask(estimator, context)
        # Nothing is missing by now in a copy of the estimator.
        context.call_on_fit_task_end(
            estimator=estimator, X=X, y=y, metadata=metadata, reconstruction_attributes={}
        )
    finally:
        _tear_down(estimator)


@contextmanager
def _told(context, *, estimator, **data):
    """Tell callbacks that a task begins and, unless it fails, that it ends."""
    context.call_on_fit_task_begin(estimator=estimator, **data)
    yield FitTask(estimator, context)
    context.call_on_fit_task_end(estimator=estimator, **data)


@with_callbacks
def _tear_down(estimator):
    """Do nothing, after which the decorator tears the callbacks down."""
