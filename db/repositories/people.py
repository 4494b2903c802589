"""People of the project."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, select

from db.chunks import iter_chunks
from db.errors import NotFoundError
from db.models import PersonRow
from db.records import ImageId, NewPerson, PersonId, PersonRecord
from db.repositories.base import Repository, WriteScope, insert_many


class People(Repository):
    """Reads people."""

    def find(self, person_id: PersonId) -> PersonRecord | None:
        """The person, or None."""
        row = self._session.get(PersonRow, person_id)
        return None if row is None else _build_record(row)

    def get(self, person_id: PersonId) -> PersonRecord:
        """The person; raises NotFoundError."""
        record = self.find(person_id)
        if record is None:
            raise NotFoundError(f"There is no person {person_id} in the project; reload the list.")
        return record

    def get_many(self, ids: Collection[PersonId]) -> dict[PersonId, PersonRecord]:
        """These people by id; unknown ids are left out. Meant for some hundreds."""
        rows = self._session.scalars(select(PersonRow).where(PersonRow.id.in_(ids)))
        return {PersonId(row.id): _build_record(row) for row in rows}

    def find_external(self, source: str, external_id: str) -> PersonRecord | None:
        """The person with a dataset's annotation id; the first one when the dataset repeats it."""
        statement = (
            select(PersonRow)
            .where(PersonRow.source == source, PersonRow.external_id == external_id)
            .order_by(PersonRow.id)
            .limit(1)
        )
        row = self._session.scalar(statement)
        return None if row is None else _build_record(row)

    def of_image(self, image_id: ImageId) -> list[PersonRecord]:
        """The people of an image, by ordinal."""
        statement = select(PersonRow).where(PersonRow.image_id == image_id).order_by(PersonRow.ordinal)
        return [_build_record(row) for row in self._session.scalars(statement)]

    def of_images(self, ids: Collection[ImageId]) -> dict[ImageId, list[PersonRecord]]:
        """The people of these images, by ordinal."""
        found: dict[ImageId, list[PersonRecord]] = {image_id: [] for image_id in ids}
        for chunk in iter_chunks(ids):
            # Plain rows: a hundred thousand of them would be as many tracked objects.
            columns = PersonRow.__table__.columns
            statement = select(*columns).where(PersonRow.image_id.in_(chunk)).order_by(PersonRow.ordinal)
            for row in self._session.execute(statement):
                found[ImageId(row.image_id)].append(_build_record(row))
        return found

    def iter_all(self) -> Iterator[PersonRecord]:
        """Every person in order of import, fetched in pieces."""
        rows = self._session.scalars(select(PersonRow).order_by(PersonRow.id).execution_options(yield_per=500))
        return (_build_record(row) for row in rows)


class PeopleWriter(People):
    """Adds people; only in a change that is not undoable."""

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
