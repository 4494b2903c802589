"""What happened to a person: edits, fits and decisions in one line of time, as far as the annotator may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from app.services.comments import name_of
from app.services.fit_versions import name_method
from app.services.known_decisions import KnownDecisions, find_known_decisions
from app.services.project import Project
from app.services.review import REASONS
from db.records import AnnotatorId, DecisionRecord, FitId, FitRecord, Guidance, KeypointRevision, PersonId, Verdict

EventKind: TypeAlias = Literal["edit", "fit", "accept", "reject", "second_look", "reopen", "withheld"]

_REASON_TITLES = {reason.code: reason.title for reason in REASONS}
_VERDICT_TITLES: Mapping[Verdict, str] = {
    "accept": "Accepted",
    "reject": "Rejected",
    "second_look": "Set aside for a second look",
    "reopen": "Reopened",
}


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """Something that happened.

    Attributes:
        kind: What it was.
        moment: When.
        who: Name of whoever did it; empty for a fit.
        title: It in words.
        details: Reasons, comment, the fit it was about, the time it took: each a few words.
        counts: Whether the person's state rests on it.
    """

    kind: EventKind
    moment: datetime
    who: str
    title: str
    details: tuple[str, ...] = ()
    counts: bool = False


def load_history(project: Project, person_id: PersonId) -> tuple[HistoryEvent, ...]:
    """Everything that happened to a person and was not taken back, the newest first."""
    with project.store.read() as reader:
        names = {record.id: record.name for record in reader.annotators.list_all()}
        revisions = reader.keypoints.history(person_id)
        guidance = reader.guidance.history(person_id)
        fits = reader.fits.history(person_id)
        known = find_known_decisions(reader, person_id, project.annotator_id)
    numbers = {fit.id: number for number, fit in enumerate(fits, 1)}
    events = [_of_edit(revision, names) for revision in revisions]
    events += [_of_edit(guided, names) for guided in guidance]
    events += [_of_fit(fit, numbers[fit.id]) for fit in fits]
    titles = {fit.id: name_fit(fit, numbers[fit.id]) for fit in fits}
    counting = {vote.id for vote in known.outcome.counting}
    events += [_of_decision(decision, titles, names, counts=decision.id in counting) for decision in known.records]
    events.sort(key=lambda event: event.moment, reverse=True)
    return (*_describe_withheld(known, events), *events)


def name_fit(fit: FitRecord, number: int) -> str:
    """A fit among those of its person."""
    return f"fit {number} ({name_method(fit)})"


def describe_reasons(decision: DecisionRecord) -> tuple[str, ...]:
    """Reasons in words, then the comment."""
    words = [_REASON_TITLES.get(code, code) for code in decision.reasons]
    return (*words, *([f"“{decision.comment}”"] if decision.comment else []))


def describe_seconds(seconds: float) -> str:
    """How long somebody looked."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _of_edit(edit: KeypointRevision | Guidance, names: Mapping[AnnotatorId, str]) -> HistoryEvent:
    return HistoryEvent("edit", edit.created_at, name_of(names, edit.annotator_id), edit.label)


def _of_fit(fit: FitRecord, number: int) -> HistoryEvent:
    quality = f"L2d {fit.l2d:.1e}" if fit.rms_px is None else f"{fit.rms_px:.1f} px"
    return HistoryEvent("fit", fit.created_at, "", f"F{name_fit(fit, number)[1:]}", (quality,))


def _of_decision(
    decision: DecisionRecord, fits: Mapping[FitId, str], names: Mapping[AnnotatorId, str], *, counts: bool
) -> HistoryEvent:
    title = _VERDICT_TITLES[decision.verdict]
    if decision.role == "adjudication":
        title += " as adjudicator"
    about = "without a fit" if decision.fit_id is None else fits.get(decision.fit_id, "a fit that was taken back")
    details = (*describe_reasons(decision), about, describe_seconds(decision.seconds_spent))
    who = name_of(names, decision.annotator_id)
    return HistoryEvent(decision.verdict, decision.created_at, who, title, details, counts)


def _describe_withheld(known: KnownDecisions, events: list[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """That there is a decision is no secret, what it says is; nor does its moment tell how long it took."""
    if not known.withheld or not events:
        return ()
    return (
        HistoryEvent(
            "withheld",
            events[0].moment,
            "",
            "Another reviewer has decided",
            ("what they decided is shown once you have",),
        ),
    )
