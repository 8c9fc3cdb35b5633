"""The page for those who come from other libraries: its tables are these pairs, and both sides agree.

``python tests/test_coming_from.py`` writes the tables into the page.
"""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import SimpleITK as sitk
import skimage
from scipy import ndimage as ndi
from skimage import filters, measure, morphology, segmentation
from skimage.color import rgb2gray
from sklearn.metrics import f1_score, matthews_corrcoef

import skmask
import skmask.metrics
from skmask.base import MaskTransformer

PAGE = Path(__file__).parents[1] / "docs" / "coming_from.rst"

HEADER = """\
.. list-table::
   :class: equivalents
   :header-rows: 1
   :widths: 55 45

   * - there
     - skmask
"""
TABLE = re.compile(r"\.\. list-table::\n(?:(?: {3}.*)?\n)*")

# Their line and ours, an estimator or a score, by the title of the section.
CODE = {
    "Thresholds": [
        ("image > 100", "ThresholdMasker(100)"),
        ("cv2.threshold(image, 100, 255, cv2.THRESH_BINARY)[1]", "ThresholdMasker(100)"),
        (
            "cv2.threshold(image, 100, 255, cv2.THRESH_BINARY_INV)[1]",
            'ThresholdMasker(100, foreground="dark")',
        ),
        ("image > filters.threshold_otsu(image)", "HistogramThresholdMasker()"),
        ("cv2.threshold(image, 0, 255, cv2.THRESH_OTSU)[1]", "HistogramThresholdMasker()"),
        ("sitk.OtsuThreshold(itk_image, 0, 1, 256)", "HistogramThresholdMasker()"),
        ("image > filters.threshold_isodata(image)", 'HistogramThresholdMasker("isodata")'),
        ("image > filters.threshold_minimum(image)", 'HistogramThresholdMasker("minimum")'),
        ("image > filters.threshold_triangle(image)", 'HistogramThresholdMasker("triangle")'),
        ("image > filters.threshold_yen(image)", 'HistogramThresholdMasker("yen")'),
        (
            "sitk.MaximumEntropyThreshold(itk_image, 0, 1, 256)",
            'HistogramThresholdMasker("kapur")',
        ),
        ("sitk.MomentsThreshold(itk_image, 0, 1, 256)", 'HistogramThresholdMasker("moments")'),
        ("sitk.RenyiEntropyThreshold(itk_image, 0, 1, 256)", 'HistogramThresholdMasker("renyi")'),
        ("sitk.ShanbhagThreshold(itk_image, 0, 1, 256)", 'HistogramThresholdMasker("shanbhag")'),
        (
            "image > filters.threshold_local(image, 31)",
            'LocalThresholdMasker("gaussian", window=31)',
        ),
        (
            'image > filters.threshold_local(image, 31, "median")',
            'LocalThresholdMasker("median", window=31)',
        ),
        (
            "image > filters.threshold_niblack(image, 15)",
            'LocalThresholdMasker("niblack", window=15)',
        ),
        (
            "image > filters.threshold_sauvola(image, 15)",
            'LocalThresholdMasker("sauvola", window=15)',
        ),
        ("filters.apply_hysteresis_threshold(image, 90, 150)", "HysteresisMasker(90, 150)"),
        (
            "ndi.binary_propagation(image > 150, mask=image > 90)",
            "MaskReconstructor(ThresholdMasker(150), ThresholdMasker(90))",
        ),
    ],
    "Ranges": [
        ("np.isin(image, [90, 91])", "ValueMasker([90, 91])"),
        ("(image & 12) == 12", 'ValueMasker(bits=[2, 3], match="all")'),
        ("(image >= 50) & (image <= 150)", "RangeMasker(50, 150)"),
        ("(image > 50) & (image < 150)", 'RangeMasker(50, 150, inclusive="neither")'),
        ("cv2.inRange(image, 50, 150)", "RangeMasker(50, 150)"),
        ("sitk.BinaryThreshold(itk_image, 50, 150)", "RangeMasker(50, 150)"),
        (
            "cv2.inRange(color, (50, 0, 90), (200, 150, 255))",
            "RangeMasker([50, 0, 90], [200, 150, 255], channel_axis=-1)",
        ),
        (
            "cv2.inRange(hsv, (170, 50, 50), (179, 255, 255))"
            " | cv2.inRange(hsv, (0, 50, 50), (60, 255, 255))",
            "RangeMasker([170, 50, 50], [60, 255, 255], channel_axis=-1, circular=[0])",
        ),
        (
            "np.digitize(image, filters.threshold_multiotsu(image), right=True) == 1",
            'HistogramRangeMasker("otsu", n_classes=3, select=1)',
        ),
    ],
    "Morphology": [
        ("ndi.binary_dilation(mask, iterations=4)", "BinaryDilator(iterations=4)"),
        ("ndi.binary_erosion(mask, border_value=1)", "BinaryEroder()"),
        ("ndi.binary_erosion(mask)", 'BinaryEroder(border="background")'),
        ("ndi.binary_opening(mask)", 'BinaryOpener(border="background")'),
        ("ndi.binary_closing(mask)", 'BinaryCloser(border="background")'),
        ("morphology.dilation(mask, morphology.disk(3))", 'BinaryDilator("disk", radius=3)'),
        ("morphology.isotropic_dilation(mask, 3)", 'BinaryDilator("disk", radius=3)'),
        ("morphology.isotropic_erosion(mask, 3)", 'BinaryEroder("disk", radius=3)'),
        ("morphology.opening(mask, morphology.disk(3))", 'BinaryOpener("disk", radius=3)'),
        ("cv2.dilate(byte_mask, np.ones((3, 3)))", 'BinaryDilator("square")'),
        (
            "cv2.erode(byte_mask, np.ones((3, 3)), iterations=2)",
            'BinaryEroder("square", iterations=2)',
        ),
        (
            "cv2.morphologyEx(byte_mask, cv2.MORPH_OPEN, np.ones((5, 5)))",
            'BinaryOpener("square", radius=2)',
        ),
        (
            "sitk.BinaryDilate(itk_mask, (2, 2), sitk.sitkBox)",
            'BinaryDilator("square", radius=2)',
        ),
        ("sitk.BinaryErode(itk_mask, (1, 1), sitk.sitkCross)", "BinaryEroder()"),
        (
            "sitk.BinaryMorphologicalClosing(itk_mask, (1, 1), sitk.sitkCross)",
            "BinaryCloser()",
        ),
    ],
    "Cleaning": [
        ("ndi.binary_fill_holes(mask)", "HoleFiller(connectivity=2)"),
        ("sitk.BinaryFillhole(itk_mask)", "HoleFiller(connectivity=2)"),
        ("sitk.BinaryFillhole(itk_mask, fullyConnected=True)", "HoleFiller()"),
        (
            "morphology.remove_small_objects(mask, max_size=63)",
            "SmallRegionRemover(min_size=64)",
        ),
        ("morphology.area_opening(mask, 64)", "SmallRegionRemover(min_size=64)"),
        (
            "labels == np.bincount(labels.ravel())[1:].argmax() + 1",
            "LargestRegionKeeper()",
        ),
        ("segmentation.clear_border(mask)", "BorderClearer(connectivity=2)"),
        ("morphology.convex_hull_image(mask, offset_coordinates=False)", "ConvexHuller()"),
    ],
    "Combining": [
        ("(image > 60) & ~(image > 150)", "ThresholdMasker(60) - ThresholdMasker(150)"),
        ("(image < 60) | (image > 150)", "~RangeMasker(60, 150)"),
        (
            "cv2.bitwise_and(byte_mask, cv2.inRange(image, 0, 150))",
            "ThresholdMasker(100) & RangeMasker(high=150)",
        ),
        (
            "sitk.Or(itk_image < 60, itk_image > 150)",
            "RangeMasker(high=59) | ThresholdMasker(150)",
        ),
    ],
    "Applying": [
        ("np.where(image > 100, image, 0)", "MaskApplier(ThresholdMasker(100))"),
        ("np.where(mask, image, 255)", "MaskApplier(FixedMasker(mask), fill_value=255)"),
        ("cv2.bitwise_and(image, image, mask=byte_mask)", "MaskApplier(FixedMasker(mask))"),
        ("sitk.Mask(itk_image, itk_mask)", "MaskApplier(FixedMasker(mask))"),
        ("image[mask]", "MaskedPixelSelector(FixedMasker(mask))"),
        (
            "image[ndi.find_objects(mask.astype(int))[0]]",
            "MaskCropper(FixedMasker(mask))",
        ),
    ],
    "Measuring": [
        (
            "ndi.center_of_mass(mask)",
            'RegionStatistics(FixedMasker(mask), statistics=["centroid"])',
        ),
        (
            "ndi.mean(image, mask)",
            'RegionStatistics(FixedMasker(mask), statistics=["mean"])',
        ),
        (
            "cv2.minMaxLoc(image, byte_mask)[:2]",
            'RegionStatistics(FixedMasker(mask), statistics=["min", "max"])',
        ),
        (
            "measure.euler_number(mask, connectivity=1)",
            'RegionStatistics(FixedMasker(mask), statistics=["euler_number"])',
        ),
        (
            "measure.perimeter_crofton(mask, directions=4)",
            'RegionStatistics(FixedMasker(mask), statistics=["perimeter"])',
        ),
        (
            "measure.regionprops(mask.astype(int))[0].solidity",
            'RegionStatistics(FixedMasker(mask), statistics=["solidity"])',
        ),
    ],
    "Scores": [
        ("f1_score(truth.ravel(), mask.ravel())", "dice_score(truths, masks)"),
        ("matthews_corrcoef(truth.ravel(), mask.ravel())", "mcc_score(truths, masks)"),
        ("overlap.GetDiceCoefficient()", "dice_score(truths, masks)"),
        ("overlap.GetJaccardCoefficient()", "jaccard_score(truths, masks)"),
        ("1 - abs(overlap.GetVolumeSimilarity()) / 2", "volume_similarity(truths, masks)"),
        (
            "skimage.metrics.hausdorff_distance(truth, mask)",
            "hausdorff_distance(truths, masks)",
        ),
    ],
}

