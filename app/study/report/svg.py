"""Shapes as SVG that stands within a page of HTML; the page's style has the colours (``f-first``: fill)."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from app.study.report.shapes import Box, Drawing, Label, Line, Marker, Shape
from app.study.report.typeface import plain


def draw_svg(drawing: Drawing, name: str) -> str:
    """The drawing as an ``<svg>`` element.

    Args:
        drawing: What to draw.
        name: Of the element, unique in its page.
    """
    size = f"{_number(drawing.width)} {_number(drawing.height)}"
    head = (
        f'<svg role="img" viewBox="0 0 {size}" aria-labelledby="{escape(name)}-title {escape(name)}-text">'
        f'<title id="{escape(name)}-title">{_text(drawing.title)}</title>'
        f'<desc id="{escape(name)}-text">{_text(drawing.description)}</desc>'
    )
    return "\n".join([head, *(line for shape in drawing.shapes for line in _iter_elements(shape)), "</svg>"])


def _iter_elements(shape: Shape) -> Iterator[str]:
    match shape:
        case Line():
            ends = " ".join(f'{key}="{_number(getattr(shape, key))}"' for key in ("x1", "y1", "x2", "y2"))
            dashes = ' stroke-dasharray="4 3"' if shape.dashed else ""
            yield f'<line {ends} class="s-{shape.ink}" stroke-width="{_number(shape.width)}"{dashes}/>'
        case Box():
            sides = " ".join(f'{key}="{_number(getattr(shape, key))}"' for key in ("x", "y", "width", "height"))
            yield f'<rect {sides} class="f-{shape.ink}"/>'
        case Marker():
            fill = "paper" if shape.hollow else shape.ink
            yield f'<path d="{_outline(shape)}" class="f-{fill} s-{shape.ink}" stroke-width="1.4"/>'
        case Label():
            weight = ' font-weight="600"' if shape.bold else ""
            yield (
                f'<text x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{_number(shape.size)}"'
                f' text-anchor="{shape.anchor}" class="f-{shape.ink}"{weight}>{_text(shape.text)}</text>'
            )


def _outline(marker: Marker) -> str:
    x, y, reach = marker.x, marker.y, marker.reach
    match marker.form:
        case "disc":
            r, across = _number(reach), _number(2 * reach)
            return f"M{_number(x - reach)} {_number(y)}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 -{across} 0z"
        case "square":
            corners = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
        case "diamond":
            corners = ((0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0))
    points = " ".join(f"{_number(x + reach * right)} {_number(y + reach * down)}" for right, down in corners)
    return f"M{points}z"


def _text(text: str) -> str:
    return escape(plain(text))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
