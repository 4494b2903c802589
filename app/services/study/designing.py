"""Designs of a project's studies: made, changed while nobody has voted, copied, read from files and written to them."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from app.services.errors import ServiceError
from app.services.export_parts import check_place
from app.services.places import resolve_place
from app.services.project import Project
from app.services.study.candidates import Candidates
from app.services.study.packing import VotesFoundError, check_unused, retire_package
from app.services.study.records import design_of, get_study, package_of, plan_of
from app.services.where import require_where
from app.study.checks import check_design, find_warnings
from app.study.design import StudyDesign
from app.study.files import list_people, read_study_file, write_study_file
from app.study.plan import StudyPlan
from db.formats.errors import FormatError
from db.records import StudyRecord


def new_study(project: Project, design: StudyDesign) -> StudyRecord:
    """Store a new study under its design's name.

    Raises:
        StudyError: The design has faults.
        ServiceError: Its filter is not understood, or the project has no fits by one of the methods.
        StoreError: There is a study of this name.
    """
    _check_in_project(project, design)
    with project.store.change("New study", annotator_id=project.annotator_id, undoable=False) as change:
        study_id = change.studies.add(secrets.token_hex(16), design.name, msgspec.to_builtins(design))
    with project.store.read() as reader:
        return reader.studies.get(study_id)


def change_design(project: Project, study: StudyRecord, design: StudyDesign) -> StudyRecord:
    """Give a study another design; what was drawn and opened for the one before is forgotten.

    Raises:
        StudyError: The design has faults.
        ServiceError: As for :func:`new_study`; or votes of it are in its package, or seats of it are handed out.
        StoreError: The first vote has been seen, or somebody else has changed the study since it was read.
    """
    if design.name != study.name:
        raise ServiceError(f"A study keeps its name, '{study.name}'; copy it to have another.")
    _check_in_project(project, design)
    if study.frozen_at is None:  # the store refuses the others, and their raters must not be stopped
        _retire_package(project, study)
    with project.store.change("Change study", annotator_id=project.annotator_id, undoable=False) as change:
        change.studies.set_design(study, msgspec.to_builtins(design))
    with project.store.read() as reader:
        return reader.studies.get(study.id)


def copy_study(project: Project, name: str, new_name: str) -> StudyRecord:
    """A new study with the design of another one, voted on or not.

    Raises:
        ServiceError: There is no such study.
        StoreError: There is a study of the new name.
    """
    design = design_of(get_study(project, name))
    return new_study(project, msgspec.structs.replace(design, name=new_name))


def read_design(path: Path, name: str) -> StudyDesign:
    """The design of a study file under another name, with its people listed: the same study once more.

    Args:
        path: Study file.
        name: Of the new study.

    Raises:
        StudyError: It is no study file.
    """
    return msgspec.structs.replace(list_people(read_study_file(resolve_place(path))), name=name)


def forget_people(design: StudyDesign) -> StudyDesign:
    """The design with nobody listed, so that people are drawn."""
    rule = msgspec.structs.replace(design.people, listed=(), listed_checks=())
    return msgspec.structs.replace(design, people=rule)


def export_study(project: Project, name: str, path: Path) -> Path:
    """Write the study file of a study, open or not.

    Raises:
        ServiceError: There is no such study, or the place is none.
        StudyError: The file cannot be written.
    """
    study = get_study(project, name)
    unplanned = StudyPlan(design=design_of(study), people=(), checks=(), seats=())
    place = resolve_place(path)
    try:
        check_place(project, place)
    except FormatError as error:
        raise ServiceError(f"{place} is there already; name another file, so that nothing is lost.") from error
    return write_study_file(unplanned if study.plan is None else plan_of(study), place)


def find_design_warnings(design: StudyDesign, candidates: Candidates | None = None) -> list[str]:
    """What is unwise about a design, and whether a project has people enough for it; a sentence each."""
    warnings = find_warnings(design)
    if candidates is None or design.people.listed:
        return warnings
    there, wanted = len(candidates.people), design.people.count
    checks = design.practice + design.catches.count
    if there < wanted:
        warnings.append(
            f"{wanted} people are wanted, and {candidates.in_words()[0].lower()}{candidates.in_words()[1:]}"
        )
        if checks:
            warnings.append(
                "Nobody is left for practice and catch trials, which will show people of the sample too, so that"
                " raters can learn which of two fits is nearer to the keypoints; take fewer people."
            )
    elif there < wanted + checks:
        warnings.append(
            f"Besides the {wanted} people of the study, {there - wanted} are left for {checks} practice and catch"
            " trials; some will come more than once, or be people of the sample."
        )
    return warnings


def _check_in_project(project: Project, design: StudyDesign) -> None:
    check_design(design)
    require_where(design.people.where)
    with project.store.read() as reader:
        known = reader.methods.counts()
    for method in design.methods:
        if method not in known:
            there = ", ".join(known) or "none at all"
            raise ServiceError(f"There are no fits by '{method}' in this project; there are fits by: {there}.")


def _retire_package(project: Project, study: StudyRecord) -> None:
    """Let nobody vote on a plan that is about to be forgotten; refused if somebody has, which freezes the study."""
    folder = package_of(project, study)
    try:
        check_unused(folder)
        retire_package(folder)
    except VotesFoundError:
        with project.store.change(
            f"First vote of the study '{study.name}'", annotator_id=project.annotator_id, undoable=False
        ) as change:
            change.studies.freeze(study.id)
        raise
