"""What two reviewers who disagree have decided, side by side, for whoever rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.services.comments import name_of
from app.services.known_decisions import find_known_decisions
from app.services.person_history import describe_reasons, describe_seconds
from app.services.project import Project
from db.records import PersonId, Verdict


@dataclass(frozen=True, slots=True)
class Side:
    """One reviewer's decision.

    Attributes:
        who: Name of the reviewer.
        is_mine: Whether it is the annotator's own.
        verdict: ``accept`` or ``reject``.
        reasons: Reasons in words, then the comment.
        moment: When.
        looked: How long they looked.
    """

    who: str
    is_mine: bool
    verdict: Verdict
    reasons: tuple[str, ...]
    moment: datetime
    looked: str


def load_dispute(project: Project, person_id: PersonId) -> tuple[Side, ...]:
    """The decisions that differ, oldest first; empty unless the person is ``disputed``."""
    with project.store.read() as reader:
        known = find_known_decisions(reader, person_id, project.annotator_id)
        state = reader.queue.get_head(person_id).state
        names = {record.id: record.name for record in reader.annotators.list_all()}
    if state != "disputed":
        return ()
    counting = {vote.id for vote in known.outcome.counting}
    return tuple(
        Side(
            name_of(names, row.annotator_id),
            row.annotator_id == project.annotator_id,
            row.verdict,
            describe_reasons(row),
            row.created_at,
            describe_seconds(row.seconds_spent),
        )
        for row in known.records
        if row.id in counting
    )