# What is a menu, or takes NIfTI images, in words.
WORDS = {
    "ImageJ": [
        ("Image > Adjust > Threshold, 100 to 255", "RangeMasker(100, 255)"),
        ("Auto Threshold, Otsu, White objects on black background", "HistogramThresholdMasker()"),
        ("Auto Threshold, MaxEntropy", 'HistogramThresholdMasker("kapur")'),
        ("Auto Threshold, MinError", 'HistogramThresholdMasker("minerror")'),
        ("Auto Threshold, Use stack histogram", "HistogramThresholdMasker()"),
        ("Auto Threshold, Stack", 'HistogramThresholdMasker(strategy="per_image")'),
        (
            "Auto Local Threshold, Phansalkar, Radius 15",
            'LocalThresholdMasker("phansalkar", window=31)',
        ),
        ("Process > Binary > Dilate", 'BinaryDilator("square")'),
        ("Process > Binary > Options, Iterations 3, Erode", 'BinaryEroder("square", iterations=3)'),
        ("Process > Binary > Fill Holes", "HoleFiller(connectivity=2)"),
        ("Analyze Particles, Size 50-Infinity", "SmallRegionRemover(50, connectivity=2)"),
        ("Analyze Particles, Exclude on edges", "BorderClearer(connectivity=2)"),
        ("Image Calculator, AND", "ThresholdMasker(60) & RangeMasker(high=150)"),
    ],
    "nilearn": [
        ("math_img, ``img > 100``", "ThresholdMasker(100)"),
        ("NiftiMasker with a mask_img", "MaskedPixelSelector(FixedMasker(mask))"),
        (
            "NiftiMasker that computes its mask",
            'MaskedPixelSelector(HistogramThresholdMasker(), combine="intersection")',
        ),
        (
            "intersect_masks, threshold=1, connected=False",
            "ThresholdMasker(60) & ThresholdMasker(100)",
        ),
        (
            "intersect_masks, threshold=0, connected=False",
            "ThresholdMasker(60) | ThresholdMasker(100)",
        ),
        (
            "intersect_masks, threshold=0.5, of three masks",
            "MaskVote([(str(t), ThresholdMasker(t)) for t in (60, 80, 100)])",
        ),
    ],
}
PAIRS = [pair for pairs in CODE.values() for pair in pairs]
IN_WORDS = [pair for pairs in WORDS.values() for pair in pairs]


