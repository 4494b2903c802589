"""Small pictures for lists: read off the GUI thread, the newest request first, recent ones kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from app.services.errors import ImageError
from app.services.images import ByteImage, load_thumbnail
from app.ui.tasks import Tasks
from db.records import ImageId, ImageSummary, PersonId, PersonSummary

KEPT: Final = 512
"""Thumbnails in memory, some 40 kB each at twice the usual resolution."""
WAITING: Final = 48
"""Requests that wait at most: about two screenfuls. Older ones have been scrolled past; they are asked for again if
somebody comes back."""
_ROOM: Final = 1.15
"""Side of the square around a person, in longer sides of the box."""


Pictured: TypeAlias = PersonSummary | ImageSummary
"""What a row has a thumbnail of: a person, or the middle of an image."""


class _Request(NamedTuple):
    """Where a thumbnail comes from; two rows with the same request look the same."""

    file: Path
    area_xywh: tuple[float, float, float, float]
    side_px: int
    honour_exif: bool


class Thumbnails(QObject):
    """Thumbnails of the rows of a list.

    Args:
        tasks: The thread they are read on.

    Signals:
        ready: ``PersonId`` or ``ImageId``, a thumbnail has come, or it is known that there is none.
    """

    ready = Signal(object)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._lock = threading.Lock()
        self._waiting: OrderedDict[_Request, PersonId | ImageId] = OrderedDict()
        self._running: set[_Request] = set()
        self._kept: OrderedDict[_Request, QPixmap | None] = OrderedDict()

    def find(self, summary: Pictured, side_px: int) -> QPixmap | None:
        """The thumbnail of a row, ``side_px`` device pixels wide; None while there is none.

        Ask :meth:`is_missing` whether one is still to come.
        """
        request = _build_request(summary, side_px)
        if request in self._kept:
            self._kept.move_to_end(request)
            return self._kept[request]
        self._ask(request, summary.person_id if isinstance(summary, PersonSummary) else summary.image_id)
        return None

    def is_missing(self, summary: Pictured, side_px: int) -> bool:
        """Whether the picture of this row cannot be read."""
        request = _build_request(summary, side_px)
        return request in self._kept and self._kept[request] is None

    def forget(self) -> None:
        """Read everything again: files have moved."""
        self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)

    def _ask(self, request: _Request, row_id: PersonId | ImageId) -> None:
        with self._lock:
            if request in self._running:
                return
            known = request in self._waiting
            self._waiting[request] = row_id
            self._waiting.move_to_end(request)
            if len(self._waiting) > WAITING:
                self._waiting.popitem(last=False)
        if not known:
            self._tasks.run(self._read_newest, self._keep)

    def _read_newest(self) -> tuple[_Request, PersonId | ImageId, QImage | None] | None:
        """On the worker thread: one task was queued for each request, and takes the newest that waits."""
        with self._lock:
            if not self._waiting:
                return None
            request, row_id = self._waiting.popitem()
            self._running.add(request)
        try:
            pixels = load_thumbnail(request.file, request.area_xywh, request.side_px, honour_exif=request.honour_exif)
        except ImageError:
            # The page says what is wrong with the file; a list shows a quiet placeholder.
            return request, row_id, None
        return request, row_id, _to_image(pixels)

    def _keep(self, outcome: tuple[_Request, PersonId | ImageId, QImage | None] | None) -> None:
        if outcome is None:
            return
        request, row_id, image = outcome
        with self._lock:
            self._running.discard(request)
        self._kept[request] = None if image is None else QPixmap.fromImage(image)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(row_id)


def _build_request(summary: Pictured, side_px: int) -> _Request:
    if isinstance(summary, ImageSummary):
        area = (0.0, 0.0, float(summary.width), float(summary.height))
    else:
        x, y, width, height = summary.bbox_xywh
        side = _ROOM * max(width, height)
        area = (x + (width - side) / 2, y + (height - side) / 2, side, side)
    return _Request(Path(summary.image_root) / summary.image_path, area, side_px, summary.exif_honoured)


def _to_image(pixels: ByteImage) -> QImage:
    height, width, _ = pixels.shape
    # A copy of its own: the array's bytes are gone when this call is over.
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
