"""What is current for each person: derived from the history, stored beside it for speed, checked against it.

:func:`refresh_heads` is the only writer of ``person_heads``; it runs at the end of every change, undo and redo, in the
same transaction, for the people touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, func, insert, select, update

from db.chunks import iter_chunks
from db.comments import CommentAction, count_open_threads
from db.disagreement import read_disagreements
from db.models import (
    ChangeRow,
    CommentRow,
    DecisionRow,
    FitRow,
    HeadRow,
    PersonRow,
    RetractableRow,
    RevisionRow,
    SettingRow,
)
from db.presence import find_absent
from db.records import (
    FITTABLE_KEYPOINTS,
    REVIEWS_PER_PERSON,
    AnnotatorId,
    ChangeId,
    DecisionId,
    DecisionRole,
    FitId,
    PersonHead,
    PersonId,
    PersonState,
    RevisionId,
    Verdict,
)
from db.suspicion import Evidence, judge
from db.verdicts import Vote, weigh

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, RowMapping
    from sqlalchemy.orm import InstrumentedAttribute, Session

_FIT_COLUMNS = ("revision_id", "l2d", "max_abs_beta", "rms_px", "box_scale", "flags", "signs")


def derive_state(
    labelled_count: int,
    revision_id: RevisionId | None,
    fit: tuple[FitId, RevisionId] | None,
    decided: PersonState | None,
) -> PersonState:
    """State of a person (:data:`db.records.PersonState`).

    Args:
        labelled_count: Labelled keypoints of the current revision.
        revision_id: The current revision.
        fit: The current fit and the revision it was made from.
        decided: What the decisions about that fit, or about the person without one, come to.
    """
    if fit is not None and fit[1] != revision_id:
        return "stale"
    if decided is not None:
        return decided
    if fit is not None:
        return "fitted"
    return "unfitted" if labelled_count >= FITTABLE_KEYPOINTS else "unfittable"


@dataclass(frozen=True, slots=True)
class HeadSteps:
    """The change that each head showed before it was derived anew, and shows now; None where there is no head."""

    before: Mapping[PersonId, ChangeId | None]
    after: Mapping[PersonId, ChangeId | None]


def refresh_heads(session: Session, stamps: Mapping[PersonId, ChangeId | None], now: datetime) -> HeadSteps:
    """Derive the heads of these people anew and store them; whoever is not there any more loses theirs.

    Args:
        session: The transaction that touched them.
        stamps: For each person, the change whose outcome the head will show; None for whoever will have none.
        now: The moment.
    """
    before: dict[PersonId, ChangeId | None] = {}
    after: dict[PersonId, ChangeId | None] = dict.fromkeys(stamps)
    for ids in iter_chunks(stamps):
        known = dict(read_stamps(session, ids))
        before.update({person_id: known.get(person_id) for person_id in ids})
        heads = compute_heads(session, ids)
        after.update((head.person_id, stamps[head.person_id]) for head in heads)
        values = [{**_head_values(head), "change_id": stamps[head.person_id], "updated": now} for head in heads]
        _delete_heads(session, known.keys() - {head.person_id for head in heads})
        new = [value for value in values if value["person_id"] not in known]
        old = [value for value in values if value["person_id"] in known]
        if new:
            session.execute(insert(HeadRow), new)
        if old:
            session.execute(update(HeadRow), old)
    return HeadSteps(before, after)


def read_stamps(session: Session, ids: Sequence[PersonId]) -> Iterator[tuple[PersonId, ChangeId]]:
    """The change whose outcome each person's head shows; people without a head are left out."""
    for chunk in iter_chunks(ids):
        statement = select(HeadRow.person_id, HeadRow.change_id).where(HeadRow.person_id.in_(chunk))
        for person_id, change_id in session.execute(statement):
            yield PersonId(person_id), ChangeId(change_id)