# Rows that agree on most images; the page says which and why under "What differs".
MOSTLY = {
    "image > filters.threshold_minimum(image)",
    "image > filters.threshold_triangle(image)",
    "sitk.MomentsThreshold(itk_image, 0, 1, 256)",
    "sitk.RenyiEntropyThreshold(itk_image, 0, 1, 256)",
    "np.digitize(image, filters.threshold_multiotsu(image), right=True) == 1",
    "morphology.isotropic_erosion(mask, 3)",
    "skimage.metrics.hausdorff_distance(truth, mask)",
}

# The images in scikit-image's wheel: no others are there without a download.
IMAGES = (
    *("astronaut", "brick", "camera", "cat", "cell", "checkerboard", "clock", "coffee", "coins"),
    *("colorwheel", "grass", "gravel", "horse", "hubble_deep_field", "immunohistochemistry"),
    *("lfw_subset", "logo", "microaneurysms", "moon", "page", "retina", "rocket"),
    *("shepp_logan_phantom", "stereo_motorcycle", "text"),
)


def gray_image(name):
    """Return an image of scikit-image as gray values of uint8."""
    image = getattr(skimage.data, name)()
    image = image[0] if name == "stereo_motorcycle" else image
    image = np.concatenate(image[:20], axis=1) if name == "lfw_subset" else image
    image = rgb2gray(image[..., :3]) if image.ndim == 3 else image
    return (
        image if image.dtype == np.uint8 else np.round(image * 255.0).clip(0, 255).astype(np.uint8)
    )


