"""Studies of a project: the stored record and the values it stands for."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from app.services.errors import ServiceError
from app.services.project import Project
from app.study.design import StudyDesign
from app.study.plan import StudyPlan
from db.records import StudyRecord

_Value = TypeVar("_Value")


def get_study(project: Project, name: str) -> StudyRecord:
    """A study by name.

    Raises:
        ServiceError: There is none.
    """
    with project.store.read() as reader:
        found = reader.studies.find(name)
        if found is not None:
            return found
        names = [study.name for study in reader.studies.list_all()]
    there = f"there are: {', '.join(names)}" if names else "make one with 'study new'"
    raise ServiceError(f"The project has no study '{name}'; {there}.")


def design_of(study: StudyRecord) -> StudyDesign:
    """Its design.

    Raises:
        ServiceError: What is stored is none: the project was written to by hand, or by a newer program.
    """
    return _convert(study, study.design, StudyDesign, "design")


def plan_of(study: StudyRecord) -> StudyPlan:
    """Its plan.

    Raises:
        ServiceError: The study has not been opened, or what is stored is no plan.
    """
    if study.plan is None:
        raise ServiceError(f"The study '{study.name}' is not open yet; open it with 'study open {study.name}'.")
    try:
        return msgspec.json.decode(study.plan, type=StudyPlan)
    except msgspec.MsgspecError as error:
        raise _damaged(study, "plan", error) from error


def folder_of(project: Project, study: StudyRecord) -> Path:
    """Where the study's own files lie within the project; made by whoever writes.

    Raters may see the path of their package, so it does not carry the study's name, which may name methods.
    """
    return project.folder / "studies" / study.uid[:8]


def package_of(project: Project, study: StudyRecord) -> Path:
    """The study's own rater package, which all seats that are not handed out share."""
    return folder_of(project, study) / "package"


def _convert(study: StudyRecord, value: object, kind: type[_Value], what: str) -> _Value:
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.MsgspecError as error:
        raise _damaged(study, what, error) from error


def _damaged(study: StudyRecord, what: str, error: msgspec.MsgspecError) -> ServiceError:
    return ServiceError(
        f"The {what} of the study '{study.name}' cannot be read ({error}); restore the project from a backup, or open"
        " it with the newer program that wrote it."
    )
