"""The time that a search has, and how long candidates will take."""

import time


class TooSlow(Exception):
    """A candidate would not be done in time.

    Attributes
    ----------
    seconds : float
        How long it would take, with the fit on all images.
    """

    def __init__(self, seconds):
        super().__init__(seconds)
        self.seconds = seconds


class Budget:
    """Seconds that a search may take.

    Parameters
    ----------
    seconds : float
    clock : callable, default=time.monotonic
        Returns the time in seconds.
    """

    def __init__(self, seconds, clock=time.monotonic):
        self.clock = clock
        self._started = clock()
        self._seconds = seconds

    def spent(self):
        """Return the seconds since the start."""
        return self.clock() - self._started

    def left(self):
        """Return the seconds until the end; negative thereafter."""
        return self._seconds - self.spent()


class Watch:
    """Time one candidate, and stop it as soon as it is sure to be late.

    Parameters
    ----------
    budget : Budget
    growth : float
        Ratio of the number of images in the last fit to that in the fit of a fold.
    extra : float, default=0
        Further seconds that the last fit needs.
    is_needed : bool, default=False
        Whether the candidate is finished in any case.
    """

    def __init__(self, budget, *, growth, extra=0.0, is_needed=False):
        self._budget = budget
        self._begun = budget.clock()
        self._growth = growth
        self._extra = extra
        self._is_needed = is_needed
        self._fits = []

    def fit(self, function, *args):
        """Call a function that fits the candidate to the images of a fold."""
        begun = self._budget.clock()
        result = function(*args)
        self._fits.append(self._budget.clock() - begun)
        return result

    def seconds(self):
        """Return the seconds since the candidate was begun."""
        return self._budget.clock() - self._begun

    def refit_seconds(self):
        """Return how long the fit on all images will take."""
        mean = sum(self._fits) / max(len(self._fits), 1)
        return mean * self._growth + self._extra

    def expect(self, fit, rest):
        """Stop a candidate that fits a fold in `fit` seconds and takes `rest` in all, if it would be late."""
        self._check(rest, fit * self._growth + self._extra)

    def done(self, part, n_parts):
        """Stop a candidate of which `part` of `n_parts` equal parts are done, if it would be late."""
        self._check(self.seconds() * (n_parts / part - 1), self.refit_seconds())

    def _check(self, rest, refit):
        if not self._is_needed and rest + refit > self._budget.left():
            raise TooSlow(self.seconds() + rest + refit)
