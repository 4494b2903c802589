"""Gold people: append-only, the newest row not taken back says whether a person is gold.

Nothing here touches heads, the queue or a person's history, so nobody can tell a gold person from any other by them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, cast

import numpy as np
from sqlalchemy import func, select

from db.chunks import iter_chunks
from db.columns import KEYPOINTS
from db.models import GoldRow
from db.presence import absent_people
from db.records import AnnotatorId, GoldId, GoldRecord, NewGold, PersonId, Verdict
from db.repositories.base import Repository, WriteScope, check_person, insert_many


class Gold(Repository):
    """Reads gold people."""

    def find(self, person_id: PersonId) -> GoldRecord | None:
        """The gold keypoints of a person, None for everybody else."""
        return next(self._iter_current([person_id]), None)

    def list_all(self) -> list[GoldRecord]:
        """Every gold person, in order of import."""
        return sorted(self._iter_current(None), key=lambda record: record.person_id)

    def _iter_current(self, ids: Collection[PersonId] | None) -> Iterator[GoldRecord]:
        newest = select(func.max(GoldRow.id)).where(GoldRow.retracted.is_(False)).group_by(GoldRow.person_id)
        if ids is not None:
            newest = newest.where(GoldRow.person_id.in_(ids))
        newest = newest.where(GoldRow.person_id.not_in(absent_people()))
        statement = select(GoldRow).where(GoldRow.id.in_(newest), GoldRow.is_gold.is_(True))
        return (_build_record(row) for row in self._session.scalars(statement))


class GoldWriter(Gold):
    """Adds gold people and takes them off again."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add_many(self, golds: Sequence[NewGold]) -> list[GoldId]:
        """Store gold keypoints, each as its person's newest; their ids in the same order.

        Raises:
            NotFoundError: No such person.
            ValueError: Wrong shape, NaN, a visibility other than 0, 1, 2: the caller's mistake.
        """
        for gold in golds:
            check_person(self._session, gold.person_id)
            if not np.isin(gold.keypoints[:, 2], (0, 1, 2)).all():
                raise ValueError("visibility is 0, 1 or 2")
        return self._insert([self._build_values(gold) for gold in golds])

    def remove_many(self, ids: Collection[PersonId]) -> int:
        """Say that these people are gold no longer; how many of them were."""
        known = [record for chunk in iter_chunks(ids) for record in self._iter_current(chunk)]
        self._insert(
            [
                {**self._build_values(NewGold(record.person_id, record.skeleton, record.keypoints, record.source)),
                 "is_gold": False}
                for record in known
            ]
        )  # fmt: skip
        return len(known)

    def _insert(self, rows: list[dict[str, Any]]) -> list[GoldId]:
        ids = insert_many(self._session, GoldRow, rows)
        # The people are not named: their heads would carry the change, and a look at the log would tell who is gold.
        self._scope.note(GoldRow.__tablename__, ids)
        return [GoldId(row_id) for row_id in ids]

    def _build_values(self, gold: NewGold) -> dict[str, Any]:
        return {
            "person_id": gold.person_id,
            "is_gold": True,
            "skeleton": gold.skeleton,
            "verdict": gold.verdict,
            "area": gold.area,
            "source": gold.source,
            "annotator_id": self._scope.annotator_id,
            "created_at": self._scope.now,
            "keypoints": KEYPOINTS.encode(gold.keypoints),
        }


def _build_record(row: GoldRow) -> GoldRecord:
    return GoldRecord(
        id=GoldId(row.id),
        person_id=PersonId(row.person_id),
        skeleton=row.skeleton,
        keypoints=KEYPOINTS.decode(row.keypoints, f"gold {row.id}"),
        source=row.source,
        verdict=None if row.verdict is None else cast(Verdict, row.verdict),
        area=row.area,
        annotator_id=None if row.annotator_id is None else AnnotatorId(row.annotator_id),
        created_at=row.created_at,
    )
