"""What several decisions about one fit come to: a pure function of them and of how many people must agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from db.records import AnnotatorId, DecisionId, DecisionRecord, DecisionRole, PersonState, Verdict

_STATE_OF_VERDICT: dict[Verdict, PersonState] = {
    "accept": "accepted",
    "reject": "rejected",
    "second_look": "second_look",
}


@dataclass(frozen=True, slots=True)
class Vote:
    """A decision, as far as it is weighed."""

    id: DecisionId
    verdict: Verdict
    role: DecisionRole
    annotator_id: AnnotatorId | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the decisions about one fit come to.

    Attributes:
        state: The person's, as long as the fit is current and fresh; None when nobody has decided.
        counting: The decisions it rests on, oldest first.
        conflict: Whether reviewers have disagreed, so that whoever decides next rules.
        secret: Whose verdict must not be known to anybody else who has yet to decide.
    """

    state: PersonState | None = None
    counting: tuple[Vote, ...] = ()
    conflict: bool = False
    secret: frozenset[AnnotatorId | None] = frozenset()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reason codes in order, each once; none while the verdict must not be known."""
        if self.state == "in_review":
            return ()
        return tuple(sorted({code for vote in self.counting for code in vote.reasons}))

    @property
    def decided_by(self) -> AnnotatorId | None:
        """Who made the newest decision that counts."""
        return self.counting[-1].annotator_id if self.counting else None


def weigh(votes: Iterable[Vote], reviews_per_person: int) -> Outcome:
    """Weigh the decisions about one fit (or about a person without any).

    With one reviewer the newest decision rules. With two, each person's newest one counts: two that agree decide, two
    that differ are a dispute, which an adjudication ends. Whoever asks for a second look withdraws what they decided
    before. A ``reopen`` takes everything before it out of force.

    Args:
        votes: Those not taken back, oldest first.
        reviews_per_person: How many people must decide the same.
    """
    tally = _Tally()
    for vote in votes:
        tally.add(vote)
    newest = tally.newest
    if newest is None:
        return Outcome()
    if reviews_per_person <= 1:
        return Outcome(_STATE_OF_VERDICT[newest.verdict], (newest,))
    conflict = tally.ruling is not None or len({vote.verdict for vote in tally.standing.values()}) > 1
    unsettled = not conflict and len(tally.standing) < reviews_per_person
    state, counting = tally.settle(newest, conflict, unsettled)
    return Outcome(state, counting, conflict, frozenset(tally.standing) if unsettled else frozenset())


@dataclass(slots=True)
class _Tally:
    """What is in force while decisions are gone through: one of each person's, the newest, the ruling."""

    standing: dict[AnnotatorId | None, Vote] = field(default_factory=dict)
    newest: Vote | None = None
    ruling: Vote | None = None

    def add(self, vote: Vote) -> None:
        if vote.verdict == "reopen":
            self.standing.clear()
            self.newest = self.ruling = None
            return
        self.newest = vote
        if vote.verdict == "second_look":
            self.standing.pop(vote.annotator_id, None)
        elif vote.role == "adjudication":
            self.ruling = vote
        else:
            self.ruling = None
            self.standing.pop(vote.annotator_id, None)
            self.standing[vote.annotator_id] = vote

    def settle(self, newest: Vote, conflict: bool, unsettled: bool) -> tuple[PersonState, tuple[Vote, ...]]:
        if newest.verdict == "second_look":
            return "second_look", (newest,)
        if self.ruling is not None:
            return _STATE_OF_VERDICT[self.ruling.verdict], (self.ruling,)
        agreed = tuple(self.standing.values())
        if conflict:
            return "disputed", agreed
        return "in_review" if unsettled else _STATE_OF_VERDICT[newest.verdict], agreed


def build_vote(decision: DecisionRecord) -> Vote:
    """A stored decision, to be weighed."""
    return Vote(decision.id, decision.verdict, decision.role, decision.annotator_id, decision.reasons)
