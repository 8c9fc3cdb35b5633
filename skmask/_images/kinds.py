"""Sort inputs of users into kinds, or refuse them, for `X` and everything beside it.

==========  ============================================================================================
``ARRAY``   an array in memory, or what NumPy makes one of: numbers in lists, tables, arrays of libraries
``IMAGES``  a sequence of images: a list, a tuple, a deque, a Series or an object array of arrays; or any
            object with ``__len__`` and ``__getitem__``, which is read image by image
``BLOCKS``  a stack that is not in memory: a memory map, or anything with `shape` and `dtype` that is read
            by slices of its first axis
``DASK``    a dask array
``DEVICE``  an array of another library in the memory of a device
==========  ============================================================================================

Nothing is guessed. Objects that hold images but are none, such as those of SimpleITK, nibabel or pydicom, are
refused with the call that returns an array, and never printed: their headers may name patients.
"""

import os
import re
import reprlib
from collections import UserList, deque
from collections.abc import Mapping, Sequence, Set
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn import get_config
from sklearn.utils import check_array

from skmask._images.peeked_sequence import PeekedSequence
from skmask._images.shared_images import computed
from skmask._kernels.pixels.binary import sound
from skmask._kernels.pixels.namespaces import to_host

# Of the devices that DLPack counts: the processor, and memory of it that a device reads too.
HOST = (1, 3)

NUMBERS = "biuf"


class Kind(Enum):
    """Kind of what a user passed in."""

    ARRAY = "array"
    IMAGES = "sequence of images"
    BLOCKS = "stack read in blocks"
    DASK = "dask array"
    DEVICE = "array on a device"


class Given(NamedTuple):
    """An input of the user, with its kind.

    Attributes
    ----------
    kind : Kind
    data : object
        The array, the stack, or a sequence of images that is indexed by integers.
    """

    kind: Kind
    data: Any


class Container(NamedTuple):
    """How an object of another package gives its pixels.

    Attributes
    ----------
    call : str
        Expression that gives an array; braces stand for the object.
    is_single : bool
        Whether that is a single image.
    """

    call: str
    is_single: bool = True


# By package and class.
CONTAINERS = {
    ("SimpleITK", "Image"): Container("SimpleITK.GetArrayFromImage({})"),
    ("nibabel", "DataobjImage"): Container("{}.get_fdata()"),
    ("pydicom", "Dataset"): Container("{}.pixel_array"),
    ("cv2", "UMat"): Container("{}.get()"),
    ("tifffile", "TiffFile"): Container("{}.asarray()", is_single=False),
    ("zarr", "Group"): Container("{}['name'] with the name of an array in it", is_single=False),
    ("h5py", "Group"): Container("{}['name'] with the name of a dataset in it", is_single=False),
    ("xarray", "Dataset"): Container("{}['name'] with the name of a variable", is_single=False),
}


class Refusal(NamedTuple):
    """Why something is refused.

    Attributes
    ----------
    got : str
        The input in words, without its content.
    remedy : str
        The remedy, as a sentence without its period.
    error : type
        Class of the error to raise.
    expected : str
        The expectation; braces stand for the name.
    """

    got: str
    remedy: str
    error: type[Exception] = TypeError
    expected: str = "{} to be an array or a list of arrays"


def classify(X: Any, *, caller: str, name: str = "X", on_device: bool = False) -> Given:
    """Return what a user passed in with its kind, or refuse it.

    Parameters
    ----------
    X : object
        Images, masks or regions of interest: a stack or a sequence.
    caller, name : str
        Who asks and what for; they are named in errors.
    on_device : bool, default=False
        Whether an array on a device stays there; otherwise it is an array to be copied to the host.

    Returns
    -------
    given : Given
    """
    if type(X) is np.ndarray and X.dtype.kind in NUMBERS:
        # Nothing to find, and the checks below take longer than small images.
        return Given(Kind.ARRAY, X)
    if type(X) is list and X and all(type(one) is np.ndarray and one.ndim > 1 for one in X):
        return Given(Kind.IMAGES, X)
    X = unwrapped(X)
    if (refusal := _refusal(X, name) or _refusal_of_stack(X, name)) is not None:
        raise refusal.error(_message(refusal, caller, name))
    if is_dask(X):
        return Given(Kind.DASK, X)
    if on_device and is_on_device(X) and X.ndim > 1:
        return Given(Kind.DEVICE, X)
    if is_reader(X):
        return Given(Kind.BLOCKS, X)
    images = _sequence(X)
    are_images = images is not None and _holds_images(images, caller, name)
    return Given(Kind.IMAGES, images) if are_images else Given(Kind.ARRAY, X)