@pytest.fixture(scope="module")
def names():
    """Return the names that the code of both columns uses."""
    return names_for(skimage.data.coins())


def names_for(image):
    """Return what both sides refer to, for an image."""
    mask, truth = image > 100, image > 110
    byte_mask = mask.astype(np.uint8)
    itk_mask = sitk.GetImageFromArray(byte_mask)
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(sitk.GetImageFromArray(truth.astype(np.uint8)), itk_mask)
    color = np.stack([image, image[::-1], image[:, ::-1]], axis=-1)
    return {
        "cv2": cv2,
        "filters": filters,
        "measure": measure,
        "morphology": morphology,
        "ndi": ndi,
        "np": np,
        "segmentation": segmentation,
        "sitk": sitk,
        "skimage": skimage,
        "f1_score": f1_score,
        "matthews_corrcoef": matthews_corrcoef,
        **{name: getattr(skmask, name) for name in skmask.__all__},
        **{name: getattr(skmask.metrics, name) for name in skmask.metrics.__all__},
        "image": image,
        "itk_image": sitk.GetImageFromArray(image),
        "color": color,
        "hsv": color % np.array([180, 255, 255], np.uint8),
        "mask": mask,
        "masks": mask[np.newaxis],
        "byte_mask": byte_mask,
        "itk_mask": itk_mask,
        "labels": measure.label(mask, connectivity=1),
        "truths": truth[np.newaxis],
        "truth": truth,
        "overlap": overlap,
    }


def ours_on(ours, names, *, color=None):
    """Return a score, or what an estimator makes of one mask or image."""
    result = eval(ours, names)
    if not hasattr(result, "fit_transform"):
        return result
    shown = "mask" if isinstance(result, MaskTransformer) else color or "image"
    return result.fit_transform(names[shown][np.newaxis])[0]


