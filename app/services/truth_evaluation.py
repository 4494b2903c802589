"""Stored fits against the 3D truth that came with a dataset: errors of each person, and means with intervals.

Whoever's fit came with the truth is left out: imported from the same file, or the very same pose. Nothing that fits
bodies looks at truth, so that everybody else's counts.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.errors import ServiceError
from app.services.fit_samples import IMPORTED, find_gender
from app.services.fitting import new_job_id
from app.services.gendered_bodies import find_gendered_bodies
from app.services.places import make_folder, usable
from app.services.project import Project
from app.services.selecting import Selection, iter_chosen
from db.formats.parts.files import replacing
from db.records import FitRecord, TruthRecord
from db.transactions import Reading
from fitting.runners import ProcessRunner
from fitting.spec import (
    PROTOCOL_TITLES,
    BodyGender,
    EstimateJob,
    EstimateResult,
    TruthErrors,
    TruthJob,
    TruthResult,
    TruthTarget,
)

_PIECE: Final = 200
_SAME_POSE: Final = 1e-4
"""Largest difference of entries of two poses that are one: fits of photographs never come so near the truth."""
_FIGURES: Final = ("mpjpe_mm", "pa_mm", "mpjpe_17_mm", "pa_17_mm")
_SAME_FILE = "the fit came from the file of the truth"
_SAME_BODY = "the fit is the truth"
_NO_FIT = "no such fit"
_COLUMNS: Final = (
    *("dataset", "image", "annotation", "person", "fit", "method", "protocol", "joints", *_FIGURES),
    *("gender", "left_out", "note"),
)


@dataclass(frozen=True, slots=True)
class TruthReport:
    """What an evaluation came to.

    Attributes:
        folder: Where the files went.
        csv: A row for each person with truth and a fit.
        json: This report.
        content: Datasets with their means, by protocol, who was left out and why, and what stood in for what.
    """

    folder: Path
    csv: Path
    json: Path
    content: Mapping[str, Any]


@dataclass(slots=True)
class _Tally:
    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    seen: int = 0


def evaluate_on_truth(
    project: Project,
    folder: Path,
    selection: Selection,
    *,
    male: Path | None = None,
    female: Path | None = None,
    seed: int = 0,
    make_runner: RunnerFactory = ProcessRunner,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> TruthReport:
    """Measure the selected fits of people with truth.

    Args:
        project: Open project.
        folder: Where ``truth.csv`` and ``truth.json`` go.
        selection: Which fits.
        male: Body file of men; otherwise one beside the project's body.
        female: Likewise of women.
        seed: Of the intervals' bootstrap.
        make_runner: Measures.
        on_done: Called with the people measured and those with truth.

    Raises:
        ServiceError: Nobody has truth, or a body or the folder cannot be used.
    """
    bodies = find_gendered_bodies(project.body, male, female)
    tally = _Tally()
    with project.store.read() as reader, BlockingJobs(make_runner) as jobs:
        total = reader.truth.count()
        if not total:
            raise ServiceError(
                "Nobody in this project has 3D truth; import a dataset that brings it (h36m, mpi-inf-3dhp, 3dpw)."
            )
        for piece in _iter_pieces(reader, selection, tally):
            job, fits = _build_job(project, piece, bodies), [fit for fit, _ in piece]
            errors = jobs.run(job, TruthResult).errors if piece else ()
            images = _name_people(reader, fits)
            for (fit, truth), found in zip(piece, errors, strict=True):
                _take(tally, fit, truth, found, images[fit.person_id])
            on_done(tally.seen, total)
        if total > tally.seen:
            tally.left_out[_NO_FIT] += total - tally.seen
        content = _summarise(project, selection, tally, total, bodies, jobs, seed)
    return _write(make_folder(folder), content, tally.rows)


def _iter_pieces(reader: Reading, selection: Selection, tally: _Tally) -> Iterator[list[tuple[FitRecord, TruthRecord]]]:
    """Fits of people with truth, without those that came with it."""
    chosen = iter_chosen(reader, selection)
    while piece := [one.fit for one in islice(chosen, _PIECE)]:
        truths = reader.truth.of_people([fit.person_id for fit in piece])
        pairs = [(fit, truths[fit.person_id]) for fit in piece if fit.person_id in truths]
        tally.seen += len(pairs)
        named = _name_people(reader, [fit for fit, _ in pairs])
        fair: list[tuple[FitRecord, TruthRecord]] = []
        for fit, truth in pairs:
            reason = find_unfairness(fit, truth)
            if reason is None:
                fair.append((fit, truth))
            else:
                tally.left_out[reason] += 1
                tally.rows.append(_build_row(fit, truth, named[fit.person_id]) | {"left_out": reason})
        if fair:
            yield fair


def build_person_job(project: Project, fit: FitRecord) -> TruthJob | str | None:
    """The job that measures one fit; a sentence where it must not be measured, None for somebody without truth."""
    with project.store.read() as reader:
        truth = reader.truth.find(fit.person_id)
    if truth is None:
        return None
    if (reason := find_unfairness(fit, truth)) is not None:
        return f"Not measured by the truth of {truth.source}: {reason}."
    return _build_job(project, [(fit, truth)], find_gendered_bodies(project.body))


def find_unfairness(fit: FitRecord, truth: TruthRecord) -> str | None:
    """Why a fit must not be measured by this truth; None if it may."""
    if fit.stop_reason == IMPORTED and fit.options.get("source") == truth.source:
        return _SAME_FILE
    if truth.rotations is not None and np.abs(fit.rotations - truth.rotations).max() < _SAME_POSE:
        return _SAME_BODY
    return None


def _build_job(
    project: Project, piece: Sequence[tuple[FitRecord, TruthRecord]], bodies: Mapping[BodyGender, Path]
) -> TruthJob:
    return TruthJob(
        job_id=new_job_id(),
        rotations=np.stack([fit.rotations for fit, _ in piece]),
        betas=np.stack([fit.betas for fit, _ in piece]),
        genders=tuple(find_gender(fit) for fit, _ in piece),
        targets=tuple(
            TruthTarget(truth.skeleton, truth.joints_m, truth.rotations, truth.betas, truth.gender)
            for _, truth in piece
        ),
        body=project.body,
        gendered=dict(bodies),
    )


def _name_people(reader: Reading, fits: Sequence[FitRecord]) -> dict[int, tuple[str, str]]:
    """Picture and annotation id of each person."""
    people = reader.people.get_many([fit.person_id for fit in fits])
    images = reader.images.get_many({person.image_id for person in people.values()})
    return {row.id: (images[row.image_id].path, row.external_id or "") for row in people.values()}


def _build_row(fit: FitRecord, truth: TruthRecord, named: tuple[str, str]) -> dict[str, Any]:
    return {
        "dataset": truth.source,
        "image": named[0],
        "annotation": named[1],
        "person": fit.person_id,
        "fit": fit.id,
        "method": fit.method,
        "gender": truth.gender or "",
    }


def _take(tally: _Tally, fit: FitRecord, truth: TruthRecord, found: TruthErrors, named: tuple[str, str]) -> None:
    row = _build_row(fit, truth, named) | {"note": found.note}
    if found.note:
        tally.notes[found.note] += 1
    if found.protocol is None:
        tally.left_out[found.note] += 1
        row["left_out"] = found.note
    else:
        row |= {"protocol": found.protocol, "joints": found.joints}
        row |= {name: getattr(found, name) for name in _FIGURES if np.isfinite(getattr(found, name))}
    tally.rows.append(row)


def _summarise(
    project: Project,
    selection: Selection,
    tally: _Tally,
    total: int,
    bodies: Mapping[BodyGender, Path],
    jobs: BlockingJobs,
    seed: int,
) -> dict[str, Any]:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in tally.rows:
        if "protocol" in row:
            groups[row["dataset"], row["protocol"]].append(row)
    datasets: dict[str, dict[str, Any]] = {}
    for (dataset, protocol), rows in groups.items():
        columns = {name: np.array([row.get(name, np.nan) for row in rows], dtype=np.float64) for name in _FIGURES}
        means = jobs.run(EstimateJob(new_job_id(), columns, seed), EstimateResult).means
        datasets.setdefault(dataset, {})[protocol] = {
            "people": len(rows),
            **{
                name: {"value": mean.value, "low": _or_none(mean.low), "high": _or_none(mean.high), "count": mean.count}
                for name, mean in means.items()
                if mean.count
            },
        }
    used = {protocol for _, protocol in groups}
    return {
        "project": str(project.folder),
        "selection": dict(selection.describe()),
        "body": str(project.body),
        "gendered_bodies": {gender: str(path) for gender, path in bodies.items()},
        "people_with_truth": total,
        "measured": sum(len(rows) for rows in groups.values()),
        "left_out": dict(tally.left_out),
        "notes": dict(tally.notes),
        "protocols": {name: title for name, title in PROTOCOL_TITLES.items() if name in used},
        "datasets": datasets,
    }


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _write(folder: Path, content: dict[str, Any], rows: Sequence[Mapping[str, Any]]) -> TruthReport:
    table, document = folder / "truth.csv", folder / "truth.json"
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _defuse(value) for key, value in row.items()} for row in rows)
    for path, written in ((table, text.getvalue()), (document, json.dumps(content, indent=1, allow_nan=False) + "\n")):
        with usable(path), replacing(path) as (file, _):
            file.write(written.encode())
    return TruthReport(folder, table, document, content)


def _defuse(value: object) -> object:
    """A text that a table program would take for a formula, made a text again."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
