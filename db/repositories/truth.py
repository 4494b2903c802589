"""3D truth of people: comes with a dataset, never changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, cast

from sqlalchemy import func, select

from db.chunks import iter_chunks
from db.columns import BETAS, ROTATIONS, TRUTH_JOINTS
from db.models import TruthRow
from db.records import Gender, PersonId, TruthRecord
from db.repositories.base import Repository, WriteScope, insert_many


class Truths(Repository):
    """Reads truth."""

    def find(self, person_id: PersonId) -> TruthRecord | None:
        """The truth of a person, None for somebody without."""
        row = self._session.get(TruthRow, person_id)
        return None if row is None else _build_record(row)

    def of_people(self, ids: Collection[PersonId]) -> dict[PersonId, TruthRecord]:
        """The truth of those of these people who have any."""
        found: dict[PersonId, TruthRecord] = {}
        for chunk in iter_chunks(ids):
            rows = self._session.scalars(select(TruthRow).where(TruthRow.person_id.in_(chunk)))
            found |= {PersonId(row.person_id): _build_record(row) for row in rows}
        return found

    def iter_all(self) -> Iterator[TruthRecord]:
        """Everybody's truth in order of import, fetched in pieces."""
        statement = select(TruthRow).order_by(TruthRow.person_id).execution_options(yield_per=500)
        return (_build_record(row) for row in self._session.scalars(statement))

    def count(self) -> int:
        """People with truth."""
        return self._session.scalar(select(func.count()).select_from(TruthRow)) or 0


class TruthsWriter(Truths):
    """Adds truth; only in a change that is not undoable."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add_many(self, truths: Sequence[TruthRecord]) -> None:
        """Store the truth of people who have none.

        Raises:
            ValueError: Wrong shape or NaN: the caller's mistake.
        """
        self._scope.forbid_undo("truth")
        insert_many(self._session, TruthRow, [_build_values(truth) for truth in truths])


def _build_values(truth: TruthRecord) -> dict[str, Any]:
    return {
        "person_id": truth.person_id,
        "source": truth.source,
        "skeleton": truth.skeleton,
        "gender": truth.gender,
        "joints": TRUTH_JOINTS.encode(truth.joints_m),
        "rotations": None if truth.rotations is None else ROTATIONS.encode(truth.rotations),
        "betas": None if truth.betas is None else BETAS.encode(truth.betas),
    }


def _build_record(row: TruthRow) -> TruthRecord:
    owner = f"the truth of person {row.person_id}"
    return TruthRecord(
        person_id=PersonId(row.person_id),
        source=row.source,
        skeleton=row.skeleton,
        joints_m=TRUTH_JOINTS.decode(row.joints, owner),
        rotations=None if row.rotations is None else ROTATIONS.decode(row.rotations, owner),
        betas=None if row.betas is None else BETAS.decode(row.betas, owner),
        gender=None if row.gender is None else cast(Gender, row.gender),
    )
