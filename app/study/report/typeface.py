"""The type of reports: how wide a text is, what is cut off it, and characters no page can show."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from resources import font_file

FONTS: Final = ("ExemplarSans", "ExemplarSansBold")
"""Names of regular and bold type in PDF."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


@lru_cache(maxsize=1)
def register_fonts() -> None:
    """Make Open Sans known to reportlab, once a process."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name, bold in zip(FONTS, (False, True), strict=True):
        pdfmetrics.registerFont(TTFont(name, str(font_file(bold=bold))))
    pdfmetrics.registerFontFamily(FONTS[0], normal=FONTS[0], bold=FONTS[1], italic=FONTS[0], boldItalic=FONTS[1])


def measure(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in the unit of its size."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    register_fonts()
    return float(stringWidth(text, FONTS[bold], size))


def shorten(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of its two ends around an ellipsis as fits the width."""
    if measure(text, size, bold=bold) <= width:
        return text
    for kept in range(min(len(text) - 1, int(width)), 1, -1):
        cut = f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
        if measure(cut, size, bold=bold) <= width:
            return cut
    return "…"


def clip(text: str, most: int) -> str:
    """The text, or its two ends around an ellipsis if it has more characters."""
    if len(text) <= most:
        return text
    return f"{text[: most - most // 2]}…{text[len(text) - most // 2 :]}"


def plain(text: str) -> str:
    """The text on one line; characters that are not seen, or that turn the direction of others, as their code."""
    flat = text.replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
    return "".join(_code(one) if unicodedata.category(one) in _UNSEEN else one for one in flat)


def spell(text: str) -> str:
    """:func:`plain`, and characters that the typeface lacks as their code, ``\\u65e5``."""
    known = _known_characters()
    return "".join(one if ord(one) in known else _code(one) for one in plain(text))


def _code(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")


@lru_cache(maxsize=1)
def _known_characters() -> frozenset[int]:
    from reportlab.pdfbase.ttfonts import TTFontFace

    return frozenset(TTFontFace(str(font_file())).charToGlyph)
