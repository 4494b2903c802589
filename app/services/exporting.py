"""Fits out of a project, with a manifest beside the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.errors import ServiceError
from app.services.export_parts import (
    STATES,
    DecisionFilter,
    ExportReport,
    OnDone,
    build_provenance,
    check_place,
    count_states,
    ignore_done,
    tell_done,
)
from app.services.filters import FILTERS
from app.services.fit_samples import find_gender, iter_samples
from app.services.fitting import new_job_id
from app.services.places import resolve_place
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection, iter_chosen
from db.formats import get_conventions, get_fit_writer
from db.formats.fits import ExportContext, FitSample, Gender, Mesh
from db.formats.parts.manifest import Provenance, WrittenExport, manifest_path, reserving_manifest
from db.transactions import Reading
from fitting import CODE_VERSION
from fitting.runners import ProcessRunner
from fitting.spec import BodyFit, MeshJob, MeshResult

FOCAL_PX = 5000.0
"""Focal length for formats with a perspective camera; SPIN's, so far away that perspective hardly shows."""

_BASE_NAMES = frozenset({"eft-json", "eft-pickle"})
"""Formats whose own exporter drops the folder of a picture (eft_method.md 5.1)."""
_PERSPECTIVE = frozenset({"humandata", "smplx-npz", "amass-npz"})
"""Formats whose translation depends on the focal length; their manifest says which it was."""


def export_fits(
    project: Project,
    format_name: str,
    out: Path,
    selection: Selection = EVERYTHING,
    *,
    decision: DecisionFilter = "accepted",
    make_runner: RunnerFactory = ProcessRunner,
    focal_px: float = FOCAL_PX,
    on_done: OnDone = ignore_done,
) -> ExportReport:
    """Write selected fits in a format of fits.

    Stale fits are never written: their keypoints are not the ones they were made from. With a method in the selection,
    the decision asked for is the one made on that method's fit, whichever fit is current.

    Args:
        project: Open project.
        format_name: Name in ``db.formats``.
        out: File or folder to write; the manifest goes beside it.
        selection: Which fits.
        decision: Whose fits.
        make_runner: Poses bodies for formats of meshes; not called for others.
        focal_px: Focal length for formats with a perspective camera, pixels of the picture.
        on_done: Called with the fits on their way into the file and those there are; what it raises ends the export.

    Raises:
        ServiceError: The selected fits were made with different bodies, or meshes are asked for and the project's body
            is another than theirs, or the file would take the project's place.
        FormatError: There is no such format, something else than an earlier export is in the place, or the file or its
            manifest cannot be written; an older file stays whole.
    """
    out = resolve_place(out)
    check_place(project, out)
    writer, conventions = get_fit_writer(format_name), get_conventions(format_name)
    base_name = format_name in _BASE_NAMES
    with project.store.read() as reader, ExitStack() as resources:
        survey = survey_fits(reader, selection, decision)
        context = ExportContext(
            dataset_name=project.name,
            raw_name=_raw_name(reader),
            tool_version=CODE_VERSION,
            focal_px=focal_px,
            make_mesh=_mesh_maker(project, survey.body_hash, make_runner, resources),
        )
        chosen = iter_chosen(reader, selection, STATES[decision])
        write_manifest = resources.enter_context(reserving_manifest(manifest_path(out)))
        samples = tell_done(iter_samples(reader, chosen, base_name=base_name), survey.count, on_done)
        written = writer(out, samples, context)
        asked = _describe(format_name, selection, decision, focal_px)
        provenance = _provenance(reader, project, asked, survey, written)
        write_manifest(written, conventions, provenance)
    return ExportReport(
        written.path,
        manifest_path(out),
        written.count,
        written.sha256,
        survey.left_out,
        survey.passing,
        written.count - survey.passing["export"],
    )


@dataclass(frozen=True, slots=True)
class Survey:
    """What a selection holds, counted before anything is written."""

    count: int
    states: dict[str, int]
    left_out: dict[str, int]
    passing: dict[str, int]
    flags: dict[str, int]
    body_hash: str
    genders: tuple[Gender, ...]