@pytest.mark.parametrize(("theirs", "ours"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_both_sides_agree(theirs, ours, names):
    result = agree(theirs, ours, names)
    if result.dtype == bool:
        assert 0 < np.mean(result) < 1


@pytest.mark.parametrize("name", IMAGES)
def test_both_sides_agree_on_all_images(name):
    image = gray_image(name)
    names = names_for(image[:: max(1, len(image) // 60), :: max(1, image.shape[1] // 60)].copy())
    for theirs, ours in PAIRS:
        if theirs not in MOSTLY:
            agree(theirs, ours, names)


@pytest.mark.filterwarnings("ignore::UserWarning:nilearn", "ignore::FutureWarning")
def test_nilearn_gives_the_same(names):
    from nibabel import Nifti1Image
    from nilearn.image import math_img
    from nilearn.maskers import NiftiMasker
    from nilearn.masking import intersect_masks

    def nifti(array):
        return Nifti1Image(array.astype(np.float32), np.eye(4))

    image = names["image"].astype(np.float32)
    masks = [nifti((image > t)[..., np.newaxis]) for t in (60, 80, 100)]
    found = {
        "math_img, ``img > 100``": math_img("img > 100", img=nifti(image[..., np.newaxis])),
        "intersect_masks, threshold=1, connected=False": intersect_masks(
            [masks[0], masks[2]], threshold=1, connected=False
        ),
        "intersect_masks, threshold=0, connected=False": intersect_masks(
            [masks[0], masks[2]], threshold=0, connected=False
        ),
        "intersect_masks, threshold=0.5, of three masks": intersect_masks(
            masks, threshold=0.5, connected=False
        ),
    }
    for words, result in found.items():
        ours = ours_on(dict(WORDS["nilearn"])[words], names)
        np.testing.assert_array_equal(ours, np.asarray(result.dataobj)[..., 0] != 0)
    mask_img = nifti(names["mask"][..., np.newaxis])
    signals = NiftiMasker(mask_img, standardize=False).fit_transform(
        nifti(np.stack([image] * 2, -1)[:, :, np.newaxis])
    )
    ours = ours_on(dict(WORDS["nilearn"])["NiftiMasker with a mask_img"], names)
    np.testing.assert_allclose(ours, signals[0], rtol=1e-6)


def agree(theirs, ours, names):
    """Hold both sides together, and give ours."""
    expected = eval(theirs, names)
    if isinstance(expected, sitk.Image):
        expected = sitk.GetArrayFromImage(expected)
    color = next((name for name in ("color", "hsv") if f"({name}," in theirs), None)
    result = np.asarray(ours_on(ours, names, color=color))
    if result.dtype == bool:
        np.testing.assert_array_equal(result, np.asarray(expected) != 0, err_msg=theirs)
    else:
        np.testing.assert_allclose(result, expected, rtol=1e-12, err_msg=theirs)
    return result


@pytest.mark.parametrize(("theirs", "ours"), IN_WORDS, ids=[pair[0] for pair in IN_WORDS])
def test_our_side_of_words_runs(theirs, ours, names):
    assert ours_on(ours, names).any()


def write_tables(page):
    """Return the page with its tables as they have to be."""
    for title, pairs in {**CODE, **WORDS}.items():
        before, heading, after = page.partition(f"\n{title}\n{'-' * len(title)}\n")
        mark = "``" if title in CODE else ""
        rows = "".join(
            f"   * - {mark}{theirs}{mark}\n     - ``{ours}``\n" for theirs, ours in pairs
        )
        table = f"{HEADER}{rows}\n"
        page = before + heading + TABLE.sub(lambda _, table=table: table, after, count=1)
    return page


def test_tables_of_the_page_are_these():
    page = PAGE.read_text()
    assert page.count(HEADER) == len({**CODE, **WORDS})
    assert write_tables(page) == page


if __name__ == "__main__":
    PAGE.write_text(write_tables(PAGE.read_text()))
