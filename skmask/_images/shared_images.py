"""Images whose histograms and results are shared by the candidates of a search."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields, is_dataclass
from hashlib import sha256
from numbers import Number, Real
from threading import Lock
from types import FunctionType
from typing import Any

import joblib
import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator

__all__ = ["SharedImages", "computed", "key_of"]


class SharedImages(NDArrayOperatorsMixin):
    """Images, or masks, whose histograms and results are computed once for all candidates of a search.

    A search fits each candidate again in each fold, although most candidates differ in one step only.
    Hand ``SharedImages(X)`` and ``SharedImages(y)`` to a search of scikit-learn instead of `X` and `y`:
    scores are the same, and the search takes a fraction of the time.

    - Each fold is copied once, and its pixels are counted once for all methods and corrections.
    - Candidates that begin with the same steps share the results of these steps.
    - Steps that learn nothing are not shown the training images.

    Nothing is kept on disk or outside of this object.

    Parameters
    ----------
    X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
            (n_images, n_pixels), or list of arrays
        Images or masks: a stack, flat rows, or a list of images of different sizes.
    max_bytes : int, default=2**30
        Memory for results in bytes. Beyond it, the least recently used results are dropped, and computed
        again when they are needed.

    See Also
    --------
    sklearn.model_selection.GridSearchCV : Takes such images.
    search_masker : A search that is ready to use.

    Notes
    -----
    Results are remembered by the parameters of an estimator and by what it learned. Arrays that steps
    receive are read-only. `X` must not be changed as long as it is shared. Threads share results, processes
    do not: search with ``n_jobs`` inside of ``joblib.parallel_config(backend="threading")``.

    Functions of NumPy and operators, such as ``images / 255``, give arrays, whose results are not shared. For
    any other attribute of an array, use ``np.asarray(images)``. scikit-learn refuses shared images if
    ``array_api_dispatch=True``.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmask import HistogramThresholdMasker, SharedImages, SmallRegionRemover
    >>> from skmask.datasets import make_masked_images
    >>> data = make_masked_images(6, (48, 48), noise=20, random_state=0)
    >>> pipeline = make_pipeline(HistogramThresholdMasker(), SmallRegionRemover())
    >>> grid = {
    ...     "histogramthresholdmasker__method": ["otsu", "li", "triangle"],
    ...     "smallregionremover__min_size": [5, 20, 80],
    ... }
    >>> search = GridSearchCV(pipeline, grid, cv=3)
    >>> search = search.fit(SharedImages(data.images), SharedImages(data.masks))
    >>> search.transform(data.images).shape
    (6, 48, 48)
    """

    def __init__(self, X: Any, *, max_bytes: int = 1 << 30) -> None:
        self._source = computed(X)
        _check_arguments(self._source, max_bytes)
        self._origin = object()  # an id could be that of images that are gone
        self._indices: NDArray[np.intp] | None = None
        self._steps: tuple[tuple[Hashable, Any], ...] = ()
        self._results = _Results(max_bytes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the result of the steps, for the estimators of scikit-learn that come next.

        Before any step it is the number of images alone: any shape makes scikit-learn index the object as a
        whole.
        """
        shape: tuple[int, ...] | None = None
        if self._steps:
            shape = getattr(self.compute(), "shape", None)
        return (len(self),) if shape is None else shape

    def __len__(self) -> int:
        return _n_images(self._source) if self._indices is None else len(self._indices)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis:
            key = key[0]
        if key is None or key is Ellipsis or isinstance(key, tuple):
            return self.compute()[key]
        indices = np.arange(len(self)) if self._indices is None else self._indices
        if np.ndim(key) == 0 and not isinstance(key, slice):
            return self._with(indices[key : key + 1 or None], self._steps).compute()[0]
        return self._with(indices[key], self._steps)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.compute())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.compute(), dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*map(computed, inputs), **kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} images)"

    def __getstate__(self) -> dict[str, Any]:
        state = vars(self).copy()
        state["_results"] = self._results.max_bytes  # results are not pickled
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._results = _Results(state["_results"])

    def compute(self, *, briefly: bool = False) -> Any:
        """Return the images, or the result of the steps.

        Parameters
        ----------
        briefly : bool, default=False
            Whether the result is remembered only until the next one is computed like this. Other candidates
            do not share the result of the last step of a candidate.

        Returns
        -------
        images : ndarray or list of ndarray
            In the container of `X`.
        """
        if self._steps:
            _, step = self._steps[-1]
            before = self._with(self._indices, self._steps[:-1])
            key = (*self.key, "images", get_config()["transform_output"])
            return self._results.get(key, lambda: step.transform(before.compute()), briefly=briefly)
        if self._indices is None:
            return self._source
        indices = self._indices
        return self.remember(("images",), lambda: _take(self._source, indices))

    def first(self) -> "SharedImages":
        """Return the first image alone."""
        return self[:1]

    def transformed(self, estimator: Any) -> "SharedImages":
        """Return what an estimator will make of the images, when it is asked for."""
        step = (key_of(estimator), _snapshot(estimator))
        return self._with(self._indices, (*self._steps, step))

    def remember(self, key: tuple[Hashable, ...], compute: Callable[[], Any]) -> Any:
        """Return what `compute` returned for the same images and the same key, or call it."""
        return self._results.get((*self.key, *key), compute)

    @property
    def key(self) -> tuple[Hashable, ...]:
        """Key of these images among the results."""
        indices = None if self._indices is None else self._indices.tobytes()
        return (self._origin, indices, *(key for key, _ in self._steps))

    def _with(self, indices: Any, steps: tuple[tuple[Hashable, Any], ...]) -> "SharedImages":
        other = _shallow(self)
        other._indices, other._steps = indices, steps
        return other


