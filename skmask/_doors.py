"""Public modules give their functions their own name, as what is saved should not name private modules.

A file of a fitted estimator names the functions that are among its parameters, such as
``skmask.thresholds.percentile``, by ``__module__``. Named by a public module they can move inside skmask.
"""

import sys
from collections.abc import Iterable
from types import FunctionType


def name_functions(door: str, names: Iterable[str]) -> None:
    """Set the module of functions to the public module that exports them.

    Parameters
    ----------
    door : str
        Name of the public module, which is being imported.
    names : iterable of str
        Its public names. Classes among them keep the modules that they are defined in.
    """
    module = vars(sys.modules[door])
    for name in names:
        if isinstance(module[name], FunctionType):
            module[name].__module__ = door
