"""One page of a contact sheet: header, people in two columns, legend. Points (1/72 inch) from the top-left corner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from db.formats.parts.sheet_pens import Color, Pen, Picture, Point
from db.formats.parts.sheet_text import measure, shorten, spell, wrap

Paper: TypeAlias = Literal["a4", "letter"]

PAPERS: Final[Mapping[Paper, Point]] = {"a4": (595.276, 841.89), "letter": (612.0, 792.0)}
"""Width and height of a page."""

COLUMNS: Final = 2
ROWS: Final = 5
PEOPLE_PER_PAGE: Final = COLUMNS * ROWS

_INK: Final[Color] = (26, 30, 36)
_SOFT: Final[Color] = (98, 105, 116)
_LINE: Final[Color] = (205, 210, 217)
_EMPTY: Final[Color] = (236, 238, 241)
_WHITE: Final[Color] = (255, 255, 255)
_STATE_COLORS: Final[Mapping[str, Color]] = {
    "accepted": (22, 117, 62),
    "rejected": (176, 36, 40),
    "disputed": (116, 58, 160),
    "stale": (156, 92, 0),
    "second look": (156, 92, 0),
}
_MARGIN: Final = 36.0
_BODY_TOP: Final = 88.0
_FOOT: Final = 30.0
_GUTTER: Final = 16.0
_CAPTION: Final = 33.0
_TILES: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class SheetEntry:
    """One person of a sheet.

    Attributes:
        strip: Three square pictures in a row ``(H, 3 H, 3)``: keypoints, body over the picture, body from the side.
            None where nothing could be drawn.
        title: Name of the picture.
        figures: Whose fit it is and what it measures.
        state: In words.
        notes: Reasons, flags, or why there is no picture.
    """

    strip: Picture | None
    title: str
    figures: str
    state: str
    notes: str = ""


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """What stands at the head of every page.

    Attributes:
        title: Name of the project.
        lines: What was asked for, and what is shown; two lines at most.
        paper: Size of the page.
        left_color: Of marks of left joints.
        right_color: Of marks of right joints.
        middle_color: Of the others.
    """

    title: str
    lines: Sequence[str]
    paper: Paper = "a4"
    left_color: Color = (255, 171, 46)
    right_color: Color = (92, 203, 255)
    middle_color: Color = (247, 243, 232)


def draw_page(pen: Pen, info: SheetInfo, entries: Sequence[SheetEntry], number: int, pages: int) -> None:
    """Draw one page.

    Args:
        pen: What to draw with.
        info: Header and paper.
        entries: At most :data:`PEOPLE_PER_PAGE`.
        number: Of the page, from 1.
        pages: How many there are.
    """
    width, height = PAPERS[info.paper]
    _draw_header(pen, info, width, f"Page {number} of {pages}")
    cell_width = (width - 2 * _MARGIN - (COLUMNS - 1) * _GUTTER) / COLUMNS
    row_height = (height - _BODY_TOP - _FOOT - 14) / ROWS
    for place, entry in enumerate(entries):
        row, column = divmod(place, COLUMNS)
        _draw_person(pen, entry, (_MARGIN + column * (cell_width + _GUTTER), _BODY_TOP + row * row_height), cell_width)
    _draw_legend(pen, info, width, height - _FOOT)


def _draw_header(pen: Pen, info: SheetInfo, width: float, page: str) -> None:
    right = width - _MARGIN
    pen.text((right, 46), page, 8.5, _SOFT, bold=False, anchor="right")
    room = right - _MARGIN - measure(page, 8.5) - 12
    title = shorten(spell(info.title), room, 15, bold=True)
    pen.text((_MARGIN, 47), title, 15, _INK, bold=True, anchor="left")
    for line, text in enumerate(info.lines[:2]):
        shown = shorten(spell(text), right - _MARGIN, 8.5)
        pen.text((_MARGIN, 61 + 11.5 * line), shown, 8.5, _SOFT, bold=False, anchor="left")
    _draw_line(pen, 79, width)


def _draw_person(pen: Pen, entry: SheetEntry, corner: Point, width: float) -> None:
    left, top = corner
    tile = width / _TILES
    if entry.strip is None:
        _draw_box(pen, corner, (width, tile), _EMPTY)
        for line, text in enumerate(wrap(spell(entry.notes), width - 16, 7.5, 6)):
            pen.text((left + 8, top + 16 + 10 * line), text, 7.5, _SOFT, bold=False, anchor="left")
    else:
        pen.picture(corner, (width, tile), entry.strip)
        for place in range(1, _TILES):
            _draw_box(pen, (left + place * tile - 0.75, top), (1.5, tile), _WHITE)
    base = top + tile + 10.5
    color = _STATE_COLORS.get(entry.state, _SOFT)
    pen.text((left + width, base), entry.state, 8, color, bold=True, anchor="right")
    room = width - measure(entry.state, 8, bold=True) - 8
    pen.text((left, base), shorten(spell(entry.title), room, 8, bold=True), 8, _INK, bold=True, anchor="left")
    figures = shorten(spell(entry.figures), width, 7.5)
    pen.text((left, base + 10), figures, 7.5, _SOFT, bold=False, anchor="left")
    if entry.notes and entry.strip is not None:
        notes = shorten(spell(entry.notes), width, 7.5)
        pen.text((left, base + 19.5), notes, 7.5, _INK, bold=False, anchor="left")


def _draw_legend(pen: Pen, info: SheetInfo, width: float, base: float) -> None:
    _draw_line(pen, base - 12, width)
    words = "Each person: keypoints · fitted body · the same from the picture's right. Joints:"
    pen.text((_MARGIN, base), words, 7.5, _SOFT, bold=False, anchor="left")
    x = _MARGIN + measure(words, 7.5) + 6
    middle = base - 2.6
    for name, color in (("left", info.left_color), ("right", info.right_color), ("middle", info.middle_color)):
        if name == "middle":
            _draw_diamond(pen, (x + 3, middle), 3.8, _INK)
            _draw_diamond(pen, (x + 3, middle), 2.9, color)
        else:
            pen.disc((x + 3, middle), 3.2, _INK)
            pen.disc((x + 3, middle), 2.5, color)
            if name == "right":
                pen.disc((x + 3, middle), 1.3, _INK)
        pen.text((x + 9, base), name, 7.5, _SOFT, bold=False, anchor="left")
        x += 9 + measure(name, 7.5) + 8
    pen.text((x, base), "faint and struck through: occluded", 7.5, _SOFT, bold=False, anchor="left")


def _draw_diamond(pen: Pen, middle: Point, reach: float, color: Color) -> None:
    x, y = middle
    pen.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], color)


def _draw_line(pen: Pen, y: float, width: float) -> None:
    _draw_box(pen, (_MARGIN, y), (width - 2 * _MARGIN, 0.6), _LINE)


def _draw_box(pen: Pen, corner: Point, size: Point, color: Color) -> None:
    (left, top), (width, height) = corner, size
    pen.polygon([(left, top), (left + width, top), (left + width, top + height), (left, top + height)], color)
