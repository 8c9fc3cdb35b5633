"""Models in files, together with the choices by which their training images were read."""

from pathlib import Path

import joblib
from sklearn.utils.validation import check_is_fitted

from skmask._files.encode import whole_file
from skmask._packages import import_package
from skmask.io import trusted_types

# Attribute of a model: the choices that were made in learning are those to apply it with.
_CHOICES = "image_choices_"


def save_model(model, path, choices):
    """Write a model to a skops file, with the choices of how its images were read."""
    skops = import_package("skops.io", caller="skmask", extra="files", purpose=f"the file {path}")
    setattr(model, _CHOICES, dict(choices))
    with whole_file(path) as file:
        file.write(skops.dumps(model))


def load_model(path, *, trust):
    """Read a model from a skops file, or with `trust` from a joblib file."""
    path = Path(path)
    if not path.is_file():
        msg = f"skmask expects a model in a file, got {str(path)!r}, which is not there."
        raise FileNotFoundError(msg)
    if path.suffix != ".skops":
        if not trust:
            msg = (
                f"skmask expects a .skops file, got {str(path)!r}. Loading a joblib file can run any code. "
                "Use --trust if you trust the people who made it."
            )
            raise ValueError(msg)
        model = joblib.load(path)
    else:
        skops = import_package(
            "skops.io", caller="skmask", extra="files", purpose=f"the file {path}"
        )
        unknown = set(skops.get_untrusted_types(file=path)) - set(trusted_types())
        if unknown:
            msg = (
                f"skmask expects a model of scikit-learn and skmask, got {', '.join(sorted(unknown))} "
                f"in {path}. Load it in Python by skops.io.load, if you trust these."
            )
            raise ValueError(msg)
        model = skops.load(path, trusted=trusted_types())
    check_is_fitted(model)
    return model


def choices_of_model(model):
    """Return the choices that were made in learning, as parameters of `ImageFiles`."""
    return getattr(model, _CHOICES, {})
