"""People of the project."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from db.chunks import iter_chunks
from db.errors import NotFoundError, StoreError
from db.models import PersonRow, PresenceRow
from db.presence import DRAWN_SOURCE, absent_people, find_absent
from db.records import ImageId, NewPerson, PersonId, PersonRecord
from db.repositories.base import Repository, WriteScope, insert_many


class People(Repository):
    """Reads people; those who were taken away are nobody, unless it says otherwise."""

    def find(self, person_id: PersonId) -> PersonRecord | None:
        """The person, or None."""
        return None if find_absent(self._session, [person_id]) else self.find_ever(person_id)

    def find_ever(self, person_id: PersonId) -> PersonRecord | None:
        """The person, taken away or not, or None."""
        row = self._session.get(PersonRow, person_id)
        return None if row is None else _build_record(row)

    def get(self, person_id: PersonId) -> PersonRecord:
        """The person; raises NotFoundError."""
        record = self.find(person_id)
        if record is None:
            raise NotFoundError(f"There is no person {person_id} in the project; reload the list.")
        return record

    def get_many(self, ids: Collection[PersonId]) -> dict[PersonId, PersonRecord]:
        """These people by id, taken away or not; unknown ids are left out. Meant for some hundreds."""
        rows = self._session.scalars(select(PersonRow).where(PersonRow.id.in_(ids)))
        return {PersonId(row.id): _build_record(row) for row in rows}

    def find_external(self, source: str, external_id: str) -> PersonRecord | None:
        """The person with a dataset's annotation id; the first one when the dataset repeats it."""
        statement = (
            select(PersonRow)
            .where(PersonRow.source == source, PersonRow.external_id == external_id, _is_there())
            .order_by(PersonRow.id)
            .limit(1)
        )
        row = self._session.scalar(statement)
        return None if row is None else _build_record(row)

    def of_image(self, image_id: ImageId) -> list[PersonRecord]:
        """The people of an image, by ordinal."""
        statement = (
            select(PersonRow)
            .where(PersonRow.image_id == image_id, _is_there())
            .order_by(PersonRow.ordinal, PersonRow.id)
        )
        return [_build_record(row) for row in self._session.scalars(statement)]

    def of_images(self, ids: Collection[ImageId]) -> dict[ImageId, list[PersonRecord]]:
        """The people of these images, by ordinal."""
        found: dict[ImageId, list[PersonRecord]] = {image_id: [] for image_id in ids}
        for chunk in iter_chunks(ids):
            # Plain rows: a hundred thousand of them would be as many tracked objects.
            statement = (
                select(*PersonRow.__table__.columns)
                .where(PersonRow.image_id.in_(chunk), _is_there())
                .order_by(PersonRow.ordinal, PersonRow.id)
            )
            for row in self._session.execute(statement):
                found[ImageId(row.image_id)].append(_build_record(row))
        return found

    def iter_all(self) -> Iterator[PersonRecord]:
        """Every person in order of import, fetched in pieces."""
        statement = select(PersonRow).where(_is_there()).order_by(PersonRow.id)
        rows = self._session.scalars(statement.execution_options(yield_per=500))
        return (_build_record(row) for row in rows)


class PeopleWriter(People):
    """Adds people of datasets, in a change that is not undoable; draws people by hand and takes them away again."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add(self, person: NewPerson) -> PersonRecord:
        """Store a person; raises IntegrityError for an image that does not exist, which is a bug."""
        (person_id,) = self.add_many([person])
        return self.get(person_id)

    def add_many(self, people: Sequence[NewPerson]) -> list[PersonId]:
        """Store many people; their ids in the same order."""
        self._scope.forbid_undo("people")
        ids = [PersonId(row_id) for row_id in insert_many(self._session, PersonRow, [_build_values(p) for p in people])]
        self._scope.note(PersonRow.__tablename__, ids, ids)
        return ids

    def draw(self, person: NewPerson) -> PersonRecord:
        """Store a person drawn by hand, behind the people of the image; undo takes the person away.

        Args:
            person: ``ordinal`` and ``source`` are set here.
        """
        last = self._session.scalar(
            select(func.max(PersonRow.ordinal)).where(PersonRow.image_id == person.image_id, _is_there())
        )
        drawn = replace(person, ordinal=0 if last is None else last + 1, source=DRAWN_SOURCE)
        (row_id,) = insert_many(self._session, PersonRow, [_build_values(drawn)])
        person_id = PersonId(row_id)
        self._scope.note(PersonRow.__tablename__, [row_id], [person_id])
        self._note_presence(person_id, is_present=True)
        return self.get(person_id)

    def take_away(self, person_id: PersonId) -> None:
        """Let a person who was drawn by hand be nobody; the history stays, and undo brings the person back.

        Raises:
            NotFoundError: No such person, or taken away already.
            StoreError: The person came with a dataset.
        """
        person = self.get(person_id)
        known = select(PresenceRow.id).where(PresenceRow.person_id == person_id).limit(1)
        if self._session.scalar(known) is None:
            raise StoreError(
                f"Person {person_id} came with {person.source} and cannot be removed; reject the person instead."
            )
        self._note_presence(person_id, is_present=False)

    def _note_presence(self, person_id: PersonId, *, is_present: bool) -> None:
        values = {
            "person_id": person_id,
            "is_present": is_present,
            "annotator_id": self._scope.annotator_id,
            "created_at": self._scope.now,
        }
        ids = insert_many(self._session, PresenceRow, [values])
        self._scope.note(PresenceRow.__tablename__, ids, [person_id])


def _is_there() -> ColumnElement[bool]:
    return PersonRow.id.not_in(absent_people())


def _build_values(person: NewPerson) -> dict[str, Any]:
    x, y, width, height = person.bbox_xywh
    center_x, center_y = person.box_center_px
    return {
        "image_id": person.image_id,
        "ordinal": person.ordinal,
        "external_id": person.external_id,
        "bbox_x": x,
        "bbox_y": y,
        "bbox_width": width,
        "bbox_height": height,
        "box_center_x": center_x,
        "box_center_y": center_y,
        "box_scale": person.box_scale,
        "is_crowd": person.is_crowd,
        "area": person.area,
        "skeleton": person.skeleton,
        "source": person.source,
    }


def _build_record(row: PersonRow | Row[Any]) -> PersonRecord:
    return PersonRecord(
        id=PersonId(row.id),
        image_id=ImageId(row.image_id),
        ordinal=row.ordinal,
        external_id=row.external_id,
        bbox_xywh=(row.bbox_x, row.bbox_y, row.bbox_width, row.bbox_height),
        box_center_px=(row.box_center_x, row.box_center_y),
        box_scale=row.box_scale,
        is_crowd=row.is_crowd,
        area=row.area,
        skeleton=row.skeleton,
        source=row.source,
    )
