"""Base of the maskers that learn from histograms of training images."""

import functools
from dataclasses import fields, is_dataclass
from numbers import Integral
from types import SimpleNamespace

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmask._callbacks import all_or_nothing
from skmask._checks import (
    MOST_BINS,
    check_one_kind,
    check_some_pixel,
    check_value_range,
    check_weights,
)
from skmask._describe import number, number_within
from skmask._images.faults import ImageFault
from skmask._images.kinds import to_numpy
from skmask._images.reach import pixelwise
from skmask._images.scale import dtypes_of
from skmask._images.shared_images import SharedImages, key_of
from skmask._kernels.histograms.counting import count, exact_weights
from skmask._kernels.histograms.histogram import Histogram
from skmask._kernels.histograms.levels import levels
from skmask._kernels.histograms.packing import pack, unpack
from skmask._kernels.pixels.namespaces import namespace
from skmask._kernels.thresholds.shares import ShareSum
from skmask._kernels.thresholds.supervised import ClassHistograms, ScoreSums
from skmask._warn import warn
from skmask.base import ImageMasker, Interval, StrOptions

STATISTICS = {cls.__name__: cls for cls in (Histogram, ClassHistograms, ScoreSums, ShareSum)}

# Attributes of up to 65,536 numbers, which are packed in files as the statistics are.
LARGE_ATTRIBUTES = ("histogram_", "bin_edges_", "criterion_", "criterion_thresholds_")


