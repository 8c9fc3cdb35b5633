"""Import of the optional packages that read and write files."""

import importlib


def import_package(name, *, caller, path):
    """Return an optional package, or say how to install it.

    Parameters
    ----------
    name : str
        Name of the module.
    caller : str
        Name of the public class or function, for the error.
    path : path-like
        The file that needs the package.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0].replace("PIL", "Pillow")
        msg = (
            f"{caller} expects the package {package} for the file {path}. Install it: "
            'python -m pip install "skmask[files]".'
        )
        raise ImportError(msg) from error
