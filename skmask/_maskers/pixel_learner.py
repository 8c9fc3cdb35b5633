"""Base of the classifier of pixels: labeled pixels drawn, and a classifier fitted to them."""

from numbers import Real

import numpy as np

from skmask._checks import check_weights
from skmask._images.kinds import to_numpy
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._kernels.thresholds.probabilities import best_probability_threshold
from skmask._maskers.one_thread import one_blas_thread
from skmask._maskers.pixel_features import PixelFeatures, fit_features
from skmask._maskers.pixel_folds import predict_out_of_fold
from skmask._maskers.pixel_labels import (
    are_labels,
    find_classes,
    find_foreground,
    number_labels,
    warn_of_strokes,
)
from skmask._maskers.pixel_model import fit_model, fit_weights
from skmask._maskers.pixel_samples import PixelSamples, draw_samples
from skmask._maskers.ready_classifiers import make_classifier, seed_of
from skmask._warn import warn
from skmask.base import ImageMasker

CALLER = "PixelClassifierMasker"


class PixelLearner(ImageMasker):
    """Learning half of `PixelClassifierMasker`, which has the parameters and the public methods.

    `_draw` draws samples of labeled pixels, and `_learn` sets all learned attributes from samples.
    `_take_in` learns from more of them. While the attribute ``_folds`` is there, the models of the folds are
    kept in it.
    """

    def _fit(self, images, y, *, sample_weight=None, roi=None):
        self._learn(self._draw(images, y, sample_weight, roi, is_first=True))

    def _draw(self, images, y, sample_weight, roi, *, is_first):
        """Draw labeled pixels; of the first images, features and the seed are kept."""
        first = 0
        if is_first:
            vars(self).pop("feature_names_", None)
            self.features_ = fit_features(self.features, images, self.channel_axis)
            self.feature_names_ = self._sources().names(images.blocks[0][0])
            self._seed = seed_of(self.random_state)
        else:
            first = getattr(self, "n_images_", 0)
        weights = None
        if sample_weight is not None:
            weights = check_weights(to_numpy(sample_weight), len(images), caller=CALLER)
        samples = draw_samples(
            images,
            self._labels(images, y),
            images.align_roi(roi, caller=CALLER),
            weights,
            self._sources(),
            n_pixels=self.n_pixels,
            balance=self.balance == "class",
            seed=self._seed,
            channel_axis=self.channel_axis,
            caller=CALLER,
            first=first,
        )
        if roi is None and self.select is None:
            warn_of_strokes(samples.labels, samples.weights, caller=CALLER)
        return samples

    def _labels(self, images, y):
        if y is None:
            return None
        if not are_labels(y):
            warn(
                f"{CALLER} expects y to be masks of the shape of X, got one value an image, and takes the "
                "labels of Otsu's threshold instead. Pass masks, or leave out y."
            )
            return None
        return images.align_masks(
            y, caller=CALLER, name="y", channel_axis=self.channel_axis, read=_as_they_are
        )

    def _sources(self):
        names = getattr(self, "feature_names_", None)
        n_features = None if names is None else len(names)
        return PixelFeatures(self.features_, self.channel_axis, CALLER, n_features)

    def _take_in(self, new, *, is_first):
        """Learn from new samples, and from those before."""
        classifier = self._make_classifier(new) if is_first else self.classifier_
        if not hasattr(classifier, "partial_fit"):
            self._learn(new if is_first else PixelSamples.joined([self._kept, new]))
            return
        if not isinstance(self.threshold, Real):
            msg = (
                f"{CALLER} expects threshold to be a number for partial_fit of {type(classifier).__name__}, "
                f"which keeps no pixels, got {self.threshold!r}. Use 0.5, or another classifier."
            )
            raise ValueError(msg)
        if is_first:
            self._set_classes(new)
            self._keep_ranges(new)
            self.n_images_ = self.n_pixels_ = 0
        with one_blas_thread():
            classifier.partial_fit(
                new.rows,
                number_labels(new.labels, self.classes_, caller=CALLER),
                classes=np.arange(self.classes_.size),
                **fit_weights(classifier, new.weights),
            )
        self._count(new)
        vars(self).update(
            classifier_=classifier,
            threshold_=float(self.threshold),
            best_score_=None,
            criterion_=None,
            criterion_thresholds_=None,
        )

    def _learn(self, samples):
        self._set_classes(samples)
        self._keep_ranges(samples)
        self.n_images_ = self.n_pixels_ = 0
        self._count(samples)
        chosen = {"threshold_": self.threshold, "best_score_": None, "criterion_": None}
        chosen["criterion_thresholds_"] = None
        keeps_folds = hasattr(self, "_folds")
        if not isinstance(self.threshold, Real) or keeps_folds:
            probabilities, folds = predict_out_of_fold(
                samples, self._fit_model, self._seed, caller=CALLER
            )
            if keeps_folds:
                self._folds = folds
            if not isinstance(self.threshold, Real):
                chosen = self._choose_threshold(samples, probabilities)
        vars(self).update(chosen)
        model = self._fit_model(samples)
        self.classifier_, self._shares = model.classifier, model.shares
        self._kept = samples

    def _set_classes(self, samples):
        self.classes_ = find_classes(samples.labels, caller=CALLER)
        if self.classes_.size == 2 and self.classes_[0] == 0 and self.select is None:
            samples.labels[:] = samples.labels != 0
            self.classes_ = np.array([0, 1])
        self._is_foreground()

    def _is_foreground(self):
        """Return which of the classes are foreground."""
        return find_foreground(self.classes_, self.select, output=self.output, caller=CALLER)

    def _keep_ranges(self, samples):
        self.feature_ranges_ = np.stack([samples.rows.min(axis=0), samples.rows.max(axis=0)])

    def _count(self, samples):
        members = np.bincount(samples.images - samples.images[0])
        n_images = np.count_nonzero(members)
        if n_images > 2 and members.max() > samples.labels.size / 2:
            worst = int(members.argmax()) + samples.images[0]
            warn(
                f"{CALLER} learns more than half of its labeled pixels, {members.max()} of "
                f"{samples.labels.size}, from image {worst}, counted from 0, which then decides alone. Lower "
                "n_pixels, or label more of the others."
            )
        self.n_images_ += n_images
        self.n_pixels_ += samples.labels.size

    def _make_classifier(self, samples):
        n_images = np.unique(samples.images).size
        seed = int(self._seed % 2**31)
        n_pixels = samples.labels.size
        return make_classifier(self.classifier, seed, n_images=n_images, n_pixels=n_pixels)

    def _fit_model(self, samples):
        # As doubles, Newton's steps end at the same weights, however pixels are ordered or weighted.
        rows = samples.rows.astype(np.float64) if self.classifier is None else samples.rows
        return fit_model(
            self._make_classifier(samples),
            rows,
            number_labels(samples.labels, self.classes_, caller=CALLER),
            samples.weights,
            classes=self.classes_,
            is_foreground=self._is_foreground(),
        )

    def _choose_threshold(self, samples, probabilities):
        criterion = self.threshold if callable(self.threshold) else CRITERIA[self.threshold]
        positions, numbers = np.unique(samples.images, return_inverse=True)
        image_weights = np.bincount(numbers, samples.weights) / np.bincount(numbers)
        threshold, score, scores = best_probability_threshold(
            probabilities,
            np.isin(samples.labels, self.classes_[self._is_foreground()]),
            samples.weights,
            numbers,
            image_weights,
            criterion,
        )
        return {
            "threshold_": threshold,
            "best_score_": score,
            "criterion_": scores,
            "criterion_thresholds_": np.arange(1, scores.size + 1) / (scores.size + 1),
        }


def _as_they_are(labels, *, caller, name):
    return labels
