"""``skmask show``: masks on their images, in one picture."""

from skmask._cli.arguments import (
    add_choices,
    add_mask_rules,
    check_suffix,
    choices_of,
    image_files,
    mask_files,
    note,
    paired_files,
)
from skmask._cli.pictures import montage, overlay, png_of
from skmask._files.encode import whole_file
from skmask.io import pair_files

HELP = """Draw masks on their images, side by side in one picture.

  skmask show images masks -o overlay.png
  skmask show images masks --truth true_masks -o overlay.png

The mask is blue. With true masks, green is right, orange is too much and blue is missing. Of volumes the
middle slice along the first axis is shown.
"""


def add_arguments(parser):
    """Add the arguments of this command."""
    parser.add_argument("images", metavar="IMAGES", help="folder, file or pattern")
    parser.add_argument("masks", metavar="MASKS", help="folder, file or pattern")
    parser.add_argument("--truth", metavar="TRUTH", help="folder, file or pattern of true masks")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="a .png file")
    parser.add_argument("--most", type=int, default=12, help="how many images to show (12)")
    add_choices(parser)
    add_mask_rules(parser)


def run(options):
    """Write the picture."""
    target = check_suffix(options.output, [".png"], "the picture")
    if options.most < 1:
        msg = f"skmask expects --most to be 1 or more, got {options.most}."
        raise ValueError(msg)
    truths = None
    if options.truth is None:
        pairs = paired_files(options)
    else:
        choices = choices_of(options)
        truth = mask_files(options.truth, choices, labels=options.labels, void=options.void)
        truths = pair_files(image_files(options), truth, key=options.key).masks
        pairs = pair_files(
            image_files(options), mask_files(options.masks, choices), key=options.key
        )
    shown = range(min(options.most, len(pairs.images)))
    pictures = [
        overlay(pairs.images[i], pairs.masks[i], None if truths is None else truths[i])
        for i in shown
    ]
    with whole_file(target) as file:
        file.write(png_of(montage(pictures)))
    note(f"{len(pictures)} of {len(pairs.images)} images in {target}")
    return 0