class HistogramMasker(ImageMasker):
    """Base of maskers that learn from counts of pixel values: by `fit`, `partial_fit` or `merge`.

    They learn from sufficient statistics, a tuple of objects with a method ``merge`` such as
    `skmask._kernels.histograms.histogram.Histogram`. The statistics of all images are merged from those of
    the blocks. A subclass has the parameters ``method``, ``strategy``, ``n_bins`` and ``value_range``, and
    writes

    - ``_check_choices()``, which refuses more parameters that do not go together,
    - ``_is_supervised()``, whether the method learns from labeled masks,
    - ``_summarize_labeled(images, masks, **options)``, the statistics of one block for such a method,
    - ``_learn(statistics)``, which returns the attributes to set, by name,
    - ``_choose(pixels)``, which returns those that follow from a histogram alone,
    - ``_mask(images, learned)``, which makes masks with these attributes of an object.
    """

    _parameter_constraints = {
        "method": [str, callable],
        "strategy": [StrOptions({"pooled", "balanced", "per_image"})],
        "n_bins": [StrOptions({"auto"}), Interval(Integral, 2, MOST_BINS, closed="both")],
        "value_range": [StrOptions({"robust", "minmax"}), tuple, list],
    }
    _stays_on_device = True

    def fit(self, X, y=None, *, sample_weight=None, roi=None):
        """Learn from training images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Training images: a stack, flat rows, or a list of images of different sizes.
        y : array-like of bool of the shape of `X`, or list of arrays, default=None
            Labeled masks for methods that learn from masks; ignored by other methods.
        sample_weight : array-like of shape (n_images,), default=None
            Weights of the images. A weight of 2 counts as two copies of the image, 0 leaves it out.
        roi : array-like of bool of the shape of `X` or of one image, default=None
            Region of interest: the pixels to learn from. All pixels by default.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        return self._fit_with(X, y, sample_weight=sample_weight, roi=roi)

    def partial_fit(self, X, y=None, *, sample_weight=None, roi=None):
        """Learn from further images, as if all images had come in one call to `fit`.

        Images without a finite pixel or with weight 0 are allowed. The masker is fitted once an image with a
        pixel to learn from has come.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            More training images.
        y : array-like of bool of the shape of `X`, or list of arrays, default=None
            Their labeled masks, for methods that learn from masks.
        sample_weight : array-like of shape (n_images,), default=None
            Their weights.
        roi : array-like of bool of the shape of `X` or of one image, default=None
            The pixels to learn from.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        self._validate_params()
        self._check_choices()
        if not self._learns():
            msg = f"{self._name} expects partial_fit with a strategy that learns, got 'per_image'. Use fit."
            raise ValueError(msg)
        before = getattr(self, "_statistics", None)
        params = self._params_of_statistics(self._is_supervised())
        if before is not None and self._statistics_params != params:
            msg = (
                f"{self._name} expects partial_fit with the parameters it began with, "
                f"{self._statistics_params}, got {params}. Use fit to start again."
            )
            raise ValueError(msg)
        metadata = {"sample_weight": sample_weight, "roi": roi}
        with all_or_nothing(self):
            images = self._read(X, reset=before is None)
            with self._task(X, y, metadata, images=images, name="partial_fit") as task:
                new = self._summarize(task.watch(images), y, sample_weight, roi, allow_zeros=True)
                self._update(new if before is None else self._merge([before, new]))
            self._scale = dict.fromkeys(dtypes_of(images)) | getattr(self, "_scale", {})
        return self

    def merge(self, other):
        """Add what another masker with the same parameters learned from other images.

        Parameters
        ----------
        other : object
            A fitted masker of the same class, for example from another process that read another part of the
            images. It is not changed.

        Returns
        -------
        self : object
            The masker, as if fitted on the images of both.
        """
        if type(other) is not type(self) or _comparable(other) != _comparable(self):
            msg = (
                f"{self._name} expects to merge with a masker of the same parameters, got {other!r} for "
                f"{self!r}. Fit both with the same parameters."
            )
            raise ValueError(msg)
        check_is_fitted(self, "_statistics")
        check_is_fitted(other, "_statistics")
        with all_or_nothing(self):
            self._update(self._merge([self._statistics, other._statistics]))
            self._scale = getattr(self, "_scale", {}) | getattr(other, "_scale", {})
        return self

    def __sklearn_is_fitted__(self):
        return not self._learns() or hasattr(self, "histogram_")

    # Files hold arrays and numbers by name, no classes of kernels, so that kernels may change.
    def __getstate__(self):
        state = super().__getstate__()
        if "_statistics" in state:
            state["_statistics"] = [_to_plain(statistic) for statistic in state["_statistics"]]
            large = [name for name in LARGE_ATTRIBUTES if isinstance(state.get(name), np.ndarray)]
            state |= {name: _to_plain(state[name]) for name in large}
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if hasattr(self, "_statistics"):
            self._statistics = tuple(map(_from_plain, self._statistics))
            for name in LARGE_ATTRIBUTES:
                if hasattr(self, name):
                    setattr(self, name, _from_plain(getattr(self, name)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self._is_supervised()
        return tags

    @property
    def _name(self):
        return type(self).__name__

    def _check_choices(self):
        if self.strategy == "per_image" and self._is_supervised():
            msg = (
                f"{self._name} expects strategy='per_image' with a method that needs no masks, got "
                f"method={self.method!r}, and images to come have none. Use 'pooled' or 'balanced', after "
                "ImageNormalizer('multi_otsu') for a threshold relative to that of each image."
            )
            raise ValueError(msg)
        if not isinstance(self.value_range, str):
            check_value_range(self.value_range, caller=self._name)

    def _learns(self):
        return self.strategy != "per_image"

    def _fit(self, images, y, *, sample_weight=None, roi=None):
        self._check_choices()
        if not self._learns():
            self._forget()
        if self._learns():
            if sample_weight is None and roi is None and images.shared is not None:
                statistics = self._summarize_once(images, y)
            else:
                statistics = self._summarize(images, y, sample_weight, roi)
            if y is not None and self._is_supervised() and not statistics[-1].n_foreground:
                warn(
                    f"{self._name} got labeled masks without any foreground to learn from, so that no choice "
                    "is better than another. Check y and the region of interest."
                )
            self._learn_from(statistics)
            return
        for name, value in (("sample_weight", sample_weight), ("roi", roi)):
            if value is not None:
                msg = (
                    f"{self._name} expects {name} with a strategy that learns, got strategy='per_image'. "
                    f"Use 'pooled' or 'balanced', or leave out {name}."
                )
                raise ValueError(msg)

    def _check_and_read(self, X):
        images = super()._check_and_read(X)
        if images.is_rows and not self._learns():
            warn(
                f"{self._name} with strategy='per_image' takes each row of a 2-D X for an image of its own. "
                "Use X[np.newaxis] if X is a single image, or fold rows by X.reshape(-1, height, width)."
            )
        return images

    def _reach(self, n_axes):
        return pixelwise(self, n_axes) if self._learns() else super()._reach(n_axes)

    def _transform(self, images):
        if self._learns():
            return self._mask(images, self)
        self._check_choices()
        xp = namespace(images)
        masks = xp.zeros(images.shape, dtype=xp.bool, device=images.device)
        for i in range(images.shape[0]):
            one = (slice(i, i + 1), ...)
            (pixels,) = self._summarize_block(images[one])
            # An image without a number in it has no foreground.
            if pixels.keys.size:
                masks[one] = self._mask(images[one], self._choose_for(pixels, i))
        return masks

    def _choose_for(self, pixels, i):
        """Return what is chosen for one image of a block."""
        try:
            return SimpleNamespace(**self._choose(pixels))
        except ValueError as error:
            before = f"{self._name} cannot choose for"
            raise ImageFault(before, f": {error}", i) from error

    def _state_of_results(self):
        # Of what was learned, masks depend on the thresholds alone, and a histogram takes long to hash.
        left_out = {"_statistics", "_statistics_params", "_scale", *LARGE_ATTRIBUTES}
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def _training_limits(self):
        pixels = _pixels(self._statistics)
        return pixels.limits(0, pixels.keys.size - 1) if pixels.keys.size else None

    def _training(self):
        """Say what was learned from, for ``_describe``."""
        pixels = _pixels(self._statistics)
        images = (
            "1 training image"
            if pixels.n_images == 1
            else f"{number(pixels.n_images)} training images"
        )
        alike = ", each counted alike," if self.strategy == "balanced" else ""
        low, high = number(pixels.lowest[0]), number(pixels.highest[-1])
        if pixels.shift:
            # Bins of several values hold their lowest and highest somewhere.
            low, high = (
                f"about {number_within(pixels.lowest[i].item(), pixels.highest[i].item())}"
                for i in (0, -1)
            )
        return f"{images}{alike} with values from {low} to {high}"

    def _summarize_once(self, images, y):
        """Return the statistics of all blocks, counted once for all fits on images that are shared."""
        needs_masks = self._is_supervised()
        labels = None
        if needs_masks:
            if not isinstance(y, SharedImages):
                return self._summarize(images, y, None, None)
            labels = y.key
        params = self._params_of_statistics(needs_masks)
        key = (type(self), key_of(params), labels)
        return images.remember(key, lambda: self._summarize(images, y, None, None))

    def _summarize(self, images, y, sample_weight, roi, *, allow_zeros=False):
        """Return the statistics of all blocks."""
        if sample_weight is not None:
            sample_weight = check_weights(
                to_numpy(sample_weight), len(images), caller=self._name, allow_zeros=allow_zeros
            )
        masks = weights = rois = (None,) * len(images.blocks)
        if sample_weight is not None:
            weights = images.split_weights(sample_weight, caller=self._name)
        if roi is not None:
            rois = images.align_roi(roi, caller=self._name)
        if self._is_supervised():
            masks = self._read_labels(images, y)
        is_pooled = self.strategy == "pooled"
        statistics = images.reduce(
            self._summarize_block, self._merge, masks, weights, rois, pixelwise=is_pooled
        )
        is_stack = len(images.blocks) == 1 and not images.is_lazy and images.positions is None
        if not is_pooled or is_stack:
            return statistics
        # Parts may hold several images, or a part of one.
        given = None if sample_weight is None else np.concatenate(weights)
        factors = exact_weights(given, (len(images),), 1)
        return tuple(one.of_images(factors.sum().item()) for one in statistics)

    def _read_labels(self, images, y):
        """Read what a supervised method learns from, aligned with the blocks."""
        if y is None:
            msg = (
                f"{self._name} expects y to be labeled masks for method={self.method!r}, got None. Pass "
                "masks of the shape of X, or use a method that needs none, such as 'otsu'."
            )
            raise ValueError(msg)
        return images.align_masks(y, caller=self._name, name="y")

    def _summarize_block(self, images, masks=None, weights=None, roi=None):
        options = {"weights": weights, "roi": roi}
        if masks is not None:
            return self._summarize_labeled(images, masks, **options)
        return (count(images, balance=self._balance(), **options),)

    def _balance(self):
        return "image" if self.strategy == "balanced" else "pixel"

    def _merge(self, parts):
        """Merge tuples of statistics, member by member."""
        if len(parts) == 1:
            return parts[0]
        check_one_kind([part[0] for part in parts], caller=self._name)
        members = zip(*parts, strict=True)
        return tuple(first.merge(*others) for first, *others in members)

    def _update(self, statistics):
        """Keep statistics, and learn as soon as there is a pixel to learn from."""
        if _pixels(statistics).keys.size:
            self._learn_from(statistics)
        else:
            self._keep_statistics(statistics)

    def _learn_from(self, statistics):
        vars(self).update(self._learn(statistics))
        self._keep_statistics(statistics)

    def _keep_statistics(self, statistics):
        self._statistics = statistics
        needs_masks = len(statistics) > 1 or not isinstance(statistics[0], Histogram)
        self._statistics_params = self._params_of_statistics(needs_masks)

    def _forget(self):
        """Delete what an earlier fit learned, except the number of pixels of flat rows."""
        learned = [name for name in vars(self) if name.endswith("_") and not name.endswith("_in_")]
        for name in [*learned, "_statistics", "_statistics_params"]:
            vars(self).pop(name, None)

    def _params_of_statistics(self, needs_masks):
        """Return the parameters on which the statistics depend."""
        names = ["method", "foreground", "strategy"] if needs_masks else ["strategy"]
        return {name: _plain_param(getattr(self, name)) for name in names if hasattr(self, name)}

    def _levels(self, pixels):
        """Return the pixels in the bins from which methods choose."""
        check_some_pixel(pixels, caller=self._name)
        return levels(pixels, self.n_bins, self.value_range)


def bins_of(found):
    """Return the attributes that show the histogram from which a method chose."""
    return {"histogram_": found.counts, "bin_edges_": found.bin_edges}


def _pixels(statistics):
    """Return a histogram with the bins of all pixels."""
    return getattr(statistics[0], "foreground", statistics[0])


def _to_plain(value):
    if isinstance(value, np.ndarray):
        return pack(value)
    if not is_dataclass(value):
        return value
    plain = {field.name: _to_plain(getattr(value, field.name)) for field in fields(value)}
    return {"class": type(value).__name__, **plain}


def _from_plain(value):
    if not isinstance(value, dict):
        return value
    if "class" not in value:
        return unpack(value)
    plain = {name: _from_plain(part) for name, part in value.items() if name != "class"}
    return STATISTICS[value["class"]](**plain)


def _comparable(estimator):
    """Return the parameters in a form that compares equal after pickling."""
    return {name: _plain_param(value) for name, value in estimator.get_params().items()}


def _plain_param(value):
    if isinstance(value, functools.partial):
        return value.func, value.args, value.keywords
    return value.tolist() if isinstance(value, np.ndarray) else value