def rederive_heads(session: Session, now: datetime) -> list[PersonId]:
    """Derive the heads anew after the rule by which decisions are weighed has changed.

    The heads keep the change they show: nothing of theirs was written, so undo may still go on from there.

    Returns:
        Everybody with a decision; what the rule says about the others is what it said before.
    """
    decided = select(DecisionRow.person_id).where(DecisionRow.retracted.is_(False)).distinct()
    people = [PersonId(person_id) for person_id in session.scalars(decided.order_by(DecisionRow.person_id))]
    for ids in iter_chunks(people):
        rows = session.scalars(select(HeadRow).where(HeadRow.person_id.in_(ids)))
        stored = {row.person_id: build_head(row) for row in rows}
        fresh = [head for head in compute_heads(session, ids) if stored[head.person_id] != head]
        session.expunge_all()
        if fresh:
            session.execute(update(HeadRow), [{**_head_values(head), "updated": now} for head in fresh])
    return people


def derive_heads(session: Session, people: Sequence[PersonId], now: datetime) -> None:
    """Derive these heads anew where they are missing or wrong; whoever is not there loses theirs.

    Each keeps the change it shows; a new one shows the newest there is.
    """
    newest = session.scalar(select(func.max(ChangeRow.id)))
    for ids in iter_chunks(people):
        known = dict(read_stamps(session, ids))
        values = [{**_head_values(head), "updated": now} for head in compute_heads(session, ids)]
        new = [{**value, "change_id": newest} for value in values if value["person_id"] not in known]
        old = [value for value in values if value["person_id"] in known]
        _delete_heads(session, known.keys() - {value["person_id"] for value in values})
        if new:
            session.execute(insert(HeadRow), new)
        if old:
            session.execute(update(HeadRow), old)


def _delete_heads(session: Session, people: Collection[PersonId]) -> None:
    if people:
        session.execute(delete(HeadRow).where(HeadRow.person_id.in_(people)))


def read_reviews_per_person(session: Session) -> int:
    """How many people must decide the same before it counts."""
    row = session.get(SettingRow, REVIEWS_PER_PERSON)
    return 1 if row is None else int(row.value)


def compute_heads(session: Session, ids: Sequence[PersonId]) -> list[PersonHead]:
    """Heads of at most some thousand people, from their histories; nobody's who is not there."""
    absent = find_absent(session, ids)
    ids = [person_id for person_id in ids if person_id not in absent]
    revisions = _newest(session, ids, RevisionRow, [RevisionRow.labelled_count, RevisionRow.limb_count])
    fit_columns: list[InstrumentedAttribute[Any]] = [getattr(FitRow, name) for name in _FIT_COLUMNS]
    fits = _newest(session, ids, FitRow, fit_columns)
    turns = read_disagreements(
        session, {person_id: (FitId(fit["id"]), RevisionId(fit["revision_id"])) for person_id, fit in fits.items()}
    )
    decisions = _read_decisions(session, ids)
    comments = _read_comments(session, ids)
    needed = read_reviews_per_person(session)
    return [
        _join_head(
            person_id,
            revisions.get(person_id),
            fits.get(person_id),
            turns.get(person_id),
            decisions[person_id],
            count_open_threads(comments[person_id]),
            needed,
        )
        for person_id in ids
    ]


def find_wrong_heads(session: Session) -> tuple[PersonId, ...]:
    """People whose stored head is missing or differs from what their history says; nobody who is gone has one."""
    wrong: list[PersonId] = []
    people = [PersonId(person_id) for person_id in session.scalars(select(PersonRow.id).order_by(PersonRow.id))]
    for ids in iter_chunks(people):
        rows = session.scalars(select(HeadRow).where(HeadRow.person_id.in_(ids)))
        stored = {row.person_id: build_head(row) for row in rows}
        heads = {head.person_id: head for head in compute_heads(session, ids)}
        wrong.extend(person_id for person_id in ids if stored.get(person_id) != heads.get(person_id))
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
        open_comments=row.open_comments,
        reasons=tuple(row.reasons.split()),
        decided_by=None if row.decided_by is None else AnnotatorId(row.decided_by),
        limb_count=row.limb_count,
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


