"""What is current for each person: derived from the history, stored beside it for speed, checked against it.

:func:`refresh_heads` is the only writer of ``person_heads``; it runs at the end of every change, undo and redo, in the
same transaction, for the people touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, insert, select, update

from db.chunks import iter_chunks
from db.disagreement import read_disagreements
from db.models import DecisionRow, FitRow, HeadRow, PersonRow, RetractableRow, RevisionRow
from db.records import (
    FITTABLE_KEYPOINTS,
    ChangeId,
    DecisionId,
    FitId,
    PersonHead,
    PersonId,
    PersonState,
    RevisionId,
    Verdict,
)
from db.suspicion import Evidence, judge

if TYPE_CHECKING:
    from sqlalchemy import RowMapping
    from sqlalchemy.orm import InstrumentedAttribute, Session

_STATE_OF_VERDICT: dict[Verdict, PersonState] = {
    "accept": "accepted",
    "reject": "rejected",
    "second_look": "second_look",
}

_FIT_COLUMNS = ("revision_id", "l2d", "max_abs_beta", "rms_px", "box_scale", "flags", "signs")


def derive_state(
    labelled_count: int,
    revision_id: RevisionId | None,
    fit: tuple[FitId, RevisionId] | None,
    decision: tuple[FitId | None, Verdict] | None,
) -> PersonState:
    """State of a person (:data:`db.records.PersonState`).

    Args:
        labelled_count: Labelled keypoints of the current revision.
        revision_id: The current revision.
        fit: The current fit and the revision it was made from.
        decision: The fit the newest decision concerns, and its verdict.
    """
    if fit is not None and fit[1] != revision_id:
        return "stale"
    if decision is not None and decision[0] == (None if fit is None else fit[0]):
        return _STATE_OF_VERDICT[decision[1]]
    if fit is not None:
        return "fitted"
    return "unfitted" if labelled_count >= FITTABLE_KEYPOINTS else "unfittable"


def state_of_verdict(verdict: Verdict) -> PersonState:
    """State of a fresh fit that was decided on."""
    return _STATE_OF_VERDICT[verdict]


def refresh_heads(
    session: Session, stamps: Mapping[PersonId, ChangeId], now: datetime
) -> dict[PersonId, ChangeId | None]:
    """Derive the heads of these people anew and store them.

    Args:
        session: The transaction that touched them.
        stamps: For each person, the change whose outcome the head will show.
        now: The moment.

    Returns:
        The change each head showed before; None for a new person.
    """
    before: dict[PersonId, ChangeId | None] = {}
    for ids in iter_chunks(stamps):
        known = dict(read_stamps(session, ids))
        before.update({person_id: known.get(person_id) for person_id in ids})
        values = [
            {**_head_values(head), "change_id": stamps[head.person_id], "updated": now}
            for head in compute_heads(session, ids)
        ]
        new = [value for value in values if value["person_id"] not in known]
        old = [value for value in values if value["person_id"] in known]
        if new:
            session.execute(insert(HeadRow), new)
        if old:
            session.execute(update(HeadRow), old)
    return before


def read_stamps(session: Session, ids: Sequence[PersonId]) -> Iterator[tuple[PersonId, ChangeId]]:
    """The change whose outcome each person's head shows; people without a head are left out."""
    for chunk in iter_chunks(ids):
        statement = select(HeadRow.person_id, HeadRow.change_id).where(HeadRow.person_id.in_(chunk))
        for person_id, change_id in session.execute(statement):
            yield PersonId(person_id), ChangeId(change_id)


def compute_heads(session: Session, ids: Sequence[PersonId]) -> list[PersonHead]:
    """Heads of at most some thousand people, from their histories."""
    revisions = _newest(session, ids, RevisionRow, [RevisionRow.labelled_count])
    fit_columns: list[InstrumentedAttribute[Any]] = [getattr(FitRow, name) for name in _FIT_COLUMNS]
    fits = _newest(session, ids, FitRow, fit_columns)
    decisions = _newest(session, ids, DecisionRow, [DecisionRow.fit_id, DecisionRow.verdict])
    turns = read_disagreements(
        session, {person_id: (FitId(fit["id"]), RevisionId(fit["revision_id"])) for person_id, fit in fits.items()}
    )
    return [
        _join_head(
            person_id,
            revisions.get(person_id),
            fits.get(person_id),
            decisions.get(person_id),
            turns.get(person_id),
        )
        for person_id in ids
    ]


