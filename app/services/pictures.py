"""Pictures put together for people: crops, overlays, drawn keypoints, strips and contact sheets. Numpy and Pillow only.

Marks look as on the canvas: left is a filled disc, right a ring, middle a diamond, occluded joints are faint and
struck through; the shape tells the side, the colour repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fitting.spec import ByteImage, FloatArray, Window
from resources.skeleton import Side, Skeleton

SIDE_COLORS: Final[dict[Side, tuple[int, int, int]]] = {
    "left": (255, 171, 46),
    "right": (92, 203, 255),
    "middle": (247, 243, 232),
}
_HALO: Final = (8, 10, 14)
_OVERSAMPLING: Final = 4
_PAPER: Final = (28, 31, 36)
_INK: Final = (232, 234, 237)
_CAPTION_PX: Final = 15
_GAP_PX: Final = 10


def crop_window(picture: ByteImage, window: Window, size_px: tuple[int, int]) -> ByteImage:
    """The part of a picture ``(H, W, 3)`` under a window, resampled to ``size_px``; grey where there is no picture.

    Pixel corners map on pixel corners exactly, so a layer drawn for the same window lies on it without a shift.
    """
    zoom_x, zoom_y = window.width / size_px[0], window.height / size_px[1]
    source = Image.fromarray(np.dstack((picture, np.full(picture.shape[:2], 255, dtype=np.uint8))))
    # An affine transform takes samples: shrinking needs an average over blocks of whole pixels first.
    blocks = (max(1, int(zoom_x)), max(1, int(zoom_y)))
    source = source.reduce(blocks)
    coefficients = (zoom_x / blocks[0], 0.0, window.x / blocks[0], 0.0, zoom_y / blocks[1], window.y / blocks[1])
    crop = source.transform(size_px, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    return composite(np.full((size_px[1], size_px[0], 3), 96, dtype=np.uint8), np.asarray(crop))


def composite(picture: ByteImage, layer_rgba: ByteImage, opacity: float = 1.0) -> ByteImage:
    """A straight-alpha layer ``(H, W, 4)`` over a picture ``(H, W, 3)`` of the same size.

    ``opacity`` scales the layer's alpha; 0 gives the picture back, pixel by pixel.

    Raises:
        ValueError: The sizes differ or the opacity is not within 0-1.
    """
    if picture.shape[:2] != layer_rgba.shape[:2]:
        raise ValueError(f"a layer of {layer_rgba.shape[:2]} pixels does not fit a picture of {picture.shape[:2]}")
    if not 0.0 <= opacity <= 1.0:
        raise ValueError(f"opacity {opacity} is not between 0 and 1")
    alpha = layer_rgba[..., 3:].astype(np.float32) * (opacity / 255.0)
    mixed = picture + alpha * (layer_rgba[..., :3].astype(np.float32) - picture)
    return (mixed + 0.5).astype(np.uint8)


def draw_keypoints(picture: ByteImage, keypoints: FloatArray, skeleton: Skeleton, *, radius: float = 4.5) -> ByteImage:
    """A copy of a picture with joints and bones drawn on it, smooth-edged.

    Args:
        picture: ``(H, W, 3)``.
        keypoints: ``(J, 3)`` x, y in pixels of the picture (corner origin) and visibility 0, 1 or 2.
        skeleton: Layout of the keypoints.
        radius: Of a mark, pixels.
    """
    size = (picture.shape[1], picture.shape[0])
    large = Image.new("RGBA", (size[0] * _OVERSAMPLING, size[1] * _OVERSAMPLING), (0, 0, 0, 0))
    pen = ImageDraw.Draw(large)
    unit = radius * _OVERSAMPLING
    points = keypoints[:, :2] * _OVERSAMPLING
    for start, end in skeleton.bones:
        if keypoints[start, 2] > 0 and keypoints[end, 2] > 0:
            faint = min(keypoints[start, 2], keypoints[end, 2]) < 2
            _draw_bone(pen, points[start], points[end], SIDE_COLORS[_bone_side(skeleton, start, end)], unit, faint)
    for joint in np.flatnonzero(keypoints[:, 2] > 0):
        _draw_mark(pen, points[joint], skeleton.side(int(joint)), bool(keypoints[joint, 2] < 2), unit)
    return composite(picture, _shrink(large, size))


def build_strip(
    picture: ByteImage,
    window: Window,
    keypoints: FloatArray,
    skeleton: Skeleton,
    overlay_rgba: ByteImage,
    side_rgba: ByteImage | None = None,
    opacity: float = 0.85,
) -> ByteImage:
    """One person in a row: keypoints, body over the picture, body from the side.

    Args:
        picture: Whole image ``(H, W, 3)``.
        window: Part of it to show.
        keypoints: ``(J, 3)`` image pixels and visibility.
        skeleton: Layout of the keypoints.
        overlay_rgba: Layer drawn for ``window``; its size is the size of a tile.
        side_rgba: Layer of the same height, or None.
        opacity: Of the body over the picture.
    """
    height, width = overlay_rgba.shape[:2]
    crop = crop_window(picture, window, (width, height))
    zoom = np.array([width / window.width, height / window.height])
    local = np.array(keypoints, dtype=np.float64)
    local[:, :2] = (local[:, :2] - [window.x, window.y]) * zoom
    tiles = [draw_keypoints(crop, local, skeleton, radius=max(3.0, width / 80)), composite(crop, overlay_rgba, opacity)]
    if side_rgba is not None:
        tiles.append(composite(build_backdrop(side_rgba.shape[1], height), side_rgba))
    return np.concatenate(tiles, axis=1)


def build_contact_sheet(tiles: Sequence[tuple[ByteImage, str]], columns: int) -> ByteImage:
    """Pictures with captions in a grid, dark paper; columns as wide as the widest picture.

    A caption that is too long loses its middle, never its ends.

    Raises:
        ValueError: No pictures or no columns.
    """
    if not tiles or columns < 1:
        raise ValueError("a contact sheet needs at least one picture and one column")
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    cell_width = max(tile.shape[1] for tile, _ in tiles)
    picture_height = max(tile.shape[0] for tile, _ in tiles)
    font = ImageFont.load_default(_CAPTION_PX)
    caption_height = int(font.getbbox("Ág…")[3]) + 8
    cell_height = picture_height + caption_height
    sheet = Image.new(
        "RGB",
        (columns * (cell_width + _GAP_PX) + _GAP_PX, rows * (cell_height + _GAP_PX) + _GAP_PX),
        _PAPER,
    )
    pen = ImageDraw.Draw(sheet)
    for index, (tile, caption) in enumerate(tiles):
        x = _GAP_PX + (index % columns) * (cell_width + _GAP_PX)
        y = _GAP_PX + (index // columns) * (cell_height + _GAP_PX)
        sheet.paste(Image.fromarray(tile), (x + (cell_width - tile.shape[1]) // 2, y))
        pen.text((x + 2, y + picture_height + 4), shorten_caption(caption, font, cell_width - 4), _INK, font)
    return np.asarray(sheet)


def shorten_caption(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: float) -> str:
    """The text, or as much of its two ends around an ellipsis as fits ``width_px``."""
    if font.getlength(text) <= width_px:
        return text
    for kept in range(len(text) - 1, 1, -1):
        shortened = f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
        if font.getlength(shortened) <= width_px:
            return shortened
    return "…"


def _bone_side(skeleton: Skeleton, start: int, end: int) -> Side:
    sides = {skeleton.side(start), skeleton.side(end)} - {"middle"}
    return sides.pop() if len(sides) == 1 else "middle"


def _draw_bone(
    pen: ImageDraw.ImageDraw,
    start: FloatArray,
    end: FloatArray,
    color: tuple[int, int, int],
    unit: float,
    faint: bool,
) -> None:
    length = float(np.hypot(*(end - start)))
    if length <= 2.0 * unit:
        return
    inset = (end - start) * (unit / length)
    line = [*(start + inset), *(end - inset)]
    pen.line(line, (*_HALO, 110 if faint else 150), round(0.80 * unit))
    pen.line(line, (*color, 150 if faint else 240), round(0.36 * unit))


def _draw_mark(pen: ImageDraw.ImageDraw, center: FloatArray, side: Side, occluded: bool, unit: float) -> None:
    color = (*SIDE_COLORS[side], 115 if occluded else 255)
    halo = (*_HALO, 130 if occluded else 215)
    _fill_outline(pen, center, side, 1.25 * unit, halo)
    if side == "right":
        _fill_outline(pen, center, side, unit, color)
        _fill_outline(pen, center, side, 0.52 * unit, halo)
    else:
        _fill_outline(pen, center, side, unit, color)
    if occluded:
        reach = np.array([0.85 * unit, -0.85 * unit])
        pen.line([*(center - reach), *(center + reach)], (*_HALO, 235), round(0.45 * unit))


def _fill_outline(
    pen: ImageDraw.ImageDraw, center: FloatArray, side: Side, radius: float, color: tuple[int, int, int, int]
) -> None:
    x, y = (float(value) for value in center)
    if side == "middle":
        reach = 1.2 * radius
        pen.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], color)
    else:
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], color)


def _shrink(large: Image.Image, size: tuple[int, int]) -> ByteImage:
    """Average blocks of pixels with their alpha taken into account; straight alpha out."""
    pixels = np.asarray(large).reshape(size[1], _OVERSAMPLING, size[0], _OVERSAMPLING, 4)
    touched: NDArray[np.bool_] = (pixels[..., 3] > 0).max(axis=(1, 3))
    blocks = pixels.transpose(0, 2, 1, 3, 4)[touched].reshape(-1, _OVERSAMPLING**2, 4).astype(np.float32)
    alpha = blocks[..., 3:]
    total = alpha.sum(axis=1)
    layer = np.zeros((size[1], size[0], 4), dtype=np.uint8)
    color = (blocks[..., :3] * alpha).sum(axis=1) / np.maximum(total, 1e-6)
    layer[touched] = np.concatenate((color, total / _OVERSAMPLING**2), axis=1) + 0.5
    return layer


def build_backdrop(width: int, height: int) -> ByteImage:
    """Light grey with a fall to the floor, behind a body without a picture."""
    fall = np.linspace(244.0, 207.0, height)[:, None, None]
    tint = np.array([0.985, 0.992, 1.0])
    return np.broadcast_to(fall * tint, (height, width, 3)).astype(np.uint8)
