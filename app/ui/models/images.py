"""The list of images, a page at a time (:mod:`app.ui.models.paged`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject

from app.ui.context import Context
from app.ui.models.paged import PAGE_ROWS, PagedModel
from db.records import ChangeSet, ImageId, ImageSummary, PersonId

_LOOK_AHEAD: Final = 256
"""Images asked about at once for the next one without people, before all of those are read."""


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images the list shows.

    Attributes:
        without_people: Only those that nobody is in.
        text: Only those whose path contains it.
    """

    without_people: bool = False
    text: str = ""


class ImagesModel(PagedModel[ImageId, ImageSummary]):
    """Images of the open project, in order of import; read when they are asked for first."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(context, parent)
        self._filter: ImageFilter | None = None
        context.changed.connect(self._on_changed)

    @property
    def filter(self) -> ImageFilter | None:
        """The filter in force; None before anybody wanted to see images."""
        return self._filter

    def set_filter(self, wanted: ImageFilter) -> None:
        """Show other images; :attr:`filtered` follows."""
        self._filter = wanted
        self._list(lambda: self._read_ids(wanted))

    def build_empty_search(self, after: ImageId | None, direction: int) -> Callable[[], ImageId | None]:
        """Search for the next image of this list that nobody is in, to be run on the reading thread.

        It goes on from the other end of the list and never finds ``after`` itself.
        """
        project, ids, rows = self._context.project, self._ids, self._rows
        beside = -1 if direction > 0 else len(ids)
        start = beside if after is None else rows.get(after, beside)

        def search() -> ImageId | None:
            behind, ahead = ids[: max(start, 0)], ids[start + 1 :]
            way, rest = (ahead, behind) if direction > 0 else (behind[::-1], ahead[::-1])
            with project.store.read() as reader:
                empty = reader.image_list.without_people_of(way[:_LOOK_AHEAD])
                found = next((image_id for image_id in way[:_LOOK_AHEAD] if image_id in empty), None)
                if found is not None:
                    return found
                everywhere = set(reader.image_list.ids(without_people=True))
            return next((image_id for image_id in (*way, *rest) if image_id in everywhere), None)

        return search

    def _read_ids(self, wanted: ImageFilter) -> list[ImageId]:
        with self._context.project.store.read() as reader:
            return reader.image_list.ids(without_people=wanted.without_people, text=wanted.text)

    def _read_summaries(self, ids: Sequence[ImageId]) -> list[ImageSummary]:
        with self._context.project.store.read() as reader:
            return reader.image_list.summaries(ids)

    def _read_images_of(self, people: Collection[PersonId]) -> list[ImageSummary]:
        with self._context.project.store.read() as reader:
            found = reader.people.get_many(people).values()
            return reader.image_list.summaries(list({person.image_id for person in found}))

    def _id_of(self, summary: ImageSummary) -> ImageId:
        return summary.image_id

    def _describe(self, summary: ImageSummary) -> str:
        return f"{summary.image_path}, {describe_people(summary)}"

    def _on_changed(self, changeset: ChangeSet) -> None:
        if self._filter is None:
            return
        if "images" in changeset.touched_tables:
            self.set_filter(self._filter)
        elif len(changeset.touched_people) > PAGE_ROWS:
            self._forget_rows()
            self._announce_all()
        elif changeset.touched_people:
            ticket, people = self._generation, changeset.touched_people
            self._context.reads.run(
                lambda: self._read_images_of(people),
                lambda rows: self._refill(ticket, [row.image_id for row in rows], rows),
            )


def describe_people(summary: ImageSummary) -> str:
    """How many people are in an image, and how many of them wait."""
    if summary.people == 0:
        return "nobody yet"
    who = "1 person" if summary.people == 1 else f"{summary.people} people"
    return f"{who}, {summary.undecided} undecided" if summary.undecided else who
