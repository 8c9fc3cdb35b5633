"""Base of the estimators that clean the masks in X, or those that a masker makes of the images in X."""

from skmask._describe import sentences_of
from skmask.base import MaskerHolder, MaskTransformer


class MasksOfImages(MaskerHolder, MaskTransformer):
    """Base of cleaners that take masks, or with a ``masker`` take images and make their masks.

    A Pipeline passes on one X, so after a masker the images are gone. An estimator that needs both can
    therefore hold the masker. A subclass has a parameter ``masker``, None by default, and defines
    ``_clean(self, masks, images)``, where `images` is None without a masker. Masks that it adds in
    ``_make_all_masks`` are passed as further arguments.
    """

    def transform(self, X):
        """Clean masks.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Masks: booleans, or numbers of which the nonzero ones are foreground. With `masker` images, of
            which it makes the masks.

        Returns
        -------
        masks : ndarray of bool or list of ndarray of bool
            The new masks, in the container of `X`.
        """
        return super().transform(X)

    def _maskers(self):
        return {} if self.masker is None else {"masker": self.masker}

    def _make_all_masks(self, X, images):
        return [] if self.masker is None else super()._make_all_masks(X, images)

    def _transform(self, images, *masks):
        self._check(images.shape)
        if self.masker is None:
            return self._clean(self._read_masks(images), None, *masks)
        return self._clean(masks[0], images, *masks[1:])

    def _first(self):
        """Say how the masks were made, before what is said of their cleaning."""
        if self.masker is None:
            return ""
        return f"{sentences_of(getattr(self, 'masker_', self.masker))} "
