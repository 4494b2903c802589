"""Fits of people: append-only, the newest one not taken back is current."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, select

from db.chunks import iter_chunks
from db.columns import BETAS, BOX_CENTER, CAMERA, JOINTS, ROTATIONS, TRACE, ArrayCodec
from db.errors import NotFoundError
from db.models import FitRow, HeadRow, RevisionRow
from db.records import FitFacts, FitId, FitRecord, NewFit, PersonId, PersonState, RevisionId
from db.repositories.base import Repository, WriteScope, check_person, insert_many
from db.standings import iter_standings

_PIECE = 200
"""Fits fetched at once: each is some 8 kB."""

FIT_ARRAYS: dict[str, ArrayCodec] = {
    "rotations": ROTATIONS,
    "betas": BETAS,
    "camera": CAMERA,
    "initial_rotations": ROTATIONS,
    "initial_betas": BETAS,
    "initial_camera": CAMERA,
    "box_center_px": BOX_CENTER,
    "joints_px": JOINTS,
    "trace": TRACE,
}
_PLAIN = (
    "method",
    "box_scale",
    "l2d",
    "loss",
    "l2d_initial",
    "loss_initial",
    "rms_px",
    "kept_iteration",
    "stop_reason",
    "body_hash",
    "regressor_hash",
    "seconds",
    "device",
    "code_version",
)
"""Columns that are stored and read as they are."""


class Fits(Repository):
    """Reads fits."""

    def find(self, fit_id: FitId) -> FitRecord | None:
        """The fit, taken back or not, or None."""
        row = self._session.get(FitRow, fit_id)
        return None if row is None else _build_record(row)

    def get(self, fit_id: FitId) -> FitRecord:
        """The fit, taken back or not; raises NotFoundError."""
        record = self.find(fit_id)
        if record is None:
            raise NotFoundError(f"There is no fit {fit_id} in the project; reload the person.")
        return record

    def current(self, person_id: PersonId) -> FitRecord | None:
        """The person's newest fit; None for a person without any."""
        row = self._session.scalar(select(FitRow).where(_live(person_id)).order_by(FitRow.id.desc()).limit(1))
        return None if row is None else _build_record(row)

    def history(self, person_id: PersonId) -> list[FitRecord]:
        """All fits of a person that were not taken back, oldest first."""
        statement = select(FitRow).where(_live(person_id)).order_by(FitRow.id)
        return [_build_record(row) for row in self._session.scalars(statement)]

    def iter_current(self, states: Collection[PersonState] | None = None) -> Iterator[FitRecord]:
        """The current fits of everybody (in these states), in order of import, fetched in pieces."""
        statement = select(FitRow).join(HeadRow, HeadRow.fit_id == FitRow.id).order_by(HeadRow.person_id)
        if states is not None:
            statement = statement.where(HeadRow.state.in_(states))
        rows = self._session.scalars(statement.execution_options(yield_per=_PIECE))
        return (_build_record(row) for row in rows)

    def get_many(self, ids: Sequence[FitId]) -> list[FitRecord]:
        """These fits in this order, taken back or not; unknown ids are left out. Meant for some hundreds."""
        rows = {row.id: row for row in self._session.scalars(select(FitRow).where(FitRow.id.in_(ids)))}
        return [_build_record(rows[fit_id]) for fit_id in ids if fit_id in rows]

    def get_facts(self, ids: Collection[FitId]) -> dict[FitId, FitFacts]:
        """These fits by id without their arrays, taken back or not; unknown ids are left out. Meant for hundreds."""
        columns = (getattr(FitRow, name) for name in FitFacts.__dataclass_fields__)
        rows = self._session.execute(select(*columns).where(FitRow.id.in_(ids)))
        return {FitId(row.id): FitFacts(**row._mapping) for row in rows}

    def iter_newest(
        self, method: str | None = None, states: Collection[PersonState] | None = None
    ) -> Iterator[FitRecord]:
        """The newest fit of everybody by one method, in order of import, fetched in pieces.

        Args:
            method: Name of the method; None gives the current fits, as :meth:`iter_current` does.
            states: Only fits in these states. By a method a fit has a state of its own, see
                :class:`db.standings.Standing`: a decision stays with the fit it was made on.
        """
        if method is None:
            yield from self.iter_current(states)
            return
        standings = iter_standings(self._session, method)
        wanted = [row.fit_id for row in standings if states is None or row.state in states]
        for ids in iter_chunks(wanted, _PIECE):
            yield from self.get_many(ids)


