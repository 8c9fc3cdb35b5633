"""Import of optional packages."""

import importlib
from types import ModuleType

# Names under which modules are installed, where they are others.
INSTALLED = {"PIL": "Pillow", "skimage": "scikit-image"}


def import_package(name: str, *, caller: str, extra: str, purpose: str = "") -> ModuleType:
    """Return a module of an optional package, or say how to install it.

    Parameters
    ----------
    name : str
        Name of the module.
    caller : str
        Name of the public class or function, for the error.
    extra : str
        The extra of skmask that brings the package.
    purpose : str, default=""
        Parameter that needs the package, such as ``"to='lab'"``.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        needed = f" for {purpose}" if purpose else ""
        msg = (
            f"{caller} expects the package {INSTALLED.get(package, package)}{needed}. Install it: python -m "
            f'pip install "skmask[{extra}]".'
        )
        raise ImportError(msg) from error
