"""Which studies a project has, and how far each is."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from app.services.project import Project
from app.services.study.records import design_of, plan_of
from db.records import StudyId, StudyRecord

StudyState: TypeAlias = Literal["design", "open", "voting", "closed"]


@dataclass(frozen=True, slots=True)
class StudyOverview:
    """A study in a line of a list.

    Attributes:
        id: Row.
        name: Its name.
        state: ``design`` before it is opened, ``open`` before the first vote, ``voting``, ``closed``.
        methods: Compared.
        votes: Votes collected, practice and catch trials included.
        planned: Trials planned; None before it is opened.
    """

    id: StudyId
    name: str
    state: StudyState
    methods: tuple[str, ...]
    votes: int
    planned: int | None

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return dataclasses.asdict(self)


def list_studies(project: Project) -> list[StudyOverview]:
    """Every study of a project, oldest first."""
    with project.store.read() as reader:
        studies = reader.studies.list_all()
        counts = {study.id: reader.studies.count_votes(study.id) for study in studies}
    return [_build(study, counts[study.id]) for study in studies]


def state_of(study: StudyRecord) -> StudyState:
    """How far a study is."""
    if study.closed_at is not None:
        return "closed"
    if study.frozen_at is not None:
        return "voting"
    return "design" if study.plan is None else "open"


def _build(study: StudyRecord, votes: int) -> StudyOverview:
    planned = None if study.plan is None else sum(len(seat) for seat in plan_of(study).seats)
    return StudyOverview(study.id, study.name, state_of(study), design_of(study).methods, votes, planned)
