"""Pieces of HTML that the sections of the report are made of."""

import base64
import html
import os
from collections.abc import Iterable, Sequence


def esc(text: object) -> str:
    """The text with HTML's special characters escaped, also for use within an attribute."""
    return html.escape(str(text), quote=True)


def percent(share: float) -> str:
    """A share as a percentage with one digit."""
    return f"{100 * share:.1f} %"


def sureness(probability: float) -> str:
    """A probability for people. What was found very likely is never called certain."""
    return "over 99.9 %" if probability > 0.999 else percent(probability)


def kilobytes(count: float) -> str:
    """A number of bytes in kilobytes."""
    return f"{count / 1000:,.1f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Cells are HTML; one that starts with "<td" brings its own tags."""
    body = "".join(
        "<tr>"
        + "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in row)
        + "</tr>"
        for row in rows
    )
    titles = "".join(f"<th>{esc(title)}</th>" for title in head)
    return (
        f'<div class="wide"><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def image(out: str, file: str, alt: str) -> str:
    """A JPEG below the folder OUT, embedded in the page."""
    with open(os.path.join(out, file), "rb") as picture:
        data = base64.b64encode(picture.read()).decode()
    return f'<img loading="lazy" alt="{esc(alt)}" src="data:image/jpeg;base64,{data}">'


def interval(figures: Sequence[float]) -> str:
    """The small print below a figure: the two ends of its interval."""
    return f'<span class="ci">{figures[0]:.3f} to {figures[1]:.3f}</span>'
