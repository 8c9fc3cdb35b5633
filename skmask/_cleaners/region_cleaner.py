"""Base of the estimators that clean masks by their connected regions."""

from functools import partial

import numpy as np

from skmask._checks import check_connectivity
from skmask._images.reach import RegionReach
from skmask._kernels.regions.rules import clean_each, clean_regions, is_joint, prepare_cleaning
from skmask.base import AT_LEAST_ONE, MaskTransformer


class RegionCleaner(MaskTransformer):
    """Base of cleaners by regions: a subclass defines ``_make_rule``, and describes it in ``_say``."""

    _parameter_constraints = {
        "connectivity": [AT_LEAST_ONE],
        "image_shape": [None, tuple, list],
    }

    def _check(self, shape):
        self._rule(len(shape) - 1)

    def _describe(self):
        return f"{self._say()} (connectivity {self.connectivity})."

    def _reach(self, n_axes):
        return RegionReach(self._read_masks, [0] * n_axes, self._rule(n_axes))

    def _transform(self, masks):
        return clean_regions(masks, self._rule(masks.ndim - 1))

    def _prepare(self, shape, dtype):
        if dtype == np.bool_:
            return prepare_cleaning(shape, self._rule(len(shape) - 1))
        return None

    def _map_read(self, hook, images):
        # In most lists all masks differ in shape, and a call for each takes longer than its work.
        if images.has_parts and type(self)._transform is RegionCleaner._transform:
            rule = self._rule(len(images.shapes[0]) - 1)
            if is_joint(rule):
                return images.map_parts(partial(self._clean_each, rule=rule))
        return super()._map_read(hook, images)

    def _clean_each(self, images, rule):
        if images[0].dtype != bool:  # all images of a part are of one dtype
            images = [self._read_masks(image[np.newaxis])[0] for image in images]
        return clean_each(images, rule)

    def _rule(self, n_axes):
        """Return the rule for images with `n_axes` axes, or refuse them."""
        check_connectivity(self.connectivity, n_axes, caller=type(self).__name__)
        return self._make_rule(n_axes, connectivity=self.connectivity)
