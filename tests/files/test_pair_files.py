"""Images and masks matched by name; everything that is wrong in one error."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from skmask.io import ImageFiles, MaskFiles, pair_files


@pytest.fixture
def folders(tmp_path):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    return tmp_path / "images", tmp_path / "masks"


def save(folder, name, shape=(3, 4), value=1):
    (folder / name).parent.mkdir(exist_ok=True, parents=True)
    Image.fromarray(np.full(shape, value, np.uint8)).save(folder / name)


def test_pairs_by_stem(folders):
    images, masks = folders
    for i in range(3):
        save(images, f"scan {i}.tif", (3, 4 + i), 10 * i)
        save(masks, f"scan {2 - i}.png", (3, 6 - i), 1)
    pairs = pair_files(images, masks)
    assert pairs.images.names == pairs.masks.names == ["scan 0", "scan 1", "scan 2"]
    assert [type(part) for part in pairs.values()] == [ImageFiles, MaskFiles, type(None)]
    assert [mask.shape for mask in pairs.masks] == [(3, 4), (3, 5), (3, 6)]


def test_pairs_in_subfolders(folders):
    images, masks = folders
    for folder in ("a", "b"):
        save(images, f"{folder}/1.png")
        save(masks, f"{folder}/1.png")
    pairs = pair_files(f"{images}/*/*.png", f"{masks}/**/*.png")
    assert pairs.images.names == pairs.masks.names == ["a/1", "b/1"]


def test_pairs_by_pattern_and_by_function(folders):
    folder, _ = folders
    for i in (1, 10, 2):
        save(folder, f"img{i}.png", value=i)
        save(folder, f"seg-{i}-final.png", value=1)
    for key in (r"\d+", r"-?(\d+)", lambda path: path.stem.split("-")[-2:][0].removeprefix("img")):
        pairs = pair_files(f"{folder}/img*.png", f"{folder}/seg*.png", key=key)
        assert pairs.images.names == ["img1", "img10", "img2"]
        assert pairs.masks.names == ["seg-1-final", "seg-10-final", "seg-2-final"]


def test_foreground_and_void(folders):
    images, masks = folders
    save(images, "a.png")
    Image.fromarray(np.array([[0, 3, 255]], np.uint8)).save(masks / "a.png")
    save(images, "a.png", (1, 3))
    pairs = pair_files(images, masks, foreground=3, void=255)
    assert_array_equal(pairs.masks[0], [[False, True, False]])
    assert_array_equal(pairs.roi[0], [[True, True, False]])
    again = pair_files(ImageFiles(images), MaskFiles(masks, foreground=3, void=255))
    assert_array_equal(again.roi[0], pairs.roi[0])
    with pytest.raises(ValueError, match="pair_files expects foreground and void as parameters of"):
        pair_files(images, MaskFiles(masks), void=255)


def test_all_problems_are_listed_in_one_error(folders):
    images, masks = folders
    for name in ("alone.png", "double.png", "double.tif", "large.png", "good.png", "color.png"):
        save(images, name)
    save(images, "color.png", (3, 4, 3))
    for name in ("widow.png", "double.png", "good.png", "color.png"):
        save(masks, name)
    save(masks, "large.png", (5, 6))
    with pytest.raises(ValueError, match="^pair_files expects one mask of the same size") as caught:
        pair_files(images, masks)
    first, *problems, last = str(caught.value).splitlines()
    assert first.endswith("got 5 problems:")
    assert problems[0].endswith(f"key 'double': {images}/double.png, {images}/double.tif")
    assert problems[1] == f"- no mask for {images}/alone.png"
    assert problems[2] == f"- no image for {masks}/widow.png"
    assert problems[3] == f"- {images}/large.png has shape (3, 4), {masks}/large.png has (5, 6)"
    assert "expects gray images, got 3 channels in" in problems[4]
    assert last == (
        "To match by a part of the names, give it as a regular expression, such as key='[0-9]+'."
    )
    with pytest.raises(ValueError, match=r"the pattern '\\\\d' is not in the name 'alone.png'"):
        pair_files(images, masks, key=r"\d")


def test_files_refused_for_one_reason_are_one_problem(folders):
    images, masks = folders
    for i in range(20):
        save(images, f"{i:02}.png", (3, 4, 3))
        save(masks, f"{i:02}.png")
    with pytest.raises(
        ValueError, match=r"got 1 problem:\n- ImageFiles expects gray images, got 3"
    ) as caught:
        pair_files(images, masks)
    assert str(caught.value).endswith("as the last axis. (19 more files like it)")


def test_long_lists_are_cut(folders):
    images, masks = folders
    for i in range(20):
        save(images, f"{i}.png")
    save(masks, "0.png")
    with pytest.raises(ValueError, match=r"(?s)got 19 problems:.*\.\.\. and 9 more"):
        pair_files(images, masks)


def test_channels_are_not_part_of_the_size(folders):
    images, masks = folders
    save(images, "a.png", (3, 4, 3))
    save(masks, "a.png")
    pairs = pair_files(ImageFiles(images, channel="all"), masks)
    assert pairs.images[0].shape == (3, 4, 3)
