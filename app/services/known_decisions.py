"""What an annotator may know of the decisions about a person: who is to decide independently sees no other verdict."""

from __future__ import annotations

from dataclasses import dataclass

from db.records import AnnotatorId, DecisionRecord, PersonId
from db.transactions import Reading
from db.verdicts import Outcome


@dataclass(frozen=True, slots=True)
class KnownDecisions:
    """Decisions about a person, as one annotator may see them.

    Attributes:
        records: Oldest first, without those that are withheld.
        withheld: Whose decisions are withheld until the annotator has decided.
        outcome: What the decisions about the current fit come to.
    """

    records: tuple[DecisionRecord, ...]
    withheld: frozenset[AnnotatorId | None]
    outcome: Outcome


def find_known_decisions(reader: Reading, person_id: PersonId, annotator_id: AnnotatorId) -> KnownDecisions:
    """Decisions about a person that were not taken back.

    While one of two reviewers has decided about the current fit, anybody else sees nothing of what they decided about
    it: neither the verdict that counts nor those they have changed since.
    """
    history = reader.decisions.history(person_id)
    outcome = reader.decisions.outcome(person_id)
    if not outcome.secret or annotator_id in outcome.secret:
        return KnownDecisions(tuple(history), frozenset(), outcome)
    fit = reader.fits.current(person_id)
    about = None if fit is None else fit.id
    round_begins = max(
        (row.id for row in history if row.fit_id == about and row.verdict == "reopen"),
        default=0,
    )
    records = tuple(
        row
        for row in history
        if row.fit_id != about or row.id <= round_begins or row.annotator_id not in outcome.secret
    )
    return KnownDecisions(records, outcome.secret, outcome)
