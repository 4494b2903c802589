"""What reviewers decide about a person's fit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from db.records.ids import AnnotatorId, DecisionId, FitId, PersonId

Verdict: TypeAlias = Literal["accept", "reject", "second_look", "reopen"]
"""``reopen`` takes what was decided about a fit out of force; the rows stay."""
DecisionRole: TypeAlias = Literal["review", "adjudication"]
"""An ``adjudication`` rules where reviewers have disagreed (docs/adr/0010)."""


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision to be stored as the person's newest.

    Attributes:
        person_id: Whom it is about.
        fit_id: The fit that was looked at; it must still be the current one, or the write is refused as stale. None
            for a person without any fit, who can be rejected or set aside but not accepted.
        verdict: ``accept``, ``reject``, ``second_look``, or ``reopen``.
        reasons: Reason codes of a rejection, without blanks.
        comment: Free text.
        seconds_spent: Time the person was on screen.
        annotator_id: Who; None takes the annotator of the change.
        role: Whether it is one reviewer's, or rules over reviewers who have disagreed.
    """

    person_id: PersonId
    fit_id: FitId | None
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    comment: str = ""
    seconds_spent: float = 0.0
    annotator_id: AnnotatorId | None = None
    role: DecisionRole = "review"


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A stored decision; the fields are those of :class:`NewDecision`. ``created_at`` is aware, UTC."""

    id: DecisionId
    person_id: PersonId
    fit_id: FitId | None
    verdict: Verdict
    reasons: tuple[str, ...]
    comment: str
    annotator_id: AnnotatorId | None
    created_at: datetime
    seconds_spent: float
    role: DecisionRole = "review"
