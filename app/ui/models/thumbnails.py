"""Small pictures of people for lists: read off the GUI thread, the newest request first, recent ones kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from app.services.errors import ImageError
from app.services.images import ByteImage, load_thumbnail
from app.ui.tasks import Tasks
from db.records import PersonId, PersonSummary

KEPT: Final = 512
"""Thumbnails in memory, some 40 kB each at twice the usual resolution."""
WAITING: Final = 48
"""Requests that wait at most: about two screenfuls. Older ones have been scrolled past; they are asked for again if
somebody comes back."""
_ROOM: Final = 1.15
"""Side of the square around a person, in longer sides of the box."""


class _Request(NamedTuple):
    """Where a thumbnail comes from; two people with the same request look the same."""

    file: Path
    area_xywh: tuple[float, float, float, float]
    side_px: int
    honour_exif: bool


class Thumbnails(QObject):
    """Thumbnails by person.

    Args:
        tasks: The thread they are read on.

    Signals:
        ready: ``PersonId``, a thumbnail has come, or it is known that there is none.
    """

    ready = Signal(object)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._lock = threading.Lock()
        self._waiting: OrderedDict[_Request, PersonId] = OrderedDict()
        self._running: set[_Request] = set()
        self._kept: OrderedDict[_Request, QPixmap | None] = OrderedDict()

    def find(self, summary: PersonSummary, side_px: int) -> QPixmap | None:
        """The thumbnail of a person, ``side_px`` device pixels wide; None while there is none.

        Ask :meth:`is_missing` whether one is still to come.
        """
        request = _build_request(summary, side_px)
        if request in self._kept:
            self._kept.move_to_end(request)
            return self._kept[request]
        self._ask(request, summary.person_id)
        return None

    def is_missing(self, summary: PersonSummary, side_px: int) -> bool:
        """Whether the picture of this person cannot be read."""
        request = _build_request(summary, side_px)
        return request in self._kept and self._kept[request] is None

    def forget(self) -> None:
        """Read everything again: files have moved."""
        self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)

    def _ask(self, request: _Request, person_id: PersonId) -> None:
        with self._lock:
            if request in self._running:
                return
            known = request in self._waiting
            self._waiting[request] = person_id
            self._waiting.move_to_end(request)
            if len(self._waiting) > WAITING:
                self._waiting.popitem(last=False)
        if not known:
            self._tasks.run(self._read_newest, self._keep)

    def _read_newest(self) -> tuple[_Request, PersonId, QImage | None] | None:
        """On the worker thread: one task was queued for each request, and takes the newest that waits."""
        with self._lock:
            if not self._waiting:
                return None
            request, person_id = self._waiting.popitem()
            self._running.add(request)
        try:
            pixels = load_thumbnail(request.file, request.area_xywh, request.side_px, honour_exif=request.honour_exif)
        except ImageError:
            # The person's own page says what is wrong with the file; a list shows a quiet placeholder.
            return request, person_id, None
        return request, person_id, _to_image(pixels)

    def _keep(self, outcome: tuple[_Request, PersonId, QImage | None] | None) -> None:
        if outcome is None:
            return
        request, person_id, image = outcome
        with self._lock:
            self._running.discard(request)
        self._kept[request] = None if image is None else QPixmap.fromImage(image)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(person_id)


def _build_request(summary: PersonSummary, side_px: int) -> _Request:
    x, y, width, height = summary.bbox_xywh
    side = _ROOM * max(width, height)
    area = (x + (width - side) / 2, y + (height - side) / 2, side, side)
    return _Request(Path(summary.image_root) / summary.image_path, area, side_px, summary.exif_honoured)


def _to_image(pixels: ByteImage) -> QImage:
    height, width, _ = pixels.shape
    # A copy of its own: the array's bytes are gone when this call is over.
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
