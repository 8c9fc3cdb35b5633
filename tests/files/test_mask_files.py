"""Masks in files: which pixels are foreground is a rule that the user gives."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from sklearn.model_selection import train_test_split

from skmask.io import ImageFiles, MaskFiles

LABELS = np.array([[0, 1, 2], [255, 2, 0]], np.uint8)


def save(path, labels=LABELS, **options):
    Image.fromarray(labels).save(path, **options)
    return path


@pytest.mark.parametrize("foreground", [None, "nonzero", 255])
def test_masks_that_jpeg_has_changed_are_refused(tmp_path, foreground):
    mask = np.add.outer(np.arange(20), np.arange(20)) > 17
    path = save(tmp_path / "a.JPG", mask.astype(np.uint8) * 255)
    with pytest.raises(
        ValueError, match=r"got JPEG, which changes them, in .*a.JPG. Save masks as PNG."
    ):
        MaskFiles(path, foreground=foreground)[0]
    assert_array_equal(ImageFiles(path)[0] > 127, mask)
    save(tmp_path / "b.jpg", np.zeros((8, 8), np.uint8))
    assert not MaskFiles(tmp_path / "b.jpg", foreground=foreground)[0].any()


@pytest.mark.parametrize("high", [1, 255])
def test_two_values_are_masks(tmp_path, high):
    save(tmp_path / "a.png", np.array([[0, high], [high, 0]], np.uint8))
    save(tmp_path / "b.png", np.zeros((2, 2), np.uint8))
    save(tmp_path / "c.png", np.full((2, 2), high, np.uint8))
    save(tmp_path / "d.png", np.eye(2) > 0)
    masks = MaskFiles(tmp_path)
    assert [mask.tolist() for mask in masks] == [
        [[False, True], [True, False]],
        [[False, False]] * 2,
        [[True, True]] * 2,
        [[True, False], [False, True]],
    ]
    assert masks.roi is None
    assert masks.info(0).dtype == np.uint8  # of the file


def test_other_values_need_a_rule(tmp_path):
    save(tmp_path / "a.png")
    match = r"^MaskFiles expects masks of two values, .* got 0, 1, 2, 255 in .*a.png.*'nonzero'"
    with pytest.raises(ValueError, match=match):
        MaskFiles(tmp_path)[0]
    save(tmp_path / "a.png", np.array([[0, 128]], np.uint8))
    with pytest.raises(ValueError, match="got 0, 128 in"):
        MaskFiles(tmp_path)[0]
    np.save(tmp_path / "b.npy", np.linspace(0, 1, 9).reshape(3, 3))
    with pytest.raises(ValueError, match=r"0.5, 0.625, \.\.\. in .*b.npy"):
        MaskFiles(tmp_path)[1]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"foreground": 2}, LABELS == 2),
        ({"foreground": [1, 2]}, (LABELS == 1) | (LABELS == 2)),
        ({"foreground": "nonzero"}, LABELS != 0),
        ({"foreground": "nonzero", "void": 255}, (LABELS != 0) & (LABELS != 255)),
        ({"void": [2, 255]}, LABELS == 1),
    ],
    ids=str,
)
def test_rules(tmp_path, rule, expected):
    save(tmp_path / "a.png")
    masks = MaskFiles(tmp_path, **rule)
    assert_array_equal(masks[0], expected)
    if "void" in rule:
        assert_array_equal(masks.roi[0], ~np.isin(LABELS, rule["void"]))


def test_palette_files_hold_labels(tmp_path):
    image = Image.fromarray(LABELS, "P")
    image.putpalette([i for i in range(256) for _ in range(3)])
    image.save(tmp_path / "a.png")
    assert_array_equal(MaskFiles(tmp_path, foreground=2, void=255)[0], LABELS == 2)


def test_colors_are_labels_by_their_code(tmp_path):
    colors = np.array([[[255, 0, 0], [0, 0, 255]], [[255, 255, 255], [255, 0, 1]]], np.uint8)
    save(tmp_path / "a.png", colors)
    masks = MaskFiles(tmp_path, foreground="#FF0000", void="#ffffff")
    assert masks[0].tolist() == [[True, False], [False, False]]
    assert masks.roi[0].tolist() == [[True, True], [False, True]]
    assert masks.mask_shape(0) == (2, 2)
    with pytest.raises(ValueError, match="MaskFiles expects gray images, got 3 channels"):
        MaskFiles(tmp_path, foreground=1)[0]
    assert MaskFiles(tmp_path, channel=1, foreground="nonzero")[0].sum() == 1
    save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="got gray values in .*a.png. Pass labels as integers"):
        MaskFiles(tmp_path, foreground="#ff0000")[0]


@pytest.mark.parametrize("labels", ["red", "#ff00", 1.5, [], [[1]], ["#ff0000", "#00ff00"]])
def test_labels_that_are_none(tmp_path, labels):
    save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="MaskFiles expects foreground to be a label, a list of"):
        MaskFiles(tmp_path, foreground=labels)
    with pytest.raises(ValueError, match="MaskFiles expects void to be a label"):
        MaskFiles(tmp_path, void=labels)


def test_parts_keep_their_rule(tmp_path):
    for i in range(4):
        save(tmp_path / f"{i}.png", np.where(LABELS == 2, np.uint8(i), LABELS))
    masks = MaskFiles(tmp_path, foreground=3, void=255)
    roi = masks.roi
    train, test = train_test_split(masks, shuffle=False, test_size=1)
    assert [mask.sum() for mask in train] == [0, 0, 0]
    assert test[0].sum() == 2
    assert roi[[1]][0].sum() == 5
    images = ImageFiles(masks)  # the same files
    assert_array_equal(images[3], np.where(LABELS == 2, 3, LABELS))