class FitsWriter(Fits):
    """Adds fits."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add(self, fit: NewFit) -> FitRecord:
        """Store a fit as the person's newest; one made from older keypoints is stored too, and is stale.

        Raises:
            NotFoundError: No such person.
            ValueError: Wrong shape, NaN, keypoints of somebody else: the caller's mistake.
        """
        check_person(self._session, fit.person_id)
        (fit_id,) = self.add_many([fit])
        return self.get(fit_id)

    def add_many(self, fits: Sequence[NewFit]) -> list[FitId]:
        """Store the fits of many people; their ids in the same order. Raises as :meth:`add` does."""
        ids: list[FitId] = []
        for piece in iter_chunks(fits):
            self._check_keypoints(piece)
            ids += map(FitId, insert_many(self._session, FitRow, [self._build_values(fit) for fit in piece]))
        self._scope.note(FitRow.__tablename__, ids, (fit.person_id for fit in fits))
        return ids

    def _check_keypoints(self, fits: Sequence[NewFit]) -> None:
        wanted = {fit.revision_id for fit in fits}
        statement = select(RevisionRow.id, RevisionRow.person_id).where(RevisionRow.id.in_(wanted))
        owners = {RevisionId(row_id): PersonId(owner) for row_id, owner in self._session.execute(statement)}
        for fit in fits:
            if owners.get(fit.revision_id) != fit.person_id:
                raise ValueError(f"keypoints {fit.revision_id} are not of person {fit.person_id}")

    def _build_values(self, fit: NewFit) -> dict[str, Any]:
        numbers = (fit.l2d, fit.loss, fit.l2d_initial, fit.loss_initial, fit.box_scale, fit.rms_px or 0.0)
        if not np.isfinite(numbers).all():
            raise ValueError("the losses of a fit are finite numbers")
        return {
            "person_id": fit.person_id,
            "revision_id": fit.revision_id,
            "created_at": self._scope.now,
            "max_abs_beta": float(np.abs(fit.betas).max()),
            "options": dict(fit.options),
            "flags": _check_words(fit.flags),
            "signs": _check_words(fit.signs),
            **{name: getattr(fit, name) for name in _PLAIN},
            **{name: codec.encode(getattr(fit, name)) for name, codec in FIT_ARRAYS.items()},
        }


def _check_words(notes: Mapping[str, float]) -> dict[str, float]:
    """Heads keep the names of flags in one line of text, so a name is one word."""
    for name, amount in notes.items():
        if not name.isidentifier() or not np.isfinite(amount):
            raise ValueError(f"the flag or sign {name!r} is {amount}, expected a word and a finite number")
    return {name: float(amount) for name, amount in notes.items()}


def _live(person_id: PersonId) -> ColumnElement[bool]:
    return and_(FitRow.person_id == person_id, FitRow.retracted.is_(False))


def _build_record(row: FitRow) -> FitRecord:
    owner = f"fit {row.id}"
    plain: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    arrays: dict[str, Any] = {name: codec.decode(getattr(row, name), owner) for name, codec in FIT_ARRAYS.items()}
    return FitRecord(
        id=FitId(row.id),
        person_id=PersonId(row.person_id),
        revision_id=RevisionId(row.revision_id),
        created_at=row.created_at,
        options=dict(row.options),
        flags=dict(row.flags),
        signs=dict(row.signs),
        **plain,
        **arrays,
    )