def computed(X: Any, *, briefly: bool = False) -> Any:
    """Return the images that shared images hold; return anything else as it is."""
    return X.compute(briefly=briefly) if isinstance(X, SharedImages) else X


def _check_arguments(X: Any, max_bytes: Any) -> None:
    if (
        isinstance(X, str | bytes)
        or not hasattr(X, "__getitem__")
        or getattr(X, "shape", None) == ()
    ):
        msg = (
            f"SharedImages expects X to be an array or a list of arrays, got {type(X).__name__}. Pass the "
            "images of the search."
        )
        raise TypeError(msg)
    if not isinstance(max_bytes, Real) or max_bytes < 0:
        msg = (
            f"SharedImages expects max_bytes to be a number of bytes, at least 0, got {max_bytes!r}. Leave "
            "it out for 2**30."
        )
        raise ValueError(msg)


def _take(images: Any, indices: NDArray[np.intp]) -> Any:
    """Take images from a container, as scikit-learn takes folds."""
    if hasattr(images, "iloc"):
        return images.iloc[indices]
    if not hasattr(images, "shape"):
        return [images[i] for i in indices]
    if type(images) is np.ndarray or (np.diff(indices) > 0).all():
        return images[indices]
    # HDF5 reads images in the order of the file only, and each of them once.
    in_order, positions = np.unique(indices, return_inverse=True)
    return images[in_order][positions]


def _n_images(images: Any) -> int:
    """Count the images of a container; arrays of zarr have no length."""
    shape = getattr(images, "shape", None)
    return int(shape[0]) if shape else len(images)


class _Results:
    """Results by their keys, of which those used last are kept."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._n_bytes = 0
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._brief: tuple[Hashable, Any] = (None, None)
        self._lock = Lock()

    def get(self, key: Hashable, compute: Callable[[], Any], *, briefly: bool = False) -> Any:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            if key == self._brief[0]:
                return self._brief[1]
            if briefly:
                self._brief = (None, None)  # its memory serves the next result
        result = _read_only(compute())
        with self._lock:
            if briefly:
                self._brief = (key, result)
                return result
            if key not in self._kept:
                self._kept[key] = result
                self._n_bytes += _n_bytes(result)
            while self._n_bytes > self.max_bytes and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._n_bytes -= _n_bytes(dropped)
        return result


def _shallow(one: Any) -> Any:
    """Copy an object without its ``__getstate__``, which may pack histograms."""
    other = object.__new__(type(one))
    vars(other).update(vars(one))
    return other


def _snapshot(value: Any) -> Any:
    """Copy an estimator and those that it holds, which may be fitted again; arrays are not copied."""
    if isinstance(value, BaseEstimator):
        value = _shallow(value)
        vars(value).update({name: _snapshot(one) for name, one in vars(value).items()})
    elif type(value) in (list, tuple):
        value = type(value)(map(_snapshot, value))
    return value


def _read_only(result: Any) -> Any:
    if isinstance(result, list):
        return [_read_only(one) for one in result]
    if type(result) is np.ndarray:
        result = result.view()
        result.flags.writeable = False
    return result


def _n_bytes(result: Any) -> int:
    if isinstance(result, list | tuple):
        return sum(map(_n_bytes, result))
    if is_dataclass(result):
        return sum(_n_bytes(getattr(result, field.name)) for field in fields(result))
    return int(getattr(result, "nbytes", 0))


def key_of(value: Any) -> Hashable:
    """Return a key that is the same for values that give the same results, such as estimators fitted alike.

    A hash of the pickled value takes a hundred times as long.
    """
    if isinstance(value, BaseEstimator):
        state = value._state_of_results() if hasattr(value, "_state_of_results") else vars(value)
        # Callbacks change no result.
        return type(value), key_of({n: v for n, v in state.items() if "callback" not in n})
    if isinstance(value, dict):
        return dict, frozenset((name, key_of(one)) for name, one in value.items())
    if isinstance(value, list | tuple):
        return type(value), tuple(map(key_of, value))
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        return value.dtype, value.shape, sha256(value.tobytes()).digest()
    if isinstance(value, Number):
        return type(value), repr(
            value
        )  # tells zeros of different signs apart, and NaN equals itself
    if isinstance(value, str | bytes | np.dtype | FunctionType | type | None):
        return type(value), value
    try:
        return type(value), joblib.hash(value)
    except Exception:  # anything may stand among the parameters, and pickling may fail in any way
        return object()
