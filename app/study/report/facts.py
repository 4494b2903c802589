"""What a report tells beside the statistics: the plan and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.study.design import StudyDesign
from app.study.plan import PlannedTrial, StudyPlan, TrialKind
from app.study.results import StudyResults
from db.records.studies import StudyVote

KINDS: tuple[TrialKind, ...] = ("practice", "main", "catch", "repeat")


@dataclass(frozen=True, slots=True, eq=False)
class StudyFacts:
    """A study with its plan and its votes.

    Attributes:
        plan: The plan, with the design.
        plan_hash: SHA-256 of the plan.
        votes: All that came in, by seat and position.
        opened_at: When it was opened to raters.
        frozen_at: When its first vote was seen.
        closed_at: When it was closed; None while votes are taken.
        tool_version: Version of this program.
    """

    plan: StudyPlan
    plan_hash: str
    votes: tuple[StudyVote, ...]
    opened_at: datetime | None
    frozen_at: datetime | None
    closed_at: datetime | None
    tool_version: str

    @property
    def design(self) -> StudyDesign:
        """The frozen design."""
        return self.plan.design

    @property
    def newest_vote_at(self) -> datetime | None:
        """When the newest vote was stored: the date of the report, which knows no clock."""
        return max((vote.voted_at for vote in self.votes), default=None)

    def is_interim(self, results: StudyResults) -> bool:
        """Whether votes are still expected."""
        return self.closed_at is None and results.cast < results.planned

    def find_trial(self, vote: StudyVote) -> PlannedTrial | None:
        """The trial a vote answers; None if the plan has none there."""
        seats = self.plan.seats
        if not 0 <= vote.seat < len(seats) or not 0 <= vote.position < len(seats[vote.seat]):
            return None
        return seats[vote.seat][vote.position]

    def count_planned(self) -> Mapping[TrialKind, int]:
        """Trials of each kind in the plan."""
        return Counter(trial.kind for _, _, trial in self.plan.iter_trials())

    def count_cast(self) -> Mapping[TrialKind, int]:
        """Votes on trials of each kind."""
        trials = map(self.find_trial, self.votes)
        return Counter(trial.kind for trial in trials if trial is not None)
