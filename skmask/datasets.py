"""Real images that ship inside other packages, and synthetic ones with known masks.

Nothing is downloaded and no picture is copied into skmask: the loaders read files of packages that
the extra ``examples`` installs, and say in ``origin`` where each picture comes from.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.utils import Bunch, check_random_state

__all__ = ["load_brain_slices", "load_leg_xray", "make_masked_images"]

_MNI152 = "mni_icbm152_{kind}_tal_nlin_sym_09a_converted.nii.gz"


def load_leg_xray(*, bits=8):
    """Load a radiograph of a lower leg and ankle: one image, no mask.

    The picture of the masking tutorials: a leg on a dark background, the bones in it brighter than
    the soft tissue, and a marker letter that is neither.

    Parameters
    ----------
    bits : {8, 10}, default=8
        8 drops the two lowest bits of the recorded values, so that ``images > 32`` is the leg and
        ``images > 150`` roughly the bones; 10 keeps all that was recorded, 0 to 1023.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Its attributes are:

        - ``images``: the X-ray, of shape (1, 1760, 740) and dtype uint8 (``bits=8``) or uint16 (``bits=10``);
        - ``spacing``: the nominal distance of pixels in mm;
        - ``DESCR``: a description of the picture and of its processing;
        - ``origin``: its source and license.

    Examples
    --------
    >>> from skmask.datasets import load_leg_xray
    >>> data = load_leg_xray()
    >>> data.images.shape, data.images.dtype
    ((1, 1760, 740), dtype('uint8'))
    >>> leg = data.images > 32
    >>> print(f"{leg.mean():.3f} of the picture is leg")
    0.595 of the picture is leg
    """
    if bits not in (8, 10):
        msg = f"load_leg_xray expects bits=8 or bits=10, got bits={bits!r}."
        raise ValueError(msg)
    msg = _needs("load_leg_xray", "pydicom and pydicom-data")
    try:
        from pydicom import dcmread
        from pydicom.data import get_testdata_file
    except ImportError as error:
        raise ImportError(msg) from error
    path = get_testdata_file("RG3_UNCR.dcm", download=False)
    if path is None:
        raise ImportError(msg)

    # MONOCHROME1: the file holds bright as low. The columns beyond are unexposed plate, all white.
    image = 1023 - dcmread(path).pixel_array[:, 470:1210]
    image = (image >> 2).astype(np.uint8) if bits == 8 else image.astype(np.uint16)
    return Bunch(
        images=image[np.newaxis],
        spacing=(0.2, 0.2),
        DESCR=(
            "Computed radiograph of a right lower leg and ankle, seen from the front, with a "
            "non-ossifying fibroma of the tibia above the ankle. Inverted, so that dense is "
            "bright; cropped to the columns 470 to 1209, which hold the leg; "
            + ("10 bits reduced to 8 by dropping the two lowest." if bits == 8 else "10 bits kept.")
            + " Spacing: a cassette of 35 cm over 1760 pixels."
        ),
        origin=(
            "RG3_UNCR.dcm in the package pydicom-data (MIT license), one of the anonymous DICOM "
            "sample images prepared by David Clunie."
        ),
    )


def load_brain_slices(*, target="white_matter", n_slices=18):
    """Load axial slices of an average brain with the true mask of a tissue.

    The slices are spread evenly between the lower temporal lobes and the crown (32 mm below to
    70 mm above the anterior commissure): below, the cerebellum takes over; above, hardly any white
    matter is left. They show the patient's left on the left and the front at the top.

    Parameters
    ----------
    target : {"white_matter", "gray_matter", "brain"}, default="white_matter"
        The tissue that ``masks`` marks: where its probability map (0 to 255) is above 127. The
        brain's map is the sum of the white and the gray matter's.

    n_slices : int, default=18
        How many slices, 1 to 103. The default takes one every 6 mm, so that neighbors differ.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Its attributes are:

        - ``images``: the slices, uint8 of shape (n_slices, 233, 197);
        - ``masks``: booleans of the same shape;
        - ``heights``: the height of each slice in mm above the anterior commissure;
        - ``spacing``: the distance of pixels in mm;
        - ``DESCR``: a description of the pictures and of their processing;
        - ``origin``: their source and license.

    Examples
    --------
    >>> from skmask.datasets import load_brain_slices
    >>> data = load_brain_slices(target="brain")
    >>> data.images.shape, data.masks.shape
    ((18, 233, 197), (18, 233, 197))
    >>> print(data.heights[:4], data.masks.mean().round(3))
    [-32 -26 -20 -14] 0.318
    """
    maps = {"white_matter": ["wm"], "gray_matter": ["gm"], "brain": ["wm", "gm"]}
    if target not in maps:
        msg = f"load_brain_slices expects target to be one of {list(maps)}, got {target!r}."
        raise ValueError(msg)
    lowest, highest = 40, 142
    if not 1 <= n_slices <= highest - lowest + 1:
        msg = f"load_brain_slices expects n_slices between 1 and 103, got {n_slices!r}."
        raise ValueError(msg)
    msg = _needs("load_brain_slices", "nilearn")
    package = find_spec("nilearn")
    if package is None:
        raise ImportError(msg)
    try:
        import nibabel
    except ImportError as error:
        raise ImportError(msg) from error

    # nilearn.datasets would read the same files, but its import alone takes longer than all this.
    folder = Path(package.origin).parent / "datasets" / "data"
    slices = np.linspace(lowest, highest, n_slices).round().astype(int)

    def read(kind):
        volume = np.asanyarray(nibabel.load(folder / _MNI152.format(kind=kind)).dataobj)
        # The axes are right, front, up; a picture wants slice, downwards, right.
        return np.ascontiguousarray(volume[:, ::-1, slices].transpose(2, 1, 0))

    return Bunch(
        images=read("t1"),
        masks=np.sum([read(kind) for kind in maps[target]], axis=0) > 127,
        heights=slices - 72,
        spacing=(1.0, 1.0),
        DESCR=(
            "Axial slices of the MNI152 template, an average of T1-weighted magnetic resonance "
            "images of 152 healthy young adults without skull and scalp, made symmetric, 0 to 255; "
            f"masks of {target.replace('_', ' ')} where the probability map of the same template "
            "is above one half. Slices of one brain are more alike than slices of two."
        ),
        origin=(
            "ICBM 2009a nonlinear symmetric template as shipped in the package nilearn (BSD "
            "license). Copyright (C) 1993-2009 Louis Collins, McConnell Brain Imaging Centre, "
            "Montreal Neurological Institute, McGill University; may be used, copied, modified and "
            "distributed for any purpose without fee where this notice appears. Fonov et al. 2011, "
            "https://doi.org/10.1016/j.neuroimage.2010.07.033"
        ),
    )


def make_masked_images(
    n_images=20,
    image_shape=(64, 64),
    *,
    n_objects=5,
    noise=10.0,
    blur=1.0,
    drift=20.0,
    random_state=None,
):
    """Make gray images of bright ellipsoids on an uneven background, with their true masks.

    Parameters
    ----------
    n_images : int, default=20
        How many images.

    image_shape : tuple of int, default=(64, 64)
        The shape of one image; any number of axes.

    n_objects : int, default=5
        Ellipsoids in an image. They may overlap and reach over the frame; 0 makes empty images.

    noise : float, default=10.0
        Standard deviation of the Gaussian noise, in gray levels.

    blur : float, default=1.0
        Standard deviation of the Gaussian blur, in pixels. The masks are the ellipsoids before it.

    drift : float, default=20.0
        How much the background varies, in gray levels: a slope through the image plus a shift of
        the whole image, each within plus and minus half of this.

    random_state : int, RandomState instance or None, default=None
        Determines the images; pass an int for the same ones at every call.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        ``images``, uint8 of shape ``(n_images, *image_shape)``, background about 70 and objects 130 to
        190; ``masks``, boolean of the same shape; ``DESCR``, how they were made; ``origin``.

    Examples
    --------
    >>> from skmask.datasets import make_masked_images
    >>> data = make_masked_images(4, (48, 48), random_state=0)
    >>> data.images.shape, data.images.dtype, data.masks.dtype
    ((4, 48, 48), dtype('uint8'), dtype('bool'))
    >>> for image, mask in zip(data.images, data.masks):
    ...     print(f"{mask.mean():.2f} {image[~mask].mean():.0f} {image[mask].mean():.0f}")
    0.23 76 152
    0.23 68 143
    0.16 77 160
    0.17 81 164
    """
    if np.ndim(image_shape) == 0:
        msg = f"make_masked_images expects image_shape such as (64, 64), got {image_shape!r}. Pass all sizes."
        raise TypeError(msg)
    image_shape = tuple(image_shape)
    if n_images < 1 or n_objects < 0 or not image_shape or min(image_shape) < 1:
        msg = (
            "make_masked_images expects at least one image of at least one pixel and no negative "
            f"number of objects, got {n_images=}, {image_shape=}, {n_objects=}."
        )
        raise ValueError(msg)
    rng = check_random_state(random_state)
    ndim = len(image_shape)
    per_image = (n_images,) + (1,) * ndim
    axes = tuple(range(1, ndim + 1))
    grid = np.ogrid[tuple(slice(size) for size in (1, *image_shape))][1:]

    signal = np.zeros((n_images, *image_shape), dtype=np.float32)
    for _ in range(n_objects):
        distance = np.zeros((), dtype=np.float32)
        for size, position in zip(image_shape, grid, strict=True):
            center = rng.uniform(0, size, per_image)
            radius = rng.uniform(0.06, 0.18, per_image) * size + 0.5
            distance = distance + np.square((position - center) / radius, dtype=np.float32)
        brightness = rng.uniform(60, 120, per_image).astype(np.float32)
        np.maximum(signal, brightness, out=signal, where=distance <= 1)
    masks = signal > 0

    signal = gaussian_filter(signal, blur, axes=axes)
    signal += 70 + drift * rng.uniform(-0.5, 0.5, per_image)
    for size, position in zip(image_shape, grid, strict=True):
        slope = drift * rng.uniform(-0.5, 0.5, per_image) / ndim
        signal += slope * (position / max(size - 1, 1) * 2 - 1)
    signal += rng.normal(scale=noise, size=signal.shape)
    return Bunch(
        images=np.clip(np.rint(signal, out=signal), 0, 255, out=signal).astype(np.uint8),
        masks=masks,
        DESCR=(
            f"Synthetic gray images: {n_objects} bright ellipsoids each on a sloping background, "
            f"blurred by {blur} pixels, Gaussian noise of {noise} gray levels; masks are the "
            "ellipsoids before the blur."
        ),
        origin="Made by skmask.datasets.make_masked_images.",
    )


def _needs(caller, packages):
    return f'{caller} needs {packages}; install with: python -m pip install "skmask[examples]".'
