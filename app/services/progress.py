"""How far a project is and how good: the numbers of the Progress page and of ``main.py progress`` (docs/quality.md)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from app.services.filters import FILTERS
from app.services.gold_score import read_scores
from app.services.pace import find_finish, find_pace, find_rate, working_seconds
from app.services.project import Project
from app.services.review import REASONS
from db.queries.work import NOBODY
from db.records import UNDECIDED_STATES, AnnotatorId, PersonState, Verdict
from db.transactions import Reading

LATEST: Final = 1000
"""Decisions of each annotator that rate and median look at: how it goes now, not how it began."""
GOLD_FEWEST: Final = 5
"""A gold score of fewer people would say too much about each of them."""
L2D_EDGES: Final = tuple(float(edge) for edge in np.logspace(-6, -1, 41))
"""Eight bins a decade."""
RMS_EDGES: Final = tuple(float(edge) for edge in range(41))
"""One pixel of the 224 crop each."""
_DAYS_BACK: Final = 7


@dataclass(frozen=True, slots=True)
class Share:
    """People by what was decided about them.

    Attributes:
        people: Everybody who can be decided on: all but those with too few keypoints and no decision.
        accepted: Accepted.
        rejected: Rejected.
        second_look: Set aside for somebody else.
        disputed: Two people have decided differently, and nobody has ruled.
        left: Waits for a first or second decision, or the decision is stale.
    """

    people: int
    accepted: int
    rejected: int
    second_look: int
    disputed: int
    left: int

    @property
    def decided(self) -> int:
        """Accepted, rejected or set aside."""
        return self.accepted + self.rejected + self.second_look

    @property
    def accept_rate(self) -> float | None:
        """Share of the accepted among accepted and rejected; None without any."""
        judged = self.accepted + self.rejected
        return self.accepted / judged if judged else None

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {**dataclasses.asdict(self), "decided": self.decided, "accept_rate": self.accept_rate}


@dataclass(frozen=True, slots=True)
class Histogram:
    """Current fits by one figure.

    Attributes:
        edges: ``(K,)`` ascending.
        counts: ``(K + 1,)`` below the first edge, between each two, from the last on.
        limits: Name and value of the filters' limits on it.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    limits: tuple[tuple[str, float], ...]

    @property
    def total(self) -> int:
        """Number of fits."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """People rejected for a reason; the code is "" for those without one."""

    code: str
    title: str
    people: int


@dataclass(frozen=True, slots=True)
class AnnotatorProgress:
    """What one annotator has done.

    Attributes:
        annotator_id: Who; :data:`~db.queries.work.NOBODY` for decisions of whom nobody is named.
        name: Their name.
        decided: People, by their newest verdict on each.
        accept_rate: Share of the accepted among their accepted and rejected.
        median_seconds: Median time a person was on screen, latest decisions.
        rate: People an hour of working time, latest decisions.
        edits_per_person: Edits of keypoints for each person decided.
        gold_score: Mean OKS on gold people decided before today, once there are :data:`GOLD_FEWEST`; a number only,
            so that nobody can tell who is gold.
    """

    annotator_id: AnnotatorId
    name: str
    decided: int
    accept_rate: float | None
    median_seconds: float | None
    rate: float | None
    edits_per_person: float | None
    gold_score: float | None


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """Everything that is shown.

    Attributes:
        total: Of the whole project.
        unfittable: People with too few keypoints, who are not waited for.
        today: People decided since midnight.
        rate: People an hour of working time, of everybody together.
        hours_left: Working time for those left at this rate.
        pace: People a calendar day.
        finish: When nobody is left at this pace.
        datasets: By name of dataset.
        reasons: The commonest first.
        l2d: Of current fits.
        rms: Of current fits, RMS in pixels of the 224 crop.
        annotators: The busiest first.
    """

    total: Share
    unfittable: int
    today: int
    rate: float | None
    hours_left: float | None
    pace: float | None
    finish: datetime | None
    datasets: tuple[tuple[str, Share], ...]
    reasons: tuple[ReasonCount, ...]
    l2d: Histogram
    rms: Histogram
    annotators: tuple[AnnotatorProgress, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {
            **self.total.as_dict(),
            "unfittable": self.unfittable,
            "decided_today": self.today,
            "rate_per_hour": self.rate,
            "hours_left": self.hours_left,
            "pace_per_day": self.pace,
            "expected_finish": None if self.finish is None else self.finish.isoformat(timespec="minutes"),
            "datasets": {name: share.as_dict() for name, share in self.datasets},
            "reasons": {reason.code or "none": reason.people for reason in self.reasons},
            "l2d": dataclasses.asdict(self.l2d),
            "rms_crop_px": dataclasses.asdict(self.rms),
            "annotators": [dataclasses.asdict(annotator) for annotator in self.annotators],
        }


@dataclass(frozen=True, slots=True)
class Pace:
    """An annotator's day in two numbers: people decided since midnight, and the rate of the latest decisions."""

    today: int
    rate: float | None


