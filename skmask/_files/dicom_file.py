"""DICOM files and folders of one series, read by pydicom."""

import numpy as np

from skmask._files.headers import Header
from skmask._files.opened_file import OpenedFile
from skmask._packages import import_package

# Positions of slices are rounded by scanners; they may be off by this part of the distance of slices.
_TOLERANCE = 0.01

# A rescale of each frame, which pydicom does not apply.
_FRAME_RESCALE = "PixelValueTransformationSequence"


class DicomFile(OpenedFile):
    """A DICOM file: one image, or several frames."""

    def __init__(self, path, choices, *, caller):
        self._pydicom = import_package(
            "pydicom", caller=caller, extra="files", purpose=f"the file {path}"
        )
        self._pixels = import_package(
            "pydicom.pixels", caller=caller, extra="files", purpose=f"the file {path}"
        )
        self._path = path
        self._page = choices.page
        self._data = self._pydicom.dcmread(path, stop_before_pixels=True)
        if "Rows" not in self._data:
            msg = "it holds no image"
            raise ValueError(msg)

    @property
    def header(self):
        """Properties of the image, read from the file without its pixels."""
        data = self._data
        n_pages = int(data.get("NumberOfFrames") or 1)
        meaning = data.PhotometricInterpretation
        is_color = data.SamplesPerPixel > 1
        pages = (n_pages,) if self._page == "all" and n_pages > 1 else ()
        spacing = _measure_of(data, "PixelSpacing")
        between = _measure_of(data, "SpacingBetweenSlices")
        if spacing is not None and (between is not None or not pages):
            spacing = (*[float(between or 0)] * len(pages), *map(float, spacing))
        else:
            spacing = None
        return Header(
            shape=(*pages, data.Rows, data.Columns),
            dtype=self._dtype(),
            color="palette" if meaning == "PALETTE COLOR" else "rgb" if is_color else "gray",
            n_channels=3 if is_color or meaning == "PALETTE COLOR" else 1,
            n_pages=n_pages,
            inverse_sum=self._inverse_sum() if meaning == "MONOCHROME1" else None,
            spacing=spacing,
        )

    def read(self):
        """Return the values: stored ones times the slope, plus the intercept."""
        _refuse_rescale_of_frames(self._data)
        header = self.header
        data = self._pydicom.dcmread(self._path)
        pixels = data.pixel_array
        if header.n_pages > 1 and self._page != "all":
            pixels = pixels[self._page]
        if header.color == "gray":
            pixels = self._pixels.apply_modality_lut(pixels, data)
        return pixels.astype(header.dtype, copy=False)

    def colors(self, indices):
        """Return the colors of a palette, 8 bits each."""
        colors = self._pixels.apply_color_lut(indices, self._data)[..., :3]
        return colors if colors.dtype == np.uint8 else (colors >> 8).astype(np.uint8)

    def _dtype(self):
        data = self._data
        sign = "i" if data.get("PixelRepresentation") else "u"
        stored = np.dtype(f"{sign}{max(1, data.BitsAllocated // 8)}")
        if "ModalityLUTSequence" in data:
            return np.dtype(np.uint16)
        slope, intercept = self._rescale()
        if (slope, intercept) == (1, 0):
            return stored
        is_exact = slope.is_integer() and intercept.is_integer() and stored.itemsize <= 2
        return np.dtype(np.int32 if is_exact else np.float64)

    def _rescale(self):
        data = self._data
        return float(data.get("RescaleSlope", 1)), float(data.get("RescaleIntercept", 0))

    def _inverse_sum(self):
        slope, intercept = self._rescale()
        # The smallest stored value plus the largest.
        stored = -1 if self._data.get("PixelRepresentation") else (1 << self._data.BitsStored) - 1
        total = slope * stored + 2 * intercept
        return int(total) if total.is_integer() else total


