"""A masker that classifies each pixel by features of its surroundings."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from skmask._callbacks import all_or_nothing
from skmask._describe import cited, counted, number
from skmask._images.axes import without_axis
from skmask._images.faults import numbered
from skmask._images.kinds import is_dask
from skmask._maskers.pixel_choices import check_choices
from skmask._maskers.pixel_features import depend_on_scale, warn_of_outliers
from skmask._maskers.pixel_folds import permutation_drops
from skmask._maskers.pixel_labels import are_labels
from skmask._maskers.pixel_learner import CALLER, PixelLearner
from skmask._maskers.pixel_model import PixelModel
from skmask._warn import once
from skmask.base import Interval, StrOptions


class PixelClassifierMasker(PixelLearner):
    """Make masks by a classifier of pixels, learned from a few labeled images.

    Use it for objects that no threshold separates, because they differ by texture, edges or color, or because
    the light is uneven. Features of the surroundings of each pixel go through any classifier of scikit-learn.
    A few labeled images, or some strokes drawn on them, are enough.

    Parameters
    ----------
    classifier : estimator or {"mlp"}, default=None
        Classifier that is fitted to the pixels.

        - None: a scaled `sklearn.linear_model.LogisticRegression`, the safest choice with one or two labeled
          images, the fastest, and less than 8 kB in a joblib file;
        - ``"mlp"``: a scaled `sklearn.neural_network.MLPClassifier` of 32 hidden units, most often stronger
          with four or more images, and with more pixels, such as ``n_pixels=5000``. Its penalty ``alpha`` is
          12 divided by the square of the number of images, and at least 0.1;
        - any classifier of scikit-learn with `predict_proba`.
    features : estimator or sequence of estimators, default=None
        Features that pixels are classified by. None is `LocalFeatures` with its defaults. Otherwise an
        estimator that makes an image of an image, or features along a last axis, such as `ImageFunction` or a
        Pipeline that ends in `LocalFeatures`. The features of several are joined. `LocalFeatures` are
        computed tile by tile, those of other estimators for whole images, whose features must fit in memory.
    threshold : float or str or callable, default=0.5
        Pixels with a greater probability are foreground. ``"dice"``, ``"jaccard"`` and the other names in
        `skmask.thresholds.CRITERIA`, or a function ``(tp, fp, fn, tn)``, choose the threshold with the
        highest mean score of the training images. The probabilities of each image then come from a classifier
        that was fitted on other images.
    n_pixels : int, default=2000
        Pixels drawn from each training image. None is all. Beyond half a million pixels in total, fewer are
        drawn of each image, so that memory stays bounded.
    balance : {"class"}, default="class"
        ``"class"`` draws equally many pixels of each class from an image, as far as it has them. Weights undo
        this, so that probabilities hold for all pixels. None draws pixels regardless of class.
    select : int or sequence of int, default=None
        Labels that are foreground where `y` are label images of several classes. None is all but 0.
    output : {"mask", "probability", "labels"}, default="mask"
        Result of `transform`: masks, images of the probability of foreground, or images of the most
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

    **Without masks**, that is without `y` or with one value an image, the labels are those of Otsu's
    threshold on all images. The classifier then learns from the surroundings of pixels what the threshold
    decides by brightness.

    **Sampling** depends on `random_state` and on the position of an image in `X` alone, not on blocks,
    batches or the order in which they are read. Each image counts alike, whatever its size. Classifiers
    without ``sample_weight`` are fitted on balanced pixels, and their probabilities are corrected by the
    shares of the classes.

    **Probabilities** of training images are too optimistic. Therefore ``fit_transform`` with
    ``output="probability"``, as a Pipeline calls it, uses cross-fitting like
    `sklearn.preprocessing.TargetEncoder`: the probabilities of each image come from a classifier that was
    fitted on other images. A threshold or hysteresis behind it then learns from unbiased probabilities.
    ``fit(X, y).transform(X)`` does not use cross-fitting.

    **Cost**: linear classifiers are summed up feature by feature, in tiles, so that memory does not grow
    with the number of features; networks and others see the features of one tile at a time. Images are
    masked by one thread: a second one made the default at most 1.3 times as fast, as its many short
    operations wait for the interpreter. Several processes or dask share images better. NaN is never
    foreground, nor are pixels whose features are not finite. Images smaller than the reach of the features
    are mirrored as often as needed.

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
        with once():
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
        with once(), all_or_nothing(self):
            images = self._read_for_fit(X) if is_first else self._read(X, reset=False)
            with self._task(X, y, metadata, images=images, name="partial_fit") as task:
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
        with once():
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
        with once():
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
        with once():
            if self.output != "probability" or not are_labels(y):
                return self.fit(X, y, **fit_params).transform(X)
            return self._cross_fit(X, y, fit_params)

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
        with once():
            images = self._read_for_transform(X)
            samples = self._draw(images, y, None, roi, is_first=False)
        drops = permutation_drops(
            self._model(), samples, threshold=self.threshold_, n_repeats=n_repeats, seed=self._seed
        )
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
        # Of other features, which may be normalized, the ranges are compared alone.
        tags.compares_values = depend_on_scale(self.features)
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

    def _validate_params(self):
        super()._validate_params()
        check_choices(self.classifier, self.features, self.threshold, self.select, caller=CALLER)

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

    def _cross_fit(self, X, y, fit_params):
        """Fit, and return the probabilities of each image by a classifier that was fitted on others."""
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
        for i, (image, model, result) in enumerate(zip(images, chosen, results, strict=True)):
            with numbered([i]):
                means.append(model.classify(sources, image, result, **given))
        warn_of_outliers(np.array(means), self.feature_ranges_, self.feature_names_, caller=CALLER)
        return results

    def _describe(self):
        classifier = self.classifier_
        if hasattr(classifier, "steps"):
            classifier = classifier.steps[-1][1]
        learned = counted(self.n_images_, "labeled image")
        how = ""
        if self.best_score_ is not None:
            how = (
                f" The threshold was chosen to have the highest score, {number(self.best_score_)} by "
                f"{cited(self.threshold)}, on images that the classifier had not seen."
            )
        return (
            f"Each pixel was classified by {type(classifier).__name__} from {len(self.feature_names_)} "
            f"features of its surroundings, learned from {counted(self.n_pixels_, 'pixel')} of {learned}. "
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