def _read_decisions(session: Session, ids: Sequence[PersonId]) -> Mapping[PersonId, list[tuple[FitId | None, Vote]]]:
    """Decisions that were not taken back, each with the fit it concerns, oldest first."""
    found: defaultdict[PersonId, list[tuple[FitId | None, Vote]]] = defaultdict(list)
    for person_id, fit_id, vote in iter_votes(session, DecisionRow.person_id.in_(ids)):
        found[person_id].append((fit_id, vote))
    return found


def iter_votes(session: Session, where: ColumnElement[bool]) -> Iterator[tuple[PersonId, FitId | None, Vote]]:
    """Decisions that were not taken back: whom and which fit they concern, to be weighed; oldest first."""
    row = DecisionRow
    statement = (
        select(row.person_id, row.fit_id, row.id, row.verdict, row.role, row.annotator_id, row.reasons)
        .where(where, row.retracted.is_(False))
        .order_by(row.id)
    )
    for person_id, fit_id, row_id, verdict, role, annotator_id, reasons in session.execute(statement):
        vote = Vote(
            DecisionId(row_id),
            cast(Verdict, verdict),
            cast(DecisionRole, role),
            None if annotator_id is None else AnnotatorId(annotator_id),
            tuple(reasons),
        )
        yield PersonId(person_id), None if fit_id is None else FitId(fit_id), vote


def _read_comments(
    session: Session, ids: Sequence[PersonId]
) -> Mapping[PersonId, list[tuple[int, int | None, CommentAction]]]:
    statement = (
        select(CommentRow.person_id, CommentRow.id, CommentRow.thread_id, CommentRow.action)
        .where(CommentRow.person_id.in_(ids), CommentRow.retracted.is_(False))
        .order_by(CommentRow.id)
    )
    found: defaultdict[PersonId, list[tuple[int, int | None, CommentAction]]] = defaultdict(list)
    for person_id, row_id, thread_id, action in session.execute(statement):
        found[PersonId(person_id)].append((row_id, thread_id, cast(CommentAction, action)))
    return found


def _join_head(
    person_id: PersonId,
    revision: RowMapping | None,
    fit: RowMapping | None,
    turn_degrees: float | None,
    decisions: Sequence[tuple[FitId | None, Vote]],
    open_comments: int,
    reviews_per_person: int,
) -> PersonHead:
    labelled_count = 0 if revision is None else revision["labelled_count"]
    revision_id = None if revision is None else RevisionId(revision["id"])
    fit_id = None if fit is None else FitId(fit["id"])
    suspicion = None if fit is None else judge(_evidence(fit, turn_degrees))
    outcome = weigh((vote for about, vote in decisions if about == fit_id), reviews_per_person)
    state = derive_state(
        labelled_count,
        revision_id,
        None if fit is None or fit_id is None else (fit_id, RevisionId(fit["revision_id"])),
        outcome.state,
    )
    counts = state == outcome.state
    return PersonHead(
        person_id=person_id,
        revision_id=revision_id,
        fit_id=fit_id,
        # A list must not lead anybody to a verdict that the second reviewer may not know of.
        decision_id=decisions[-1][1].id if decisions and outcome.state != "in_review" else None,
        state=state,
        labelled_count=labelled_count,
        l2d=None if fit is None else fit["l2d"],
        max_abs_beta=None if fit is None else fit["max_abs_beta"],
        rms_px=None if fit is None else fit["rms_px"],
        flags=() if fit is None else tuple(sorted(fit["flags"])),
        suspicion=None if suspicion is None else suspicion.value,
        suspects=() if suspicion is None else suspicion.suspects,
        open_comments=open_comments,
        reasons=outcome.reasons if counts else (),
        decided_by=outcome.decided_by if counts else None,
        limb_count=0 if revision is None else revision["limb_count"],
    )


def _evidence(fit: RowMapping, turn_degrees: float | None) -> Evidence:
    return Evidence(fit["signs"], fit["rms_px"], fit["box_scale"], fit["max_abs_beta"], fit["flags"], turn_degrees)


def _head_values(head: PersonHead) -> dict[str, Any]:
    values = {name: getattr(head, name) for name in PersonHead.__dataclass_fields__}
    return values | {
        "flags": " ".join(head.flags),
        "suspects": dict(head.suspects),
        "reasons": " ".join(head.reasons),
    }
