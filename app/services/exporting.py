"""Accepted fits out of a project, with a manifest beside the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from app.services.errors import ServiceError
from app.services.fitting import to_spin49
from app.services.places import resolve_place
from app.services.project import Project
from app.services.review import passes_export_filter
from db.formats.eft_json import CONVENTIONS, EftSample, write_eft_json
from db.formats.manifest import Provenance, manifest_path, write_manifest
from db.records import FitRecord, PersonState
from db.transactions import Reading
from fitting import CODE_VERSION

DecisionFilter: TypeAlias = Literal["accepted", "rejected", "any"]

_STATES: dict[DecisionFilter, tuple[PersonState, ...]] = {
    "accepted": ("accepted",),
    "rejected": ("rejected",),
    "any": ("fitted", "accepted", "rejected", "second_look"),
}


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote and what it left out.

    ``beyond_published_filter`` counts written fits that the published export would refuse (eft_method.md 6.3); what a
    person accepted is written all the same.
    """

    path: Path
    manifest: Path
    samples: int
    sha256: str
    left_out: dict[str, int]
    beyond_published_filter: int


def export_eft_json(project: Project, out: Path, decision: DecisionFilter = "accepted") -> ExportReport:
    """Write the current fits of a decision in EFT's published format (eft_method.md 5.1).

    Stale fits are never written: their keypoints are not the ones they were made from.

    Raises:
        ServiceError: The selected fits were made with different bodies, or the file would take the project's place.
        FormatError: The file cannot be written; an older one at its place stays whole.
    """
    out = resolve_place(out)
    if out == project.store.database_file:
        raise ServiceError(f"{out} is the project itself; name another file for the export.")
    left_out: Counter[str] = Counter()
    with project.store.read() as reader:
        counts = reader.progress.counts()
        bodies: set[str] = set()
        beyond = 0
        for fit in reader.fits.iter_current(_STATES[decision]):
            bodies.add(fit.body_hash)
            beyond += not passes_export_filter(fit)
        if len(bodies) > 1:
            raise ServiceError(
                f"The selected fits were made with {len(bodies)} different bodies, which one file cannot tell apart;"
                " re-fit them with one body first."
            )
        for state, people in counts.items():
            if state not in _STATES[decision] and people:
                left_out[state] = people
        written = write_eft_json(
            out, _iter_samples(reader, decision), dataset_name=project.name, raw_name=_raw_name(reader)
        )
    manifest = manifest_path(out)
    provenance = Provenance(
        body_name=project.body.stem,
        body_hash=next(iter(bodies), ""),
        tool_version=CODE_VERSION,
        filters={"decision": decision, "stale": "left out"},
        counts={
            **{str(state): people for state, people in counts.items()},
            "exported": written.count,
            "beyond_published_filter": beyond,
        },
        created_at=datetime.now(UTC),
    )
    write_manifest(manifest, written, CONVENTIONS, provenance)
    return ExportReport(written.path, manifest, written.count, written.sha256, dict(left_out), beyond)


def _iter_samples(reader: Reading, decision: DecisionFilter) -> Iterator[EftSample]:
    for fit in reader.fits.iter_current(_STATES[decision]):
        yield _sample(reader, fit)


def _sample(reader: Reading, fit: FitRecord) -> EftSample:
    person = reader.people.get(fit.person_id)
    image = reader.images.get(person.image_id)
    external = person.external_id
    return EftSample(
        image_name=PurePosixPath(image.path).name,
        annotation_id=int(external) if external is not None and external.lstrip("-").isdecimal() else None,
        rotations=fit.rotations,
        betas=fit.betas,
        camera=fit.camera,
        box_center_px=fit.box_center_px,
        box_scale=fit.box_scale,
        keypoints_px=to_spin49(reader.keypoints.get(fit.revision_id)),
    )


def _raw_name(reader: Reading) -> str:
    datasets = sorted({image.dataset for image in reader.images.iter_all()})
    return ", ".join(datasets)
