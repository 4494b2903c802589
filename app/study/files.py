"""Plans as bytes, and the study file: one readable JSON of everything that was decided and drawn.

``plan_hash`` is the SHA-256 of the plan's bytes, ids of the project included; packages for raters carry it. The
``arrangement_hash`` knows no ids and no words: two studies have the same one if they show the same people by the same
methods in the same order on the same sides, whatever project they are in.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from app.study.design import StudyDesign
from app.study.drawing import name_person
from app.study.errors import StudyError
from app.study.plan import DrawnPerson, PlannedTrial, StudyPlan

FORMAT: Final = "exemplar-study"
VERSION: Final = 1
_LARGEST: Final = 256 * 1024 * 1024
_Value = TypeVar("_Value")


class _Mark(Struct):
    format: str
    version: Annotated[int, Meta(ge=1, le=1_000_000)]


class _StudyFile(Struct, forbid_unknown_fields=True, kw_only=True):
    """The study file's fields; without seats for a study that is not open yet."""

    format: str
    version: int
    plan_hash: str
    arrangement_hash: str
    design: StudyDesign
    notes: tuple[str, ...]
    people: tuple[DrawnPerson, ...]
    checks: tuple[DrawnPerson, ...]
    seats: tuple[tuple[PlannedTrial, ...], ...]


def encode_plan(plan: StudyPlan) -> bytes:
    """The plan as JSON, the same bytes for the same plan everywhere."""
    return msgspec.json.encode(plan, order="deterministic")


def hash_plan(plan: StudyPlan) -> str:
    """SHA-256 of :func:`encode_plan`, hexadecimal."""
    return hashlib.sha256(encode_plan(plan)).hexdigest()


def hash_arrangement(plan: StudyPlan) -> str:
    """SHA-256 of who is shown by which methods in which order on which sides, without a project's ids."""
    places = {
        known: {person.person: number for number, person in enumerate(plan.checks if known else plan.people)}
        for known in (False, True)
    }
    seats = [
        [(trial.kind, places[trial.is_known][trial.person], trial.left, trial.right) for trial in seat]
        for seat in plan.seats
    ]
    names = [[name_person(person) for person in group] for group in (plan.people, plan.checks)]
    return hashlib.sha256(msgspec.json.encode((names, seats))).hexdigest()


def list_people(plan: StudyPlan) -> StudyDesign:
    """The plan's design with its people listed: opened in another project with these people, it plans the same."""
    if not plan.people:
        return plan.design
    rule = msgspec.structs.replace(
        plan.design.people,
        listed=tuple(map(name_person, plan.people)),
        listed_checks=tuple(map(name_person, plan.checks)),
    )
    return msgspec.structs.replace(plan.design, people=rule)


def write_study_file(plan: StudyPlan, path: Path) -> Path:
    """Write the study file; a plan without people and seats is that of a study that is not open yet.

    Raises:
        StudyError: The place is none for a file, or the disk refuses; an older file stays whole.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        if path.is_dir():
            raise StudyError(f"{path} is a folder; name a file.")
        with temporary.open("xb") as file:
            file.write(encode_study_file(plan))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} could not be written ({error}); choose another place or free the disk.") from error
    finally:
        with contextlib.suppress(OSError, ValueError):
            temporary.unlink(missing_ok=True)
    return path


def encode_study_file(plan: StudyPlan) -> bytes:
    """The study file's text: a line for each person and each trial."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "plan_hash": hash_plan(plan) if plan.seats else "",
        "arrangement_hash": hash_arrangement(plan) if plan.seats else "",
        "design": plan.design,
        "notes": plan.notes,
    }
    text = msgspec.json.format(msgspec.json.encode(head), indent=2).decode().removesuffix("\n}")
    parts = [
        f'"{name}": {_write_lines(group, "  ")}' for name, group in (("people", plan.people), ("checks", plan.checks))
    ]
    seats = ",\n".join(f"    {_write_lines(seat, '    ')}" for seat in plan.seats)
    parts.append(f'"seats": [\n{seats}\n  ]' if seats else '"seats": []')
    return "".join([text, *(f",\n  {part}" for part in parts), "\n}\n"]).encode()


def read_study_file(path: Path) -> StudyPlan:
    """Read a study file.

    Returns:
        Its plan; without people and seats if the study was not open yet.

    Raises:
        StudyError: It cannot be read, is none, is of a newer version, or was changed after it was written.
    """
    try:
        if path.exists() and not path.is_file():
            raise StudyError(f"{path} is no file; name a study file.")
        if path.stat().st_size > _LARGEST:
            raise StudyError(f"{path} is too large for a study file; choose another file.")
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except FileNotFoundError as error:
        raise StudyError(f"{path} does not exist; check the name.") from error
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} cannot be read ({error}); check its permissions and the disk.") from error
    return decode_study_file(content, str(path))


def decode_study_file(content: bytes, name: str) -> StudyPlan:
    """The plan in a study file's text; ``name`` is what errors call it. Raises as :func:`read_study_file` does."""
    mark = _decode(content, _Mark, name)
    if mark.format != FORMAT:
        raise StudyError(f"{name} is no study file (its format is '{mark.format[:40]}'); choose another file.")
    if mark.version > VERSION:
        raise StudyError(f"{name} was written by a newer program (version {mark.version}); read it with that one.")
    file = _decode(content, _StudyFile, name)
    plan = StudyPlan(design=file.design, people=file.people, checks=file.checks, seats=file.seats, notes=file.notes)
    listed = {known: {person.person for person in (plan.checks if known else plan.people)} for known in (False, True)}
    if any(trial.person not in listed[trial.is_known] for _, _, trial in plan.iter_trials()):
        raise StudyError(f"{name} has a trial of somebody it does not list; export the study again.")
    if plan.seats and (hash_plan(plan), hash_arrangement(plan)) != (file.plan_hash, file.arrangement_hash):
        raise StudyError(f"{name} was changed after it was written; export the study again.")
    return plan


def _write_lines(values: Iterable[Struct], indent: str) -> str:
    lines = ",\n".join(f"{indent}  {line}" for line in _iter_lines(values))
    return f"[\n{lines}\n{indent}]" if lines else "[]"


def _iter_lines(values: Iterable[Struct]) -> Iterator[str]:
    return (msgspec.json.encode(value, order="deterministic").decode() for value in values)


def _decode(content: bytes, kind: type[_Value], name: str) -> _Value:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise StudyError(
            f"{name} is no study file ({reason}); choose another file, or export the study again."
        ) from error
