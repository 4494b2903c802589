"""What contact sheets are drawn with: a pen for PDF, another for pictures. Points (1/72 inch) from the top left."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from db.formats.parts.sheet_text import load_font
from resources import font_file

Color: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]
Picture: TypeAlias = NDArray[np.uint8]
Anchor: TypeAlias = Literal["left", "right"]

DPI: Final = 200
"""Resolution of pages that are pictures."""
QUALITY: Final = 82
"""JPEG quality of the pictures in a PDF."""
_FONTS: Final = ("ExemplarSans", "ExemplarSansBold")


class Pen(Protocol):
    """Draws on one page."""

    def text(self, at: Point, text: str, size: float, color: Color, *, bold: bool, anchor: Anchor) -> None:
        """A line of text; ``at`` is the end of its base line that ``anchor`` names."""
        ...

    def picture(self, corner: Point, size: Point, pixels: Picture) -> None:
        """A picture ``(H, W, 3)`` in a rectangle."""
        ...

    def polygon(self, corners: Sequence[Point], color: Color) -> None:
        """A filled polygon."""
        ...

    def disc(self, middle: Point, radius: float, color: Color) -> None:
        """A filled circle."""
        ...


class PdfPages:
    """Pages of a PDF; the same pages give the same bytes. It is a :class:`Pen` on the newest page."""

    def __init__(self, size: Point, title: str) -> None:
        from reportlab import rl_config
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont
        from reportlab.pdfgen.canvas import Canvas

        rl_config.useA85 = 0  # JPEG as it is, not as text a quarter longer
        for name, bold in zip(_FONTS, (False, True), strict=True):
            pdfmetrics.registerFont(TTFont(name, str(font_file(bold=bold))))
        self._height = size[1]
        self._canvas: Any = Canvas(io.BytesIO(), pagesize=size, invariant=1, pageCompression=1)
        self._canvas.setTitle(title)
        self._canvas.setSubject("Contact sheet")
        self._canvas.setAuthor("Exemplar")
        self._canvas.setCreator("Exemplar")

    def text(self, at: Point, text: str, size: float, color: Color, *, bold: bool, anchor: Anchor) -> None:
        """See :class:`Pen`."""
        self._fill(color)
        self._canvas.setFont(_FONTS[bold], size)
        draw = self._canvas.drawString if anchor == "left" else self._canvas.drawRightString
        draw(at[0], self._height - at[1], text)

    def picture(self, corner: Point, size: Point, pixels: Picture) -> None:
        """See :class:`Pen`."""
        from reportlab.lib.utils import ImageReader

        content = io.BytesIO()
        Image.fromarray(pixels).save(content, "JPEG", quality=QUALITY)
        content.seek(0)
        self._canvas.drawImage(ImageReader(content), corner[0], self._height - corner[1] - size[1], *size)

    def polygon(self, corners: Sequence[Point], color: Color) -> None:
        """See :class:`Pen`."""
        self._fill(color)
        path = self._canvas.beginPath()
        path.moveTo(corners[0][0], self._height - corners[0][1])
        for x, y in corners[1:]:
            path.lineTo(x, self._height - y)
        path.close()
        self._canvas.drawPath(path, stroke=0, fill=1)

    def disc(self, middle: Point, radius: float, color: Color) -> None:
        """See :class:`Pen`."""
        self._fill(color)
        self._canvas.circle(middle[0], self._height - middle[1], radius, stroke=0, fill=1)

    def finish_page(self) -> None:
        """The page is done; what follows goes onto the next."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The whole file."""
        content: bytes = self._canvas.getpdfdata()
        return content

    def _fill(self, color: Color) -> None:
        self._canvas.setFillColorRGB(*(value / 255 for value in color))


class PicturePage:
    """A page as a picture, a :class:`Pen`."""

    def __init__(self, size: Point) -> None:
        self._zoom = DPI / 72
        self._page = Image.new("RGB", (round(size[0] * self._zoom), round(size[1] * self._zoom)), (255, 255, 255))
        self._pen = ImageDraw.Draw(self._page)

    def text(self, at: Point, text: str, size: float, color: Color, *, bold: bool, anchor: Anchor) -> None:
        """See :class:`Pen`."""
        font = load_font(size * self._zoom, bold)
        self._pen.text(self._place(at), text, color, font, anchor="ls" if anchor == "left" else "rs")

    def picture(self, corner: Point, size: Point, pixels: Picture) -> None:
        """See :class:`Pen`."""
        left, top = map(round, self._place(corner))
        right, bottom = map(round, self._place((corner[0] + size[0], corner[1] + size[1])))
        self._page.paste(Image.fromarray(pixels).resize((right - left, bottom - top)), (left, top))

    def polygon(self, corners: Sequence[Point], color: Color) -> None:
        """See :class:`Pen`."""
        self._pen.polygon([self._place(corner) for corner in corners], color)

    def disc(self, middle: Point, radius: float, color: Color) -> None:
        """See :class:`Pen`."""
        x, y = self._place(middle)
        reach = radius * self._zoom
        self._pen.ellipse([x - reach, y - reach, x + reach, y + reach], color)

    def finish(self) -> bytes:
        """The page as PNG."""
        content = io.BytesIO()
        self._page.save(content, "PNG", dpi=(DPI, DPI))
        return content.getvalue()

    def _place(self, point: Point) -> Point:
        return point[0] * self._zoom, point[1] * self._zoom
