"""What the page reads of a project's studies, on a worker thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.services.project import Project
from app.services.study.overview import StudyOverview, StudyState, list_studies, state_of
from app.services.study.records import design_of, package_of
from app.study.design import StudyDesign
from db.records import ChangeId, StudyId


@dataclass(frozen=True, slots=True)
class StudyOnShow:
    """One study.

    Attributes:
        id: Row.
        name: Its name.
        state: How far it is.
        design: What is stored.
        frozen_at: When its first vote was seen.
        version: Counts its changes.
        votes: Votes collected.
        planned: Votes planned; 0 before it is opened.
        package: Where its rater package is.
    """

    id: StudyId
    name: str
    state: StudyState
    design: StudyDesign
    frozen_at: datetime | None
    version: int
    votes: int
    planned: int
    package: Path


@dataclass(frozen=True, slots=True)
class StudiesRead:
    """Everything the page begins with.

    Attributes:
        newest: The newest change of the project then.
        studies: In a line each.
        methods: Number of people with a fit by each method.
    """

    newest: ChangeId | None
    studies: tuple[StudyOverview, ...]
    methods: Mapping[str, int]


def read_studies(project: Project, seen: ChangeId | None) -> StudiesRead | None:
    """Every study; None if nothing was written since ``seen``."""
    with project.store.read() as reader:
        newest = reader.changes.latest_id()
        if seen is not None and newest == seen:
            return None
        methods = reader.methods.counts()
    return StudiesRead(newest, tuple(list_studies(project)), methods)


def read_study(project: Project, study_id: StudyId) -> StudyOnShow:
    """One study.

    Raises:
        ServiceError: What is stored cannot be read.
    """
    with project.store.read() as reader:
        record = reader.studies.get(study_id)
    overview = next(study for study in list_studies(project) if study.id == study_id)
    return StudyOnShow(
        id=record.id,
        name=record.name,
        state=state_of(record),
        design=design_of(record),
        frozen_at=record.frozen_at,
        version=record.version,
        votes=overview.votes,
        planned=overview.planned or 0,
        package=package_of(project, record),
    )
