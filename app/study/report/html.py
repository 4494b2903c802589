"""A report as one page of HTML: style and plots are in it, nothing is loaded, no script runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from app.study.report.document import Block, Figure, Report
from app.study.report.shapes import Ink
from app.study.report.svg import draw_svg
from app.study.report.typeface import plain
from resources import report_template


@dataclass(frozen=True, slots=True)
class _Shown:
    kind: str
    value: Block
    svg: object = ""


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    blocks: tuple[_Shown, ...]


def render_html(report: Report) -> str:
    """The whole page; the same report gives the same text."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def finalize(value: object) -> object:
        return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    def show(block: Block, name: str) -> _Shown:
        svg = Markup(draw_svg(block.drawing, name)) if isinstance(block, Figure) else ""
        return _Shown(type(block).__name__.lower(), block, svg)

    sections = tuple(
        _Part(
            section.title,
            tuple(show(block, f"figure-{number}-{place}") for place, block in enumerate(section.blocks, 1)),
        )
        for number, section in enumerate(report.sections, 1)
    )
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=finalize, keep_trailing_newline=True)
    template = environment.from_string(report_template().read_text(encoding="utf-8"))
    return template.render(report=report, sections=sections, inks=get_args(Ink))