def find_wrong_heads(session: Session) -> tuple[PersonId, ...]:
    """People whose stored head is missing or differs from what their history says."""
    wrong: list[PersonId] = []
    people = [PersonId(person_id) for person_id in session.scalars(select(PersonRow.id).order_by(PersonRow.id))]
    for ids in iter_chunks(people):
        rows = session.scalars(select(HeadRow).where(HeadRow.person_id.in_(ids)))
        stored = {row.person_id: build_head(row) for row in rows}
        wrong.extend(head.person_id for head in compute_heads(session, ids) if stored.get(head.person_id) != head)
    return tuple(wrong)


def build_head(row: HeadRow) -> PersonHead:
    """Record of a stored head."""
    return PersonHead(
        person_id=PersonId(row.person_id),
        revision_id=None if row.revision_id is None else RevisionId(row.revision_id),
        fit_id=None if row.fit_id is None else FitId(row.fit_id),
        decision_id=None if row.decision_id is None else DecisionId(row.decision_id),
        state=cast(PersonState, row.state),
        labelled_count=row.labelled_count,
        l2d=row.l2d,
        max_abs_beta=row.max_abs_beta,
        rms_px=row.rms_px,
        flags=tuple(row.flags.split()),
        suspicion=row.suspicion,
        suspects=tuple(row.suspects.items()),
    )


def _newest(
    session: Session,
    ids: Sequence[PersonId],
    table: type[RetractableRow],
    columns: Sequence[InstrumentedAttribute[Any]],
) -> dict[PersonId, RowMapping]:
    """Some columns of each person's newest row that was not taken back."""
    newest = (
        select(func.max(table.id)).where(table.person_id.in_(ids), table.retracted.is_(False)).group_by(table.person_id)
    )
    rows = session.execute(select(table.person_id, table.id, *columns).where(table.id.in_(newest))).mappings()
    return {PersonId(row["person_id"]): row for row in rows}


def _join_head(
    person_id: PersonId,
    revision: RowMapping | None,
    fit: RowMapping | None,
    decision: RowMapping | None,
    turn_degrees: float | None,
) -> PersonHead:
    labelled_count = 0 if revision is None else revision["labelled_count"]
    revision_id = None if revision is None else RevisionId(revision["id"])
    fit_id = None if fit is None else FitId(fit["id"])
    suspicion = None if fit is None else judge(_evidence(fit, turn_degrees))
    return PersonHead(
        person_id=person_id,
        revision_id=revision_id,
        fit_id=fit_id,
        decision_id=None if decision is None else DecisionId(decision["id"]),
        state=derive_state(
            labelled_count,
            revision_id,
            None if fit is None or fit_id is None else (fit_id, RevisionId(fit["revision_id"])),
            None if decision is None else (decision["fit_id"], decision["verdict"]),
        ),
        labelled_count=labelled_count,
        l2d=None if fit is None else fit["l2d"],
        max_abs_beta=None if fit is None else fit["max_abs_beta"],
        rms_px=None if fit is None else fit["rms_px"],
        flags=() if fit is None else tuple(sorted(fit["flags"])),
        suspicion=None if suspicion is None else suspicion.value,
        suspects=() if suspicion is None else suspicion.suspects,
    )


def _evidence(fit: RowMapping, turn_degrees: float | None) -> Evidence:
    return Evidence(fit["signs"], fit["rms_px"], fit["box_scale"], fit["max_abs_beta"], fit["flags"], turn_degrees)


def _head_values(head: PersonHead) -> dict[str, Any]:
    values = {name: getattr(head, name) for name in PersonHead.__dataclass_fields__}
    return values | {"flags": " ".join(head.flags), "suspects": dict(head.suspects)}
