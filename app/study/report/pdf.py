"""A report as PDF: A4, Open Sans, vector plots, page numbers; the same report gives the same bytes."""

from __future__ import annotations

import io
from typing import Any, Final

from app.study.report.document import Block, Bullets, Figure, Report, Table, Terms, Text
from app.study.report.pdf_flow import COLORS, build_drawing, build_styles, build_table, markup
from app.study.report.typeface import FONTS, clip, measure, register_fonts, shorten, spell

_MARGIN: Final = 48.0
_FOOT: Final = 54.0
_MOST_KEPT: Final = 14
"""Rows of a table that stays on one page."""
_BEGINNING: Final = 150.0


def render_pdf(report: Report) -> bytes:
    """The whole file."""
    register_fonts()
    _, pages = _set(report, None)  # once to count the pages, once to number them
    content, _ = _set(report, pages)
    return content


def _set(report: Report, pages: int | None) -> tuple[bytes, int]:
    from reportlab import rl_config
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    width, height = A4
    room = width - 2 * _MARGIN
    file = io.BytesIO()

    class Pages(BaseDocTemplate):  # type: ignore[misc] # reportlab has no types
        def afterFlowable(self, flowable: Any) -> None:  # noqa: N802 - reportlab's name
            """Headings are in the outline."""
            title = getattr(flowable, "outline_title", None)
            if title is not None:
                key = f"part-{title[0]}"
                self.canv.bookmarkPage(key)
                self.canv.addOutlineEntry(title[1], key)

    def draw_foot(canvas: Any, _: Any) -> None:
        from reportlab.lib.colors import HexColor

        canvas.saveState()
        canvas.setFont(FONTS[0], 7.4)
        canvas.setFillColor(HexColor(COLORS["soft"]))
        page = f"Page {canvas.getPageNumber()}" + ("" if pages is None else f" of {pages}")
        canvas.drawRightString(width - _MARGIN, 32, page)
        left = spell(f"{report.title} · {report.facts}")
        canvas.drawString(_MARGIN, 32, shorten(left, room - measure(page, 7.4) - 16, 7.4))
        canvas.restoreState()

    # One switch for the whole process, which contact sheets turn off: the bytes must not depend on what came before.
    rl_config.useA85 = 0
    made = Pages(
        file, pagesize=A4, invariant=1, pageCompression=1, lang="en-GB", displayDocTitle=True,
        initialFontName=FONTS[0],
        title=spell(report.title), author="Exemplar", subject=spell(report.question), creator="Exemplar",
    )  # fmt: skip
    frame = Frame(_MARGIN, _FOOT, room, height - _FOOT - _MARGIN, 0, 0, 0, 0)
    made.addPageTemplates(PageTemplate(frames=[frame], onPage=draw_foot))
    made.build(_build_flow(report, room))
    return file.getvalue(), made.page


def _build_flow(report: Report, width: float) -> list[Any]:
    from reportlab.platypus import Paragraph

    styles = build_styles()
    flow: list[Any] = [
        Paragraph(markup(report.title), styles["title"]),
        Paragraph(markup(report.question), styles["body"]),
        Paragraph(markup(report.facts), styles["small"]),
    ]
    if report.interim:
        flow.append(Paragraph(markup(report.interim), styles["interim"]))
    for place, paragraph in enumerate(report.answer):
        flow.append(Paragraph(markup(paragraph), styles["answer" if place else "answer first"]))
    for number, section in enumerate(report.sections, 1):
        heading = Paragraph(markup(section.title), styles["heading"])
        heading.outline_title = (number, spell(section.title))
        for place, block in enumerate(section.blocks):
            built = _build_block(block, styles, width)
            flow += _keep([heading, *built] if place == 0 else built, block)
    return flow


def _keep(flow: list[Any], block: Block) -> list[Any]:
    """Whole on one page, but for what is long: that begins only where there is room for its beginning."""
    from reportlab.platypus import CondPageBreak, KeepTogether

    rows = {Table: "rows", Terms: "pairs", Bullets: "items"}.get(type(block))
    if rows is not None and len(getattr(block, rows)) > _MOST_KEPT:
        return [CondPageBreak(_BEGINNING), *flow]
    return [KeepTogether(flow)]


def _build_block(block: Block, styles: dict[str, Any], width: float) -> list[Any]:
    from reportlab.platypus import Paragraph

    match block:
        case Text():
            return [Paragraph(markup(block.text), styles["body"])]
        case Bullets():
            return [Paragraph(markup(item), styles["bullet"], bulletText="•") for item in block.items]
        case Terms():
            return [_build_terms(block, styles, width)]
        case Table():
            return build_table(block, styles, width)
        case Figure():
            caption = Paragraph(markup(block.caption), styles["figure"])
            return [build_drawing(block.drawing, width), caption]


def _build_terms(block: Terms, styles: dict[str, Any], width: float) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import LongTable, Paragraph

    rows = [
        [Paragraph(markup(name), styles["term"]), Paragraph(markup(clip(text, 1500)), styles["meaning"])]
        for name, text in block.pairs
    ]
    look = [
        ("FONTNAME", (0, 0), (-1, -1), FONTS[0]),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(COLORS["grid"])),
    ]
    return LongTable(rows, colWidths=[0.24 * width, 0.76 * width], style=look, spaceAfter=8)