def read_one(image: Any, *, caller: str, name: str) -> NDArray[Any]:
    """Read a single array that stands beside images: a mask, a footprint, a fill value.

    Parameters
    ----------
    image : object
        An array of any kind, numbers in lists, or an image of Pillow.
    caller, name : str
        Who asks and what for; they are named in errors.

    Returns
    -------
    image : ndarray
        Shares memory with what was passed in where NumPy can.
    """
    image = unwrapped(image)
    if (refusal := _refusal(image, name, is_single=True)) is not None:
        raise refusal.error(_message(refusal, caller, name))
    try:
        return sound(np.asarray(to_numpy(image)))
    except ValueError:
        msg = f"{caller} expects {name} to be one array, got rows of different lengths. Make them one length."
        raise ValueError(msg) from None


def read_array(X: Any, *, caller: str, name: str) -> NDArray[Any]:
    """Read a stack or flat rows that came as one array of numbers or booleans."""
    X = to_numpy(X)
    if isinstance(X, np.ndarray):
        X = np.asarray(X)  # a subclass such as np.memmap would come back in results
        if X.ndim >= 2 and X.size and X.dtype.kind in NUMBERS:
            return X  # check_array finds nothing in it, and takes longer than small images do
        if X.dtype.kind == "c":  # whose message prints all pixels
            msg = (
                f"{caller} expects {name} to be real numbers, got {X.dtype}. Complex data not supported: use "
                f"np.abs({name})."
            )
            raise ValueError(msg)
    elif isinstance(X, list | tuple):
        try:
            X = np.asarray(X)
        except ValueError:
            msg = (
                f"{caller} expects {name} to be one array or a list of arrays, got nested lists of different "
                f"lengths. Use [np.asarray(image) for image in {name}] for images of different sizes."
            )
            raise ValueError(msg) from None
    try:
        return check_array(
            X,
            input_name=name,
            estimator=caller,
            dtype="numeric",
            ensure_all_finite=False,
            allow_nd=True,
        )
    except (ValueError, TypeError) as error:
        if name == "X":
            raise  # in the words that tools of scikit-learn wait for
        msg = (
            f"{caller} expects {name} to be an array of booleans or numbers of two or more axes, got "
            f"{brief(X)}. Make one of the shape of the images."
        )
        raise type(error)(msg) from None


def check_member(image: Any, *, caller: str, name: str) -> Any:
    """Return one image of a sequence, or refuse it."""
    image = unwrapped(image)
    refusal = _refusal(image, name, of="image")
    if refusal is None and not is_image(image):
        refusal = _refusal_of_member(image)
    if refusal is not None:
        raise refusal.error(_message(refusal, caller, name))
    return image


def shown(value: Any) -> str:
    """Show a parameter, or an estimator with its parameters, on one line."""
    return re.sub(r"\s+", " ", str(value))


def brief(value: Any) -> str:
    """Show what was given for a parameter, on one line and not at length."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if container_of(type(value)) is not None:  # type: ignore[arg-type]
        return f"a {type(value).__name__}"  # its header may name a patient
    words = shown(reprlib.repr(value))
    return words if len(words) <= 100 else f"{words[:97]}..."


def is_list(X: Any) -> bool:
    """Tell whether `X` is a sequence of images, without refusing anything."""
    images = _sequence(X)
    if images is None or len(images) == 0:
        return False
    return is_image(images[0]) if is_lazy(images) else all(map(is_image, images))


def shape_of(values: Any) -> tuple[int, ...] | None:
    """Return the shape of an array or of numbers in lists; of a list of images, and of no array, None."""
    if not hasattr(values, "shape") and is_list(values):
        return None  # finding their shape would copy them
    try:
        return np.shape(values)
    except ValueError:  # lists of different lengths
        return None


def is_image(X: Any) -> bool:
    """Tell whether `X` is an array of two or more axes, or an image of Pillow."""
    n_axes = getattr(X, "ndim", None)
    return hasattr(X, "__array_interface__") if n_axes is None else n_axes >= 2


def is_reader(X: Any) -> bool:
    """Tell whether `X` is a stack that is not in memory: an array, read by slices of its first axis."""
    if isinstance(X, np.ndarray):
        return isinstance(X, np.memmap) and X.ndim > 1 and X.size > 0
    if any(hasattr(X, name) for name in ("__dlpack__", "iloc")) or issparse(X):
        return False  # arrays of other libraries, tables and sparse matrices are in memory
    is_array = all(hasattr(X, name) for name in ("shape", "dtype", "ndim", "__getitem__"))
    return is_array and X.ndim > 1 and 0 not in X.shape


def is_dask(X: Any) -> bool:
    """Tell whether `X` is a dask array, without importing dask."""
    return type(X).__module__.startswith("dask.array")


def is_foreign(X: Any) -> bool:
    """Tell whether `X` is an array of another library that scikit-learn's array API dispatch is for."""
    is_other = hasattr(X, "__dlpack__") and not isinstance(X, np.ndarray)
    return is_other and get_config()["array_api_dispatch"]


