"""The pictures of a trial, decoded before it is shown, on a thread of their own."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from app.services.errors import ServiceError
from app.ui.widgets.pixels import image_from_rgb
from db.errors import StoreError
from db.rater_package.records import PackageTrial, ScreenSide

log = logging.getLogger(__name__)

_FORMATS: Final = ("PNG",)
_MOST_FRAMES: Final = 360
_MOST_PIXELS: Final = 64_000_000


class PictureError(ServiceError):
    """A picture of a trial cannot be shown; the sentence tells neither its name nor the side."""


@dataclass(eq=False)
class Tile:
    """One view of one side: a still picture, or the steps of a turn.

    Attributes:
        frames: One or more, all of one size.
    """

    frames: tuple[QImage, ...]
    _scaled: dict[tuple[int, int], QImage] = field(default_factory=dict)
    _sizes: tuple[int, ...] = ()

    @property
    def side_px(self) -> int:
        """Of the picture as it was drawn."""
        return self.frames[0].width()

    def scaled(self, frame: int, side_px: int) -> QImage:
        """A frame at another size, remembered for the two sizes used last: all tiles, and one enlarged."""
        key = (frame % len(self.frames), side_px)
        if side_px not in self._sizes:
            self._sizes = (side_px, *self._sizes[:1])
            self._scaled = {key: picture for key, picture in self._scaled.items() if key[1] in self._sizes}
        found = self._scaled.get(key)
        if found is None:
            picture = self.frames[key[0]]
            found = picture
            if picture.width() != side_px or picture.height() != side_px:
                found = picture.scaled(
                    side_px, side_px, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
                )
            self._scaled[key] = found
        return found

    def warm(self, side_px: int) -> None:
        """Scale every frame ahead of the first paint."""
        for frame in range(len(self.frames)):
            self.scaled(frame, side_px)


@dataclass(frozen=True, slots=True, eq=False)
class LoadedTrial:
    """A trial that can be shown without reading anything more."""

    trial: PackageTrial
    left: tuple[Tile, ...]
    right: tuple[Tile, ...]

    def tiles(self, side: ScreenSide) -> tuple[Tile, ...]:
        """Of one side."""
        return self.left if side == "left" else self.right

    @property
    def largest_px(self) -> int:
        """Side of the smallest picture of either side: no tile is larger, so that none is blown up."""
        return min(tile.side_px for tile in (*self.left, *self.right))

    @property
    def turns(self) -> bool:
        """Whether any view has more than one step."""
        return any(len(tile.frames) > 1 for tile in (*self.left, *self.right))


def load_trial(
    read_picture: Callable[[str], bytes], trial: PackageTrial, views: tuple[str, ...], side_px: int
) -> LoadedTrial:
    """Read and decode all pictures of a trial.

    Args:
        read_picture: Bytes of a picture by name.
        trial: The trial.
        views: Names of the views of each side; a turntable may have more than one picture.
        side_px: Size of the tiles on screen, device pixels, to scale to; 0 if it is not known yet.

    Raises:
        PictureError: One is missing, damaged or no square picture.
    """
    read: dict[tuple[str, ...], Tile] = {}
    sides: dict[ScreenSide, tuple[Tile, ...]] = {}
    given: dict[ScreenSide, tuple[str, ...]] = {"left": trial.left, "right": trial.right}
    for side, names in given.items():
        place = f"seat {trial.seat + 1}, trial {trial.position + 1}: the {side} picture"
        tiles = []
        for number, parts in enumerate(_group(names, views, place), start=1):
            if parts not in read:
                read[parts] = _load_tile(read_picture, parts, f"{place} {number}")
                if side_px:
                    read[parts].warm(side_px)
            tiles.append(read[parts])
        sides[side] = tuple(tiles)
    return LoadedTrial(trial, sides["left"], sides["right"])


def _group(names: tuple[str, ...], views: tuple[str, ...], place: str) -> list[tuple[str, ...]]:
    """The pictures of each view: one, but a turntable has what there is more than views."""
    more = len(names) - len(views)
    if more < 0 or (more and "turntable" not in views):
        raise _refuse(place, f"{len(names)} pictures for {len(views)} views")
    groups, at = [], 0
    for view in views:
        count = 1 + (more if view == "turntable" else 0)
        groups.append(names[at : at + count])
        at += count
    return groups


def _load_tile(read_picture: Callable[[str], bytes], names: tuple[str, ...], place: str) -> Tile:
    frames: list[QImage] = []
    for name in names:
        try:
            frames += _decode(read_picture(name))
        except (StoreError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise _refuse(place, type(error).__name__) from error
    if len({(frame.width(), frame.height()) for frame in frames}) > 1:
        raise _refuse(place, "steps of different size")
    return Tile(tuple(frames))


def _refuse(place: str, reason: str) -> PictureError:
    # Neither the picture's name nor where it lies: a log that a rater can read tells positions only.
    log.error("%s cannot be shown (%s)", place, reason)
    return PictureError(
        "A picture of this comparison is missing or damaged; nothing has been answered. Put a fresh copy of the"
        " package's pictures in place and try again, or ask whoever gave you the package."
    )


def _decode(data: bytes) -> tuple[QImage, ...]:
    """Frames of a picture: those of an animation, or the squares of a strip that is a multiple of its height wide."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
        steps = int(getattr(picture, "n_frames", 1))
        width, height = picture.size
        if not 0 < steps * width * height <= _MOST_PIXELS or width % height or steps > _MOST_FRAMES:
            raise ValueError("no square picture")
        frames = []
        for step in range(steps):
            picture.seek(step)
            pixels = np.asarray(picture.convert("RGB"))
            frames += [image_from_rgb(pixels[:, at : at + height]) for at in range(0, width, height)]
    return tuple(frames)