class DicomSeries(OpenedFile):
    """A folder of DICOM files that are the slices of one volume, in the order of their positions."""

    def __init__(self, folder, choices, *, caller):
        self._slices = [
            DicomFile(path, choices, caller=caller)
            for path in sorted(folder.iterdir())
            if path.is_file() and not path.name.startswith(".") and path.name != "DICOMDIR"
        ]
        if not self._slices:
            msg = "the folder holds no files. A folder stands for the slices of one DICOM series"
            raise ValueError(msg)
        first = self._slices[0]._data
        for name in ("SeriesInstanceUID", "Rows", "Columns"):
            if any(one._data.get(name) != first.get(name) for one in self._slices):
                msg = f"its files differ in {name}. Put each series into a folder of its own"
                raise ValueError(msg)
        self._geometry = self._sort()

    @property
    def header(self):
        """Properties of the volume, read from the files without their pixels."""
        header = self._slices[0].header
        dtype = np.result_type(*[one.header.dtype for one in self._slices])
        spacing, affine = self._geometry
        return Header(
            shape=(len(self._slices), *header.shape),
            dtype=dtype,
            color=header.color,
            n_channels=header.n_channels,
            n_pages=header.n_pages,
            inverse_sum=header.inverse_sum,
            spacing=spacing,
            affine=affine,
        )

    def read(self):
        """Return the volume, slice by slice along the first axis."""
        return np.stack([one.read() for one in self._slices])

    def colors(self, indices):
        """Return the colors of a palette."""
        return self._slices[0].colors(indices)

    def _sort(self):
        """Sort the slices along their normal; return the spacing and the affine of the volume."""
        first = self._slices[0]._data
        names = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")
        if any(not one._data.get(name) for one in self._slices for name in names):
            msg = f"its files lack one of {', '.join(names)}. List the files to read each by itself"
            raise ValueError(msg)
        directions = np.array([one._data.ImageOrientationPatient for one in self._slices], float)
        if not np.allclose(directions, directions[0], atol=1e-3):
            msg = "its files differ in ImageOrientationPatient. Put each series into a folder of its own"
            raise ValueError(msg)
        along_columns, along_rows = directions[0].reshape(2, 3)
        normal = np.cross(along_columns, along_rows)
        positions = np.array([one._data.ImagePositionPatient for one in self._slices], float)
        order = np.argsort(positions @ normal, kind="stable")
        self._slices = [self._slices[i] for i in order]
        distances = np.diff(positions[order] @ normal)
        step = float(distances.mean()) if len(distances) else 1.0
        if step <= 0 or np.abs(distances - step).max(initial=0) > _TOLERANCE * step:
            msg = "its slices are not evenly spaced: one is missing or there twice"
            raise ValueError(msg)
        rows, columns = map(float, first.PixelSpacing)
        affine = np.eye(4)
        axes = [normal * step, along_rows * rows, along_columns * columns]
        affine[:3, :3] = np.transpose(axes)
        affine[:3, 3] = positions[order[0]]
        # DICOM counts to the left and back of the patient, NIfTI to the right and front.
        affine[:2] *= -1
        return (step, rows, columns), affine


def _measure_of(data, name):
    """Return a measure of pixels, of one frame or shared by all frames."""
    if name in data:
        return data[name].value
    for group in data.get("SharedFunctionalGroupsSequence", []):
        for measures in group.get("PixelMeasuresSequence", []):
            if name in measures:
                return measures[name].value
    return None


def _refuse_rescale_of_frames(data):
    groups = [
        *data.get("SharedFunctionalGroupsSequence", []),
        *data.get("PerFrameFunctionalGroupsSequence", []),
    ]
    for group in groups:
        for rescale in group.get(_FRAME_RESCALE, []):
            if (float(rescale.RescaleSlope), float(rescale.RescaleIntercept)) != (1, 0):
                msg = "its frames have a rescale of their own, which pydicom does not apply"
                raise ValueError(msg)