def is_on_device(X: Any) -> bool:
    """Tell whether `X` is such an array outside of the memory that NumPy reads."""
    return is_foreign(X) and X.__dlpack_device__()[0] not in HOST


def to_numpy(X: Any) -> Any:
    """Return an array of another library as a NumPy array, from another device if it is there."""
    return to_host(X) if is_foreign(X) else X


def unwrapped(X: Any) -> Any:
    """Return the array in a DataArray of xarray, or the images that are shared; anything else as it is.

    Names of axes and coordinates say nothing about pixels: results are arrays, and
    ``X.copy(data=result)`` gives them their names back.
    """
    X = computed(X)
    return X.data if _is_of(type(X), "xarray", "DataArray") else X


def _message(refusal: Refusal, caller: str, name: str) -> str:
    return f"{caller} expects {refusal.expected.format(name)}, got {refusal.got}. {refusal.remedy}."


def _refusal(
    X: Any, name: str, *, is_single: bool = False, of: str | None = None
) -> Refusal | None:
    """Return why an array, an image or a single array is refused, None if it is not.

    `of` is the word for `X` in remedies, by default `name`; `is_single` is for arrays that are no stack.
    """
    cls, word = type(X), of or name
    if X is None or isinstance(X, str | bytes | os.PathLike):
        if X is None:
            return Refusal("None", "Read files first, and leave out those that cannot be read")
        return Refusal(_a(cls), f"Read files first, or use {_files_of(name)} of skmask.io")
    if isinstance(X, type):
        return Refusal(f"the class {X.__name__}", "Make an array, and pass that")
    if isinstance(getattr(X, "_meta", X), np.ma.MaskedArray):
        return _refusal_of_masked(X, name, word)
    if (container := container_of(cls)) is not None:  # type: ignore[arg-type]
        call = container.call.format(word)
        if container.is_single and not (is_single or of):
            call = f"[{call}], a list of one image"
        return Refusal(_a(cls), f"Use {call}")
    if issparse(X):
        got = f"a sparse {cls.__name__}, where dense data is required"
        return Refusal(got, f"Use {word}.toarray()")
    if hasattr(X, "__next__"):
        return _refusal_of_iterator(X, word)
    if isinstance(X, Mapping | Set):
        return Refusal(_a(cls), "Use a list of the images in it")
    if _is_pillow(X):
        return _refusal_of_pillow(X, word)
    return None


def _files_of(name: str) -> str:
    return "ImageFiles(paths)" if name in ("X", "images") else "MaskFiles(paths)"


def _refusal_of_masked(X: Any, name: str, word: str) -> Refusal:
    """Name a fill that the dtype can hold: NaN in images, which is never foreground, background in masks."""
    kind = X.dtype.kind
    is_mask = name not in ("X", "images")
    convert = ".astype(float)" if kind in "iu" and not is_mask else ""
    fill = "False" if kind == "b" else "0" if is_mask else "np.nan"
    call = f"{word}{convert}.filled({fill})"
    if is_dask(X):
        call = f"dask.array.ma.filled({word}{convert}, {fill})"
    why = ": NaN is never foreground" if fill == "np.nan" else ""
    got = "a numpy.ma.MaskedArray, whose mask would be lost"
    return Refusal(got, f"Use {call}{why}", expected="plain arrays as {}")


def _refusal_of_iterator(X: Any, word: str) -> Refusal:
    got = f"{_a(type(X))}, which can be read only once"
    if _is_of(type(X), "PIL", "Iterator"):
        # The pages are one object that is moved on: a list of them holds the last page, many times.
        return Refusal(got, f"Use [page.copy() for page in {word}]")
    return Refusal(got, f"Use list({word})")


def _refusal_of_pillow(X: Any, word: str) -> Refusal | None:
    n_pages = getattr(X, "n_frames", 1)
    if n_pages > 1:
        got = f"an image of Pillow with {n_pages} pages, of which only one would be read"
        return Refusal(
            got, f"Use [page.copy() for page in PIL.ImageSequence.Iterator({word})]", ValueError
        )
    if X.mode in ("P", "PA"):
        got = "an image of Pillow with a palette, whose pixels are numbers of colors"
        remedy = f"Use {word}.convert('L'), or {word}.convert('RGB') with channel_axis=-1"
        return Refusal(got, remedy, ValueError)
    return None