def build_progress(project: Project, now: datetime | None = None) -> ProgressReport:
    """The numbers as they are now.

    Args:
        project: Open project.
        now: The moment, with the time zone whose midnight ends a day; None for this machine's.
    """
    with project.store.read() as reader:
        return read_progress(reader, now or local_now())


def read_progress(reader: Reading, now: datetime) -> ProgressReport:
    """The numbers of one consistent view of the project."""
    counts = reader.progress.counts()
    total = _share(counts)
    verdicts = reader.work.verdicts()
    midnight = start_of_day(now)
    annotators, seconds = _read_annotators(reader, verdicts, midnight)
    rate = find_rate(seconds)
    week_ago = datetime.fromtimestamp(now.timestamp() - _DAYS_BACK * 86_400, UTC)
    pace = find_pace(reader.work.people_since(list(verdicts), week_ago), reader.work.first_time(), now)
    return ProgressReport(
        total=total,
        unfittable=counts["unfittable"],
        today=reader.work.people_since(list(verdicts), midnight),
        rate=rate,
        hours_left=None if rate is None or not total.left else total.left / rate,
        pace=pace,
        finish=find_finish(total.left, pace, now),
        datasets=tuple((name, _share(states)) for name, states in reader.progress.by_dataset().items()),
        reasons=_name_reasons(reader.progress.reasons()),
        l2d=Histogram(L2D_EDGES, tuple(reader.progress.l2d_counts(L2D_EDGES)), _limits_of_l2d()),
        rms=Histogram(RMS_EDGES, tuple(reader.progress.rms_crop_counts(RMS_EDGES)), _limits_of_rms()),
        annotators=annotators,
    )


def read_pace(reader: Reading, annotator_id: AnnotatorId, now: datetime) -> Pace:
    """One annotator's day, quickly enough to ask after every decision."""
    latest = reader.work.latest(annotator_id, LATEST)
    return Pace(reader.work.people_since([annotator_id], start_of_day(now)), find_rate(working_seconds(latest)))


def local_now() -> datetime:
    """The moment in this machine's time zone."""
    return datetime.now().astimezone()


def start_of_day(now: datetime) -> datetime:
    """The midnight before, in the time zone of ``now``."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _share(counts: Mapping[PersonState, int]) -> Share:
    left = sum(counts.get(state, 0) for state in UNDECIDED_STATES)
    decided: tuple[PersonState, ...] = ("accepted", "rejected", "second_look", "disputed")
    accepted, rejected, later, disputed = (counts.get(state, 0) for state in decided)
    return Share(accepted + rejected + later + disputed + left, accepted, rejected, later, disputed, left)


def _read_annotators(
    reader: Reading, verdicts: Mapping[AnnotatorId, Mapping[Verdict, int]], midnight: datetime
) -> tuple[tuple[AnnotatorProgress, ...], np.ndarray[Any, np.dtype[np.float64]]]:
    """Each annotator, and the working time of everybody's latest decisions."""
    names = {annotator.id: annotator.name for annotator in reader.annotators.list_all()}
    edits = reader.work.edits()
    gold = {score.annotator_id: score for score in read_scores(reader, before=midnight)}
    rows: list[AnnotatorProgress] = []
    everybody: list[np.ndarray[Any, np.dtype[np.float64]]] = [np.zeros(0)]
    for annotator_id, counts in verdicts.items():
        latest = reader.work.latest(annotator_id, LATEST)
        seconds = working_seconds(latest)
        everybody.append(seconds)
        decided = sum(people for verdict, people in counts.items() if verdict != "reopen")
        judged = counts.get("accept", 0) + counts.get("reject", 0)
        score = gold.get(annotator_id)
        rows.append(
            AnnotatorProgress(
                annotator_id=annotator_id,
                name=names.get(annotator_id, "" if annotator_id == NOBODY else str(annotator_id)),
                decided=decided,
                accept_rate=counts.get("accept", 0) / judged if judged else None,
                median_seconds=float(np.median(latest.seconds)) if len(latest) else None,
                rate=find_rate(seconds),
                edits_per_person=edits.get(annotator_id, 0) / decided if decided else None,
                gold_score=None if score is None or score.people < GOLD_FEWEST else score.oks,
            )
        )
    rows.sort(key=lambda row: (-row.decided, row.name))
    return tuple(rows), np.concatenate(everybody)


def _name_reasons(counts: Mapping[str, int]) -> tuple[ReasonCount, ...]:
    titles = {"": "No reason given", **{reason.code: reason.title for reason in REASONS}}
    return tuple(ReasonCount(code, titles.get(code, code), people) for code, people in counts.items())


def _limits_of_l2d() -> tuple[tuple[str, float], ...]:
    rows: Sequence[tuple[str, float | None]] = [(name, row.max_l2d) for name, row in FILTERS.items() if not row.by_rms]
    return tuple((name, limit) for name, limit in rows if limit is not None)


def _limits_of_rms() -> tuple[tuple[str, float], ...]:
    rows = [(name, row.max_rms_crop_px) for name, row in FILTERS.items() if row.by_rms]
    return tuple((name, limit) for name, limit in rows if limit is not None)
