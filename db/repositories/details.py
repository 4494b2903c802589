"""What datasets say beyond pictures, boxes and keypoints: kept as it came, to be written out again.

JSON objects, deflated: a hundred thousand outlines of COCO take 40 MB instead of 100.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping

from sqlalchemy import select

from db.chunks import iter_chunks
from db.deflated import inflate
from db.models import DatasetDetailsRow, ImageDetailsRow, PersonDetailsRow
from db.records import ImageId, PersonId
from db.repositories.base import Repository, WriteScope, insert_keyed

_LEVEL = 1  # deflating is a tenth of an import at this level and a third at the next that saves more


class Details(Repository):
    """Reads details."""

    def of_dataset(self, source: str) -> bytes | None:
        """What a file says of itself, a JSON object; None if nothing is kept of it."""
        row = self._session.get(DatasetDetailsRow, source)
        return None if row is None else inflate(row.content, f"details of dataset {source}")

    def list_sources(self) -> dict[str, str]:
        """Files that details are kept of, with the format each was read as."""
        rows = self._session.execute(
            select(DatasetDetailsRow.source, DatasetDetailsRow.format).order_by(DatasetDetailsRow.source)
        )
        return {str(source): str(format_name) for source, format_name in rows}

    def of_images(self, ids: Collection[ImageId]) -> dict[ImageId, bytes]:
        """Details of those of these images that have any."""
        found: dict[ImageId, bytes] = {}
        for chunk in iter_chunks(ids):
            rows = self._session.execute(
                select(ImageDetailsRow.image_id, ImageDetailsRow.content).where(ImageDetailsRow.image_id.in_(chunk))
            )
            found |= {ImageId(row_id): inflate(content, f"details of image {row_id}") for row_id, content in rows}
        return found

    def of_people(self, ids: Collection[PersonId]) -> dict[PersonId, bytes]:
        """Details of those of these people who have any."""
        found: dict[PersonId, bytes] = {}
        for chunk in iter_chunks(ids):
            rows = self._session.execute(
                select(PersonDetailsRow.person_id, PersonDetailsRow.content).where(
                    PersonDetailsRow.person_id.in_(chunk)
                )
            )
            found |= {PersonId(row_id): inflate(content, f"details of person {row_id}") for row_id, content in rows}
        return found


class DetailsWriter(Details):
    """Adds details; only in a change that is not undoable."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add_dataset(self, source: str, format_name: str, content: bytes) -> None:
        """Keep what a file says of itself, unless something is kept of it already."""
        self._scope.forbid_undo("details")
        if self._session.get(DatasetDetailsRow, source) is None:
            self._session.add(DatasetDetailsRow(source=source, format=format_name, content=_deflate(content)))

    def add_images(self, details: Mapping[ImageId, bytes]) -> None:
        """Keep details of new images."""
        self._scope.forbid_undo("details")
        rows = [{"image_id": row_id, "content": _deflate(content)} for row_id, content in details.items()]
        insert_keyed(self._session, ImageDetailsRow, rows)

    def add_people(self, details: Mapping[PersonId, bytes]) -> None:
        """Keep details of new people."""
        self._scope.forbid_undo("details")
        rows = [{"person_id": row_id, "content": _deflate(content)} for row_id, content in details.items()]
        insert_keyed(self._session, PersonDetailsRow, rows)


def _deflate(content: bytes) -> bytes:
    return zlib.compress(content, _LEVEL)
