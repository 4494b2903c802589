"""The type of contact sheets: how wide a text is, what is cut off it, and what the typeface cannot show."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PIL import ImageFont

from resources import font_file

_UNIT: Final = 100
"""Size at which texts are measured; widths grow with the size."""


@lru_cache(maxsize=8)
def load_font(size: float, bold: bool) -> ImageFont.FreeTypeFont:
    """Typeface for drawing on pictures; ``size`` in pixels."""
    # The plain layout engine is in every Pillow; the other would set the same text otherwise.
    return ImageFont.truetype(font_file(bold=bold), size, layout_engine=ImageFont.Layout.BASIC)


def measure(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in the unit of its size."""
    return load_font(_UNIT, bold).getlength(text) * size / _UNIT


def shorten(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of its two ends around an ellipsis as fits the width."""
    if measure(text, size, bold=bold) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        cut = f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
        if measure(cut, size, bold=bold) <= width:
            return cut
    return "…"


def wrap(text: str, width: float, size: float, most_lines: int) -> list[str]:
    """The text in lines that fit the width; what is beyond the last line ends in an ellipsis."""
    lines, words = [""], text.split()
    for place, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or measure(longer, size) <= width:
            lines[-1] = longer
        elif len(lines) < most_lines:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {' '.join(words[place:])}"
            break
    return [shorten(line, width, size) for line in lines if line]


def spell(text: str) -> str:
    """The text with characters that the typeface lacks as their code, ``\\u65e5``; line ends become blanks."""
    known = _known_characters()
    flat = " ".join(text.split())
    return "".join(one if ord(one) in known else one.encode("unicode_escape").decode("ascii") for one in flat)


@lru_cache(maxsize=1)
def _known_characters() -> frozenset[int]:
    from reportlab.pdfbase.ttfonts import TTFontFace

    return frozenset(TTFontFace(str(font_file())).charToGlyph)
