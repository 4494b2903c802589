"""Reads people and their pictures off the GUI thread; the newest request wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.services.drawing import ImageView, load_image_view
from app.services.errors import ImageError
from app.services.images import ByteImage, ImageCache
from app.services.person_view import PersonView, load_person_view
from app.ui.context import Context
from db.records import ImageId, PersonId

CACHE_BYTES = 256_000_000
"""About a dozen 6-megapixel photographs, or hundreds of COCO's."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedPerson:
    """A person and the picture; without a picture the sentence that says why."""

    view: PersonView
    picture: ByteImage | None
    picture_error: str = ""

    @property
    def person_id(self) -> PersonId:
        """Who it is."""
        return self.view.person.id


@dataclass(frozen=True, slots=True, eq=False)
class LoadedImage:
    """An image without any of its people; without a picture the sentence that says why."""

    view: ImageView
    picture: ByteImage | None
    picture_error: str = ""


class PersonLoader(QObject):
    """Loads the person or image to show, and people who will be wanted soon.

    Signals:
        loaded: :class:`LoadedPerson`, the newest one asked for.
        image_loaded: :class:`LoadedImage`, the newest one asked for.
        failed: ``(PersonId | ImageId, str)``, the person or image cannot be shown, and why.
    """

    loaded = Signal(object)
    image_loaded = Signal(object)
    failed = Signal(object, str)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context
        self._pictures = ImageCache(CACHE_BYTES)
        self._newest = 0

    def load(self, person_id: PersonId) -> None:
        """Read a person; requests that are overtaken by another are dropped unread."""
        self._newest += 1
        ticket = self._newest
        self._context.reads.run(
            lambda: self._read(person_id) if ticket == self._newest else None,
            lambda loaded: self._deliver(ticket, loaded),
            lambda error: self._fail(ticket, person_id, error),
        )

    def load_image(self, image_id: ImageId) -> None:
        """Read an image and who is in it, in the place of what was asked for before."""
        self._newest += 1
        ticket = self._newest
        self._context.reads.run(
            lambda: self._read_image(image_id) if ticket == self._newest else None,
            lambda loaded: self._deliver_image(ticket, loaded),
            lambda error: self._fail(ticket, image_id, error),
        )

    def prefetch(self, person_id: PersonId, on_done: Callable[[LoadedPerson], None]) -> None:
        """Read a person ahead; the picture is kept, so that :meth:`load` will be quick."""
        self._context.reads.run(lambda: self._read(person_id), on_done)

    def _read(self, person_id: PersonId) -> LoadedPerson:
        view = load_person_view(self._context.project, person_id)
        return LoadedPerson(view, *self._read_picture(view))

    def _read_image(self, image_id: ImageId) -> LoadedImage:
        view = load_image_view(self._context.project, image_id)
        return LoadedImage(view, *self._read_picture(view))

    def _read_picture(self, view: PersonView | ImageView) -> tuple[ByteImage | None, str]:
        try:
            return self._pictures.get(view.image_file, honour_exif=view.image.exif_honoured), ""
        except ImageError as error:
            return None, str(error)

    def _deliver(self, ticket: int, loaded: LoadedPerson | None) -> None:
        if loaded is not None and ticket == self._newest:
            self.loaded.emit(loaded)

    def _deliver_image(self, ticket: int, loaded: LoadedImage | None) -> None:
        if loaded is not None and ticket == self._newest:
            self.image_loaded.emit(loaded)

    def _fail(self, ticket: int, wanted: PersonId | ImageId, error: Exception) -> None:
        if ticket == self._newest:
            self.failed.emit(wanted, str(error))