def survey_fits(reader: Reading, selection: Selection, decision: DecisionFilter) -> Survey:
    """Count the fits that an export would write, and those it would leave out.

    Raises:
        ServiceError: They were made with different bodies.
    """
    count = 0
    states = count_states(reader)
    refused: Counter[str] = Counter()
    passing = dict.fromkeys(FILTERS, 0)
    flags: Counter[str] = Counter()
    bodies: set[str] = set()
    genders: set[Gender] = set()
    for chosen in iter_chosen(reader, selection, STATES[decision], refused):
        count += 1
        bodies.add(chosen.fit.body_hash)
        genders.add(find_gender(chosen.fit))
        flags.update(chosen.fit.flags.keys())
        for name, row in FILTERS.items():
            passing[name] += row.passes(chosen.figures)
    if len(bodies) > 1:
        raise ServiceError(
            f"The selected fits were made with {len(bodies)} different bodies, which one file cannot tell apart;"
            " re-fit them with one body first."
        )
    return Survey(
        count=count,
        states=states,
        left_out=_states_left_out(reader, selection, decision) | dict(refused),
        passing=passing,
        flags=dict(sorted(flags.items())),
        body_hash=next(iter(bodies), ""),
        genders=tuple(sorted(genders)),
    )


def _states_left_out(reader: Reading, selection: Selection, decision: DecisionFilter) -> dict[str, int]:
    if selection.method is None:
        counts: Counter[str] = Counter(reader.progress.counts())
    else:
        standings = reader.methods.standings(selection.method)
        counts = Counter(standing.state for standing in standings.values())
        counts[f"no fit by {selection.method}"] = len(reader.queue.ids()) - len(standings)
    return {state: people for state, people in counts.items() if people and state not in STATES[decision]}


def _describe(format_name: str, selection: Selection, decision: DecisionFilter, focal_px: float) -> dict[str, object]:
    asked: dict[str, object] = {"decision": decision, "stale": "left out", **selection.describe()}
    return asked | {"focal_px": focal_px} if format_name in _PERSPECTIVE else asked


def _provenance(
    reader: Reading, project: Project, asked: dict[str, object], survey: Survey, written: WrittenExport
) -> Provenance:
    counts = {
        **survey.states,
        "exported": written.count,
        "beyond_published_filter": written.count - survey.passing["export"],
        **{f"left out: {reason}": people for reason, people in survey.left_out.items()},
        **{f"passing {name}": fits for name, fits in survey.passing.items()},
        **{f"with the flag {name}": fits for name, fits in survey.flags.items()},
    }
    body = project.body.stem, survey.body_hash
    return build_provenance(reader, asked, counts, body=body, genders=survey.genders)


def _mesh_maker(
    project: Project, body_hash: str, make_runner: RunnerFactory, resources: ExitStack
) -> Callable[[FitSample], Mesh]:
    """Poses the body of the fits by a runner that starts with the first of them and ends with ``resources``."""
    jobs: list[BlockingJobs] = []

    def make_mesh(sample: FitSample) -> Mesh:
        if not jobs:
            jobs.append(resources.enter_context(BlockingJobs(make_runner)))
        camera = np.zeros(3) if sample.camera is None else sample.camera  # a mesh has none
        fit = BodyFit(sample.rotations, sample.betas, camera)
        result = jobs[0].run(MeshJob(new_job_id(), fit, project.body), MeshResult)
        if result.body_hash != body_hash:
            raise ServiceError(
                f"The selected fits were made with another body than {project.body}, so their meshes cannot be made"
                " with it; choose their body again by 'body use', or fit anew."
            )
        return Mesh(np.asarray(result.vertices_cam, dtype=np.float64), result.faces)

    return make_mesh


def _raw_name(reader: Reading) -> str:
    datasets = sorted({image.dataset for image in reader.images.iter_all()})
    return ", ".join(datasets)