def _refusal_of_stack(X: Any, name: str) -> Refusal | None:
    """Return why a whole that should be several images is refused."""
    if isinstance(X, list | tuple | deque | UserList | range) and len(X) == 0:
        remedy = "Use a list of at least one image"
        return Refusal("an empty list", remedy, ValueError, "{} to have pixels")
    if is_image(X) and not hasattr(X, "shape"):
        return Refusal(f"a single {type(X).__name__}", f"Use [{name}]")
    if hasattr(X, "iloc") and X.ndim == 2 and len(X):
        columns = [column for column, dtype in X.dtypes.items() if _holds_objects(dtype)]
        if any(isinstance(X[column].iloc[0], str) for column in columns):
            return Refusal(
                f"a {type(X).__name__} with text",
                f"Read files first, and pass a list of images, or use {_files_of(name)} of skmask.io",
            )
    return None


def _refusal_of_member(image: Any) -> Refusal:
    """Return why something among images is no image."""
    if _holds_image(image):
        got = f"a list of {type(image).__name__}s that hold images, such as pairs of an image and its mask"
        return Refusal(got, "Use a list of the images, and pass masks as y", ValueError)
    shape = getattr(image, "shape", None)
    got = _a(type(image)) if shape is None else f"an array of shape {tuple(shape)}"
    return Refusal(
        f"a list of images with {got} among them", "Use arrays of two or more axes", ValueError
    )


def _sequence(X: Any) -> Any:
    """Return the members of a sequence that may be images; None for other things."""
    if isinstance(X, list | tuple):
        return X
    if isinstance(X, deque | UserList):
        return list(X)
    if hasattr(X, "iloc"):  # a column of pandas, or a table of one such column
        column = X if X.ndim == 1 else X.iloc[:, 0] if X.shape[1] == 1 else None
        return column.tolist() if column is not None and _holds_objects(column.dtype) else None
    if isinstance(X, np.ndarray):
        is_column = X.ndim == 1 or (X.ndim == 2 and X.shape[1] == 1)
        return X.ravel().tolist() if X.dtype.kind == "O" and is_column else None
    # A shape of one axis without a dtype counts members, for scikit-learn to take parts of them by index.
    is_array = any(hasattr(X, one) for one in ("dtype", "__array__", "__array_interface__"))
    is_array = is_array or len(getattr(X, "shape", (0,))) != 1
    if is_array or isinstance(X, Mapping):
        return None
    if not (hasattr(X, "__getitem__") and hasattr(X, "__len__")):
        return None
    return X if isinstance(X, PeekedSequence) else PeekedSequence(X)


def _holds_objects(dtype: Any) -> bool:
    return getattr(dtype, "kind", "O") == "O"


def is_lazy(images: Any) -> bool:
    """Tell whether the images of a sequence are read one by one when they are asked for."""
    return not isinstance(images, list | tuple)


def _holds_images(images: Any, caller: str, name: str) -> bool:
    """Tell images from other members, such as numbers or rows, and refuse what is neither."""
    if is_lazy(images):
        return is_image(unwrapped(images[0])) or _are_images([images[0]], caller, name)
    return _are_images(images, caller, name)


def _are_images(members: Sequence[Any], caller: str, name: str) -> bool:
    types = {type(one) for one in members}
    if types == {np.ndarray} and all(one.ndim > 1 for one in members):
        return True
    if types <= {int, float, bool}:
        return False
    holds_images = any(map(is_image, members))
    for one in members:
        # Other members are rows and numbers of an array-like, which NumPy reads.
        if holds_images or _holds_image(one):
            check_member(one, caller=caller, name=name)
        elif (refusal := _refusal(one, name, of="image")) is not None:
            raise refusal.error(_message(refusal, caller, name))
    return holds_images


def _holds_image(member: Any) -> bool:
    """Tell whether a member of a sequence holds images itself, as a pair of image and mask does."""
    return isinstance(member, list | tuple) and any(map(is_image, member[:2]))


def _is_pillow(X: Any) -> bool:
    return hasattr(X, "__array_interface__") and hasattr(X, "mode") and hasattr(X, "getbands")


def n_bands(X: Any) -> int:
    """Return how many bands an image of Pillow has, 1 for anything else."""
    return len(X.getbands()) if _is_pillow(X) else 1


@lru_cache(maxsize=256)
def container_of(cls: type) -> Container | None:
    """Return how objects of a class of another package give their pixels; None for other classes."""
    return next(
        (CONTAINERS[key] for key in CONTAINERS if _is_of(cls, *key)),
        None,
    )


def _is_of(cls: type, package: str, name: str) -> bool:
    """Tell whether a class is, or derives from, that of another package, without importing it."""
    return any(
        base.__name__ == name and base.__module__.partition(".")[0] == package
        for base in cls.__mro__
    )


def _a(cls: type) -> str:
    return f"{'an' if cls.__name__[0] in 'aeiouAEIO' else 'a'} {cls.__name__}"
