"""Parts of a report as what reportlab sets on pages: tables that break between rows, plots that stay vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from app.study.report.document import Cell, Table
from app.study.report.shapes import Box, Drawing, Ink, Label, Line, Marker
from app.study.report.typeface import FONTS, clip, spell

COLORS: Final[Mapping[Ink, str]] = {
    "text": "#1a1e24",
    "soft": "#545b66",
    "grid": "#d3d7dd",
    "band": "#f4f5f7",
    "paper": "#ffffff",
    "first": "#0072b2",
    "second": "#b84f00",
}

_LONGEST: Final = 240
"""Characters of a cell: rows have to fit a page."""
_MOST_COLUMNS: Final = 9
"""Of a table in type of the usual size."""


def markup(text: str) -> str:
    """A text as reportlab's paragraphs take it: no character in it is a command."""
    return escape(spell(text))


def build_styles() -> dict[str, Any]:
    """Styles of paragraphs by name."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.enums import TA_LEFT, TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle

    regular, bold = FONTS
    text, soft = HexColor(COLORS["text"]), HexColor(COLORS["soft"])
    body = ParagraphStyle(
        "body", fontName=regular, fontSize=9.2, leading=13, textColor=text, spaceAfter=5, bulletFontName=regular
    )
    small = {"fontSize": 7.4, "leading": 9.4, "spaceAfter": 0}

    def style(name: str, **values: Any) -> ParagraphStyle:
        return ParagraphStyle(name, parent=body, **values)

    return {
        "body": body,
        "small": style("small", **{**small, "textColor": soft}),
        "title": style("title", fontName=bold, fontSize=17, leading=21, spaceAfter=3),
        "heading": style(
            "heading", fontName=bold, fontSize=12.5, leading=16, spaceBefore=14, spaceAfter=5
        ),
        "interim": style(
            "interim", fontName=bold, borderColor=HexColor("#8a5a00"), borderWidth=0.8, borderPadding=6,
            backColor=HexColor("#fff4d6"), spaceBefore=14, spaceAfter=14, leftIndent=6, rightIndent=6,
        ),
        "answer": style("answer", fontSize=10, leading=14.2),
        "answer first": style("answer first", fontName=bold, fontSize=11.2, leading=15.6, spaceBefore=12),
        "caption": style("caption", fontSize=8.2, leading=10.8, spaceBefore=6, spaceAfter=4),
        "figure": style("figure", fontSize=8.2, leading=10.8, spaceBefore=3, spaceAfter=8),
        "bullet": style("bullet", leftIndent=10, bulletIndent=0, spaceAfter=3),
        **{
            f"wide {kind}{part}": style(
                f"wide {kind}{part}", **{**small, "fontSize": 6.7, "leading": 8.6}, fontName=bold if part else regular,
                alignment=TA_RIGHT if kind == "number" else TA_LEFT,
            )
            for kind in ("text", "number") for part in ("", " head")
        },
        "text": style("text", **small),
        "text head": style("text head", fontName=bold, **small),
        "number": style("number", alignment=TA_RIGHT, **small),
        "number head": style("number head", fontName=bold, alignment=TA_RIGHT, **small),
        "term": style("term", fontName=bold, fontSize=8.4, leading=11, spaceAfter=0),
        "meaning": style("meaning", fontSize=8.4, leading=11, spaceAfter=0),
        "note": style("note", fontSize=7.2, leading=9.2, textColor=soft, spaceBefore=1.5, spaceAfter=0),
    }  # fmt: skip


def build_table(table: Table, styles: Mapping[str, Any], width: float) -> list[Any]:
    """A table with its caption and notes; its head stands on every page it goes on."""
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import LongTable, Paragraph, Spacer

    whole = sum(column.width for column in table.columns)
    wide = "wide " if len(table.columns) > _MOST_COLUMNS else ""
    head = [Paragraph(markup(column.title), styles[f"{wide}{column.kind} head"]) for column in table.columns]
    rows = [
        [_build_cell(cell, styles[wide + column.kind]) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    text, band = HexColor(COLORS["text"]), HexColor(COLORS["band"])
    look = [
        ("FONTNAME", (0, 0), (-1, -1), FONTS[0]),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
        *(("LEFTPADDING", (place, 0), (place, -1), 12) for place in _text_columns(table) if place),
        ("LINEABOVE", (0, 0), (-1, 0), 1.1, text),
        ("LINEBELOW", (0, 0), (-1, 0), 0.5, text),
        ("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), 0.5, text),
        ("LINEBELOW", (0, -1), (-1, -1), 1.1, text),
        *(("BACKGROUND", (0, row), (-1, row), band) for row in range(1, len(rows) + 1, 2)),
    ]
    made = LongTable(
        [head, *rows], colWidths=[width * column.width / whole for column in table.columns], repeatRows=1, style=look
    )
    notes = [
        Paragraph(f"<super>{letter}</super> {markup(sentence)}", styles["note"]) for letter, sentence in table.notes
    ]
    return [Paragraph(markup(table.caption), styles["caption"]), made, Spacer(0, 3), *notes, Spacer(0, 7)]


def _text_columns(table: Table) -> list[int]:
    return [place for place, column in enumerate(table.columns) if column.kind == "text"]


def _build_cell(cell: Cell, style: Any) -> Any:
    from reportlab.platypus import Paragraph

    mark = f"<super>{cell.mark}</super>" if cell.mark else ""
    return Paragraph(markup(clip(cell.text, _LONGEST)) + mark, style)


def build_drawing(drawing: Drawing, width: float) -> Any:
    """A plot of this width."""
    from reportlab.platypus import Flowable

    zoom = width / drawing.width

    class Plot(Flowable):  # type: ignore[misc] # reportlab has no types
        def wrap(self, *_: float) -> tuple[float, float]:
            return width, drawing.height * zoom

        def draw(self) -> None:
            canvas = self.canv
            canvas.translate(0, drawing.height * zoom)
            canvas.scale(zoom, zoom)
            for shape in drawing.shapes:
                _draw(canvas, shape)

    return Plot()


def _draw(canvas: Any, shape: Line | Box | Marker | Label) -> None:
    from reportlab.lib.colors import HexColor

    color = HexColor(COLORS[shape.ink])
    match shape:
        case Line():
            canvas.setStrokeColor(color)
            canvas.setLineWidth(shape.width)
            canvas.setDash([4, 3] if shape.dashed else [])
            canvas.line(shape.x1, -shape.y1, shape.x2, -shape.y2)
            canvas.setDash([])
        case Box():
            canvas.setFillColor(color)
            canvas.rect(shape.x, -shape.y - shape.height, shape.width, shape.height, stroke=0, fill=1)
        case Marker():
            canvas.setStrokeColor(color)
            canvas.setLineWidth(1.4)
            canvas.setFillColor(HexColor(COLORS["paper"]) if shape.hollow else color)
            _draw_marker(canvas, shape)
        case Label():
            canvas.setFillColor(color)
            canvas.setFont(FONTS[shape.bold], shape.size)
            draw = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}
            draw[shape.anchor](shape.x, -shape.y, spell(shape.text))


def _draw_marker(canvas: Any, marker: Marker) -> None:
    x, y, reach = marker.x, -marker.y, marker.reach
    match marker.form:
        case "disc":
            canvas.circle(x, y, reach, stroke=1, fill=1)
        case "square":
            canvas.rect(x - reach, y - reach, 2 * reach, 2 * reach, stroke=1, fill=1)
        case "diamond":
            reach *= 1.25
            path = canvas.beginPath()
            path.moveTo(x, y - reach)
            for corner in ((x + reach, y), (x, y + reach), (x - reach, y)):
                path.lineTo(*corner)
            path.close()
            canvas.drawPath(path, stroke=1, fill=1)
