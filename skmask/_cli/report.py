"""The report of ``skmask learn``: one HTML file that holds its pictures."""

import html

from skmask._cli.pictures import histogram_svg, overlay, png_link
from skmask._files.encode import whole_file
from skmask._version import __version__
from skmask.metrics import dice_score

_MOST_SHOWN = 4
_MOST_ROWS = 10

_STYLE = """ body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0
1rem; color: #222; } figure { display: inline-block; margin: 0 .5rem 1rem 0; vertical-align: top; }
figure img { width: 14rem; image-rendering: pixelated; } figcaption { font-size: .85rem; max-width:
14rem; overflow-wrap: anywhere; } table { border-collapse: collapse; } th, td { padding: .15rem .8rem
.15rem 0; text-align: left; } svg { width: 100%; font-size: 12px; }
"""


def write_report(path, model, images, masks, *, sentence, search_rows=None):
    """Write what was learned, and on which training images it is good and bad.

    Parameters
    ----------
    path : pathlib.Path
        The HTML file.
    model : Pipeline
        Fitted.
    images : ImageFiles
        The training images, which are read one at a time.
    masks : MaskFiles or None
        Their masks. With them images are ordered by their Dice score, without by the share of foreground.
    sentence : str
        The model in words.
    search_rows : list of dict, default=None
        Settings that were tried, the best first.
    """
    rows = [_measure(model, images, masks, i) for i in range(len(images))]
    key = "foreground" if masks is None else "dice"
    order = sorted(range(len(rows)), key=lambda i: rows[i][key])
    parts = [f"<h1>Masks learned from {len(images)} images</h1><p>{html.escape(sentence)}</p>"]
    for _, step in model.steps:
        if hasattr(step, "histogram_") and hasattr(step, "threshold_"):
            parts.append("<h2>Histogram of the training pixels and threshold</h2>")
            parts.append(histogram_svg(step.histogram_, step.bin_edges_, step.threshold_))
    if search_rows is not None:
        parts.append(
            f"<h2>Search</h2><p>The best of {len(search_rows)} maskers, by their Dice scores on images that "
            "they were not fitted on.</p>"
        )
        parts.append(_table(search_rows[:_MOST_ROWS]))
    names = ("Least", "Most") if masks is None else ("Worst", "Best")
    words = "foreground" if masks is None else "training images by Dice score"
    if masks is not None:
        parts.append("<p>Green is right, orange is too much, blue is missing.</p>")
    worst = order[:_MOST_SHOWN]
    for name, shown in zip(names, [worst, order[::-1][: len(order) - len(worst)]], strict=True):
        if shown:
            figures = [_figure(model, images, masks, i, rows[i]) for i in shown[:_MOST_SHOWN]]
            parts.append(f"<h2>{name} {words}</h2>{''.join(figures)}")
    parts += ["<h2>All training images</h2>", _table([rows[i] for i in order])]
    parts.append(f"<p><small>Made with skmask {__version__}.</small></p>")
    page = (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Masks learned by skmask</title>"
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>"
    )
    with whole_file(path) as file:
        file.write(page.encode(errors="replace"))


def _measure(model, images, masks, i):
    (mask,) = model.transform([images[i]])
    row = {"image": images.names[i], "foreground": float(mask.mean())}
    if masks is not None:
        row["dice"] = float(dice_score([masks[i]], [mask]))
    return row


def _figure(model, images, masks, i, row):
    image = images[i]
    (mask,) = model.transform([image])
    picture = overlay(image, mask, None if masks is None else masks[i])
    numbers = f"{row['foreground']:.1%} foreground"
    if masks is not None:
        numbers = f"Dice {row['dice']:.3f}, {numbers}"
    name = html.escape(row["image"])
    return (
        f"<figure><img src='{png_link(picture)}' alt='Mask on {name}'>"
        f"<figcaption>{name}<br>{numbers}</figcaption></figure>"
    )


def _table(rows):
    head = "".join(f"<th>{name}</th>" for name in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_shown(value)}</td>" for value in row.values()) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _shown(value):
    return f"{value:.3f}" if isinstance(value, float) else html.escape(str(value))
