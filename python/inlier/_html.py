"""How values look in a notebook."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from inlier._inlier import decode
from inlier._png import png_of
from inlier.errors import Error
from inlier.pictures import Order, PictureLike, as_picture

if TYPE_CHECKING:
    from inlier.items import Item
    from inlier.values import Answer, Hit

_SIDE = 480  # the long side of a photo on the page, in pixels
_COLOURS = ("#2ca02c", "#1f77b4", "#ff7f0e", "#9467bd", "#17becf")
_REFUSED = "#999999"


def answer_page(answer: Answer, photo: PictureLike | None, order: Order | None) -> str:
    """The photo with the outlines of the hits, and a table of them."""
    drawing = ""
    if photo is not None:
        try:
            drawing = _photo_with(answer, photo, order)
        except (Error, OSError, TypeError, ValueError):
            drawing = "<p>The photo is no longer there.</p>"
    return f"<div>{drawing}{table_of(answer.hits)}</div>"


def table_of(hits: Sequence[Hit]) -> str:
    if not hits:
        return "<p>Nothing of the catalogue.</p>"
    rows = [_row("th", ["", "id", "probability", "inliers", "metadata", "why not"])]
    for number, hit in enumerate(hits):
        mark = f'<span style="color:{_colour(hit, number)}">■</span>'
        metadata = ", ".join(f"{name}={value}" for name, value in hit.metadata.items())
        cells = [hit.id, f"{hit.probability:.3f}", hit.inliers, metadata, hit.reason or ""]
        rows.append(f"<tr><td>{mark}</td>" + _cells("td", cells) + "</tr>")
    return f"<table>{''.join(rows)}</table>"


def item_table(item: Item) -> str:
    rows = [_row("th", [item.id, ""])]
    rows += [_row("td", [name, value]) for name, value in item.metadata.items()]
    for picture in item.pictures:
        rows.append(_row("td", [picture.name, f"{picture.width} × {picture.height}"]))
    return f"<table>{''.join(rows)}</table>"


def _row(kind: str, cells: Sequence[object]) -> str:
    return f"<tr>{_cells(kind, cells)}</tr>"


def _cells(kind: str, cells: Sequence[object]) -> str:
    return "".join(f"<{kind}>{html.escape(str(cell))}</{kind}>" for cell in cells)


def _colour(hit: Hit, number: int) -> str:
    return _COLOURS[number % len(_COLOURS)] if hit.accepted else _REFUSED


def _photo_with(answer: Answer, photo: PictureLike, order: Order | None) -> str:
    pixels, width, height = decode(as_picture(photo, order), _SIDE)
    step = max(1, max(pixels.shape[:2]) // _SIDE)
    data = base64.b64encode(png_of(pixels[::step, ::step])).decode()
    scale = min(1.0, _SIDE / max(width, height))
    lines = []
    for number, hit in enumerate(answer.hits):
        if hit.polygon is None:
            continue
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in hit.polygon)
        lines.append(
            f'<polygon points="{points}" fill="none" stroke="{_colour(hit, number)}" '
            f'stroke-width="{3 / scale:.1f}"><title>{html.escape(hit.id)}</title></polygon>'
        )
    return (
        f'<svg viewBox="-0.5 -0.5 {width} {height}" width="{width * scale:.0f}" '
        f'height="{height * scale:.0f}" xmlns="http://www.w3.org/2000/svg">'
        f'<image href="data:image/png;base64,{data}" x="-0.5" y="-0.5" width="{width}" '
        f'height="{height}"/>{"".join(lines)}</svg>'
    )
