"""A masker that classifies each pixel by features of its surroundings."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from skmask._callbacks import all_or_nothing
from skmask._checks import check_weights
from skmask._describe import brief, cited, number
from skmask._images.axes import without_axis
from skmask._images.kinds import is_dask, to_numpy
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._kernels.thresholds.probabilities import best_probability_threshold
from skmask._maskers.pixel_features import PixelFeatures, fit_features
from skmask._maskers.pixel_folds import predict_out_of_fold
from skmask._maskers.pixel_labels import are_labels, find_classes, find_foreground, number_labels
from skmask._maskers.pixel_model import PixelModel, fit_model, fit_weights
from skmask._maskers.pixel_samples import PixelSamples, draw_samples
from skmask._maskers.ready_classifiers import make_classifier
from skmask._methods import check_criterion_function
from skmask._names import did_you_mean
from skmask._warn import warn
from skmask.base import ImageMasker, Interval, StrOptions

CALLER = "PixelClassifierMasker"


class PixelClassifierMasker(ImageMasker):
    """Make masks by a classifier of pixels, learned from a few labeled images.

    For objects that no threshold separates, because texture, edges or color tell them, or because the light
    is uneven. Features of the surroundings of each pixel go through any classifier of scikit-learn. A few
    labeled images, or some strokes drawn on them, are enough.

    Parameters
    ----------
    classifier : estimator or {"mlp"}, default=None
        What is fitted to the pixels.

        - None: a scaled `sklearn.linear_model.LogisticRegression`, the safest choice with one to four labeled
          images, the fastest, and 3 kB on disk;
        - ``"mlp"``: a scaled `sklearn.neural_network.MLPClassifier` of 32 hidden units, stronger with many
          images and pixels, such as ``n_pixels=5000``;
        - any classifier of scikit-learn with `predict_proba`.
    features : estimator or sequence of estimators, default=None
        What a pixel is classified by. None is `LocalFeatures` with its defaults. Any estimator will do that
        makes an image of an image, or features along a last axis: `ImageFunction`, a Pipeline that ends in
        `LocalFeatures`, or several, whose features are joined.
    threshold : float or str or callable, default=0.5
        Pixels with a greater probability are foreground. ``"dice"``, ``"jaccard"`` and the other names in
        `skmask.thresholds.CRITERIA`, or a function ``(tp, fp, fn, tn)``, choose the threshold with the
        highest mean score of the training images, by probabilities from classifiers that were fitted on
        other images.
    n_pixels : int, default=2000
        Pixels drawn from each training image. None is all. Beyond half a million pixels in total, fewer are
        drawn of each image, so that memory stays bounded.
    balance : {"class"}, default="class"
        ``"class"`` draws as many pixels of each class from an image, as far as it has them; weights undo
        this, so that probabilities are those of pixels as they come. None draws pixels alike.
    select : int or sequence of int, default=None
        Labels that are foreground where `y` are label images of several classes. None is all but 0.
    output : {"mask", "probability", "labels"}, default="mask"
        What `transform` returns: masks, images of the probability of foreground, or images of the most
        probable label.
    channel_axis : int, default=None
        Axis of `X` that holds the channels, such as -1 for images of shape ``(height, width, 3)``. Masks
        lack this axis. It is never guessed.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.
    random_state : int, RandomState instance or None, default=None
        Which pixels are drawn. An int makes results reproducible.

    Attributes
    ----------
    classifier_ : estimator
        The fitted classifier.
    features_ : list of estimator
        The fitted estimators of features.
    feature_names_ : list of str
        Names of the features.
    feature_ranges_ : ndarray of shape (2, n_features)
        Least and greatest value of each feature in training.
    classes_ : ndarray of int
        The labels; 0 and 1 for masks.
    threshold_ : float
        The probability that foreground exceeds.
    best_score_ : float or None
        Mean score of the training images at `threshold_`, out of fold; None where the threshold was given.
    criterion_, criterion_thresholds_ : ndarray or None
        The score at each of the thresholds that were tried.
    n_images_, n_pixels_ : int
        Number of images and of pixels learned from.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    search_masker : Tries this and simpler maskers, and returns the best.
    HistogramThresholdMasker : Where one gray value tells objects from the rest.
    LocalFeatures : The features.

    Notes
    -----
    **Scribbles**: `y` holds labels where `roi` is True; all other pixels are left out.

    **Without masks**, that is without `y` or with one value an image, labels are those of Otsu's threshold
    on all images: the classifier then learns to tell by their surroundings what the threshold tells by
    brightness.

    **Sampling** depends on `random_state` and on the position of an image in `X` alone, not on blocks,
    batches or the order in which they are read. Each image counts alike, whatever its size. Classifiers
    without ``sample_weight`` are fitted on balanced pixels, and their probabilities are corrected by the
    shares of the classes.

    **Probabilities** of training images are too good. Therefore ``fit_transform`` with
    ``output="probability"``, as a Pipeline calls it, returns for each image those of a classifier that was
    fitted on the others, as `sklearn.preprocessing.TargetEncoder` does, so that a threshold or hysteresis
    behind it is learned on honest ones. ``fit(X, y).transform(X)`` does not.

    **Cost**: linear classifiers are summed up feature by feature, in tiles, so that memory does not grow
    with the number of features; others see the features of one tile at a time. NaN is never foreground.
    Images smaller than the reach of the features are mirrored as often as needed.

    Examples
    --------
    Stripes of the same brightness as their background:

    >>> import numpy as np
    >>> from skmask import PixelClassifierMasker
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(100, 10, (4, 64, 64))
    >>> y = np.zeros(X.shape, bool)
    >>> y[:, :, 32:] = True
    >>> X[:, :, 32:] += 20 * (-1) ** (np.arange(32) // 2)  # texture, not brightness
    >>> masker = PixelClassifierMasker(threshold="dice", random_state=0).fit(X[:2], y[:2])
    >>> masker.transform(X[2:]).mean(axis=(0, 1))[[10, 50]].round(1)
    array([0., 1.])
    """

    _parameter_constraints = {
        "classifier": [None, StrOptions({"mlp"}), BaseEstimator],
        "features": [None, BaseEstimator, tuple, list],
        "threshold": [Interval(Real, 0, 1, closed="both"), str, callable],
        "n_pixels": [None, Interval(Integral, 1, None, closed="left")],
        "balance": [None, StrOptions({"class"})],
        "select": [None, Integral, tuple, list],
        "output": [StrOptions({"mask", "probability", "labels"})],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        classifier=None,
        *,
        features=None,
        threshold=0.5,
        n_pixels=2000,
        balance="class",
        select=None,
        output="mask",
        channel_axis=None,
        image_shape=None,
        random_state=None,
    ):
        self.classifier = classifier
        self.features = features
        self.threshold = threshold
        self.n_pixels = n_pixels
        self.balance = balance
        self.select = select
        self.output = output
        self.channel_axis = channel_axis
        self.image_shape = image_shape
        self.random_state = random_state

    def fit(self, X, y=None, *, sample_weight=None, roi=None):
        """Learn from labeled images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Training images: a stack, flat rows, or a list of images of different sizes.
        y : array-like of the shape of `X`, or list of arrays, default=None
            Labeled masks, or label images of up to 16 classes. None takes the labels of Otsu's threshold.
        sample_weight : array-like of shape (n_images,), default=None
            Weights of the images.
        roi : array-like of bool of the shape of `X` or of one image, default=None
            Region of interest: the pixels that have a label.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        return self._fit_with(X, y, sample_weight=sample_weight, roi=roi)

    def partial_fit(self, X, y, *, sample_weight=None, roi=None):
        """Learn from more labeled images, in addition to those seen before.

        A classifier with a method `partial_fit` of its own is shown the new pixels. For all others the
        pixels drawn from all images are kept in memory, though not in files, and the classifier is fitted
        on them once more.

        Parameters
        ----------
        X : array-like or list of arrays
            More training images.
        y : array-like or list of arrays
            Their labels. For a classifier with a method `partial_fit`, the first images must have all
            classes.
        sample_weight : array-like of shape (n_images,), default=None
            Their weights.
        roi : array-like of bool, default=None
            The pixels that have a label.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        self._validate_params()
        metadata = {"sample_weight": sample_weight, "roi": roi}
        is_first = not hasattr(self, "classifier_")
        if not (is_first or hasattr(self, "_kept") or hasattr(self.classifier_, "partial_fit")):
            msg = (
                f"{CALLER} expects partial_fit of a masker that still holds its pixels, got one from a file, "
                "where they are not kept. Use fit with all images."
            )
            raise ValueError(msg)
        with all_or_nothing(self):
            images = self._read_for_fit(X) if is_first else self._read(X, reset=False)
            with self._task(X, y, metadata, n_subtasks=images.n_steps, name="partial_fit") as task:
                new = self._draw(task.watch(images), y, sample_weight, roi, is_first=is_first)
                self._take_in(new, is_first=is_first)
        return self

    def predict_proba(self, X):
        """Return the probability of foreground of every pixel.

        Parameters
        ----------
        X : array-like or list of arrays
            Images, as for `transform`.

        Returns
        -------
        probabilities : ndarray of float32 of the shape of the masks, or list of ndarray
            NaN where a pixel is not finite.
        """
        return self._read_for_transform(X).map(_Hook(self, "probability"))

    def transform(self, X):
        """Classify the pixels of images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.

        Returns
        -------
        masks : ndarray of bool or list of ndarray of bool
            The masks, in the container of `X`; with another `output`, images of probabilities (float32) or
            of labels.
        """
        return super().transform(X)

    def fit_transform(self, X, y=None, **fit_params):
        """Fit to labeled images and classify their pixels.

        With ``output="probability"`` and masks as `y`, the probabilities of each image are those of a
        classifier that was fitted on other images.

        Parameters
        ----------
        X : array-like or list of arrays
            Training images.
        y : array-like or list of arrays, default=None
            Their labels.
        **fit_params : dict
            Further arguments of `fit`.

        Returns
        -------
        Xt : ndarray or list of ndarray
            As returned by `transform`.
        """
        if self.output != "probability" or not are_labels(y):
            return self.fit(X, y, **fit_params).transform(X)
        self._folds = None  # asks for the classifiers of folds to be kept
        try:
            self.fit(X, y, **fit_params)
            folds = self._folds
        finally:
            vars(self).pop("_folds", None)
        if len(folds) < 2:
            return self.transform(X)
        images = self._read_for_transform(X)
        numbers = np.zeros(len(images), int)
        for i, (members, _) in enumerate(folds):
            numbers[members] = i
        return images.map(
            _Hook(self, "probability", [model for _, model in folds]),
            self._per_image(images, numbers),
        )

    def permutation_importances(self, X, y, *, roi=None, n_repeats=5):
        """Measure how much worse pixels are classified when one feature is shuffled among them.

        Parameters
        ----------
        X : array-like or list of arrays
            Labeled images, best those that were not learned from.
        y : array-like or list of arrays
            Their labels.
        roi : array-like of bool, default=None
            The pixels that have a label.
        n_repeats : int, default=5
            How often each feature is shuffled.

        Returns
        -------
        importances : Bunch
            `names`, the features from the most to the least important; `importances_mean` and
            `importances_std`, by how much the Dice coefficient of the drawn pixels drops.
        """
        images = self._read_for_transform(X)
        samples = self._draw(images, y, None, roi, is_first=False)
        rng = np.random.default_rng(self._seed)
        model = self._model()
        true = np.isin(samples.labels, model.classes[model.is_foreground])

        def score(rows):
            found = model.foreground(rows) > self.threshold_
            overlap = 2 * (samples.weights * (found & true)).sum()
            return overlap / max(
                (samples.weights * found).sum() + (samples.weights * true).sum(), 1e-12
            )

        drops = np.empty((samples.rows.shape[1], n_repeats))
        whole, rows = score(samples.rows), samples.rows.copy()
        for feature, drop in enumerate(drops):
            for i in range(n_repeats):
                rows[:, feature] = rng.permutation(samples.rows[:, feature])
                drop[i] = whole - score(rows)
            rows[:, feature] = samples.rows[:, feature]
        order = np.argsort(-drops.mean(axis=1), kind="stable")
        return Bunch(
            names=[self.feature_names_[i] for i in order],
            importances_mean=drops.mean(axis=1)[order],
            importances_std=drops.std(axis=1)[order],
        )

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        # Features along axes of one pixel are left out here, so that those of fit are kept.
        tags.drops_single_axes = False
        # The ranges of features are compared instead.
        tags.compares_values = False
        return tags

    def __getstate__(self):
        # Pixels of training are for `partial_fit` in this process; files hold what was learned.
        state = super().__getstate__()
        state.pop("_kept", None)
        return state

    def _learns(self):
        return True

    def _check(self, shape):
        without_axis(shape, self.channel_axis, CALLER)

    def _check_choices(self):
        classifier = self.classifier
        if not (classifier in (None, "mlp") or hasattr(classifier, "predict_proba")):
            msg = (
                f"{CALLER} expects a classifier with predict_proba, got {type(classifier).__name__}. Wrap it "
                "in sklearn.calibration.CalibratedClassifierCV, or take one such as LogisticRegression."
            )
            raise TypeError(msg)
        if isinstance(self.threshold, str) and self.threshold not in CRITERIA:
            msg = (
                f"{CALLER} expects threshold to be a number between 0 and 1, one of {sorted(CRITERIA)}, or a "
                "function, got "
                f"{self.threshold!r}.{did_you_mean(self.threshold, CRITERIA) or ' Use one of these names.'}"
            )
            raise ValueError(msg)
        if callable(self.threshold):
            check_criterion_function(self.threshold, caller=CALLER, param="threshold")
        if self.features is not None and not np.iterable(self.features):
            return
        if self.features is not None and len(self.features) == 0:
            msg = f"{CALLER} expects features to be at least one estimator, got none. None is the default."
            raise ValueError(msg)
        for one in self.features or ():
            if isinstance(one, type) or not (hasattr(one, "fit") and hasattr(one, "transform")):
                msg = (
                    f"{CALLER} expects features to be estimators with fit and transform, got {brief(one)}. "
                    "Use LocalFeatures() and its kind."
                )
                raise TypeError(msg)
        labels = [] if self.select is None else np.ravel(np.asarray(self.select, object))
        if not all(isinstance(label, Real) for label in labels):
            msg = (
                f"{CALLER} expects select to be labels of y, got {brief(self.select)}. Use numbers."
            )
            raise TypeError(msg)

    def _reach(self, n_axes):
        if not hasattr(self, "features_"):
            return super()._reach(n_axes)
        return self._sources().reach(n_axes)

    def _read(self, X, *, reset):
        images = super()._read(X, reset=reset)
        if not reset:
            check_is_fitted(self)
            for shape in images.shapes:
                self._sources().check_shape(shape)
        return images

    def _fit(self, images, y, *, sample_weight=None, roi=None):
        self._check_choices()
        self._learn(self._draw(images, y, sample_weight, roi, is_first=True))

    def _draw(self, images, y, sample_weight, roi, *, is_first):
        """Draw labeled pixels; of the first images, features and the seed are kept."""
        first = 0
        if is_first:
            self._check_choices()
            vars(self).pop("feature_names_", None)
            self.features_ = fit_features(self.features, images, self.channel_axis)
            self.feature_names_ = self._sources().names(images.blocks[0][0])
            self._seed = _entropy(self.random_state)
        else:
            first = getattr(self, "n_images_", 0)
        weights = None
        if sample_weight is not None:
            weights = check_weights(to_numpy(sample_weight), len(images), caller=CALLER)
        return draw_samples(
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
        classifier = self._make_classifier() if is_first else self.classifier_
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

    def _make_classifier(self):
        return make_classifier(self.classifier, int(self._seed % 2**31))

    def _fit_model(self, samples):
        # As doubles, Newton's steps end at the same weights, however pixels are ordered or weighted.
        rows = samples.rows.astype(np.float64) if self.classifier is None else samples.rows
        return fit_model(
            self._make_classifier(),
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

    def _model(self):
        """Return the fitted classifier, with the classes that are foreground now."""
        shares = getattr(self, "_shares", None)
        return PixelModel(self.classifier_, shares, self.classes_, self._is_foreground())

    def _per_image(self, images, numbers):
        """Return numbers, one for each image, aligned with the blocks of images."""
        if not is_dask(getattr(images.blocks, "stack", None)):
            return images.split_weights(numbers, caller=CALLER)
        import dask.array as da

        stack = images.blocks.stack
        chunks = without_axis(stack.chunks, self.channel_axis, CALLER)
        shape = tuple(map(sum, chunks))
        singles = [1] * (len(shape) - 1)
        spread = da.from_array(numbers.reshape(-1, *singles), chunks=(chunks[0], *singles))
        aligned = da.broadcast_to(spread, shape, chunks=chunks)
        return type(images.blocks)(aligned, images.blocks.bounds)

    def _transform(self, images):
        return self._classify(images, self.output)

    def _classify(self, images, output, models=None, numbers=None):
        """Classify the pixels of a block of images, by one model or by that of the fold of each."""
        if models is not None:
            chosen = [models[int(np.ravel(number)[0])] for number in numbers]
        else:
            chosen = [self._model()] * len(images)
        sources = self._sources()
        dtype = {"mask": bool, "probability": np.float32, "labels": self.classes_.dtype}[output]
        shape = without_axis(images.shape, self.channel_axis, CALLER)
        results = np.empty(shape, dtype)
        means = []
        given = {"output": output, "threshold": self.threshold_}
        for image, model, result in zip(images, chosen, results, strict=True):
            means.append(model.classify(sources, image, result, **given))
        self._warn_of_strangers(np.array(means))
        return results

    def _warn_of_strangers(self, means):
        """Warn of images whose features are, on average, far from all pixels of training."""
        low, high = self.feature_ranges_.astype(float)
        margin = high - low
        is_far = (means < low - margin) | (means > high + margin)
        if is_far.any():
            image, feature = np.argwhere(is_far)[0]
            warn(
                f"{CALLER} expects images like those of training, got {is_far.any(axis=1).sum()} whose "
                f"features are outside of their range: {self.feature_names_[feature]} is "
                f"{means[image, feature]:.6g} on average, and was {low[feature]:.6g} to "
                f"{high[feature]:.6g} in training. Check the scale of the pixels."
            )

    def _describe(self):
        classifier = self.classifier_
        if hasattr(classifier, "steps"):
            classifier = classifier.steps[-1][1]
        learned = (
            "1 labeled image" if self.n_images_ == 1 else f"{number(self.n_images_)} labeled images"
        )
        how = ""
        if self.best_score_ is not None:
            how = (
                f" The threshold was chosen to have the highest score, {number(self.best_score_)} by "
                f"{cited(self.threshold)}, on images that the classifier had not seen."
            )
        return (
            f"Each pixel was classified by {type(classifier).__name__} from {len(self.feature_names_)} "
            f"features of its surroundings, learned from {number(self.n_pixels_)} pixels of {learned}. "
            f"Pixels with a probability above {number(self.threshold_)} were taken as foreground.{how}"
        )


class _Hook:
    """A function of a block of images that returns one kind of output, also of the classifiers of folds."""

    def __init__(self, masker, output, models=None):
        self._masker = masker
        self._output = output
        self._models = models

    def __call__(self, images, numbers=None):
        return self._masker._classify(images, self._output, self._models, numbers)


def _as_they_are(labels, *, caller, name):
    return labels


def _entropy(random_state):
    """Return a seed: that which is given, or one drawn."""
    if random_state is None:
        return int(np.random.SeedSequence().entropy % 2**63)
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(random_state.randint(2**31))
