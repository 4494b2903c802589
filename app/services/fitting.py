"""From a person to a fit job, and from a result to a stored fit."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from app.services.errors import ServiceError
from app.services.project import Project
from db.records import (
    FITTABLE_KEYPOINTS,
    ChangeSet,
    FloatArray,
    KeypointRevision,
    NewFit,
    PersonId,
    PersonState,
    RevisionId,
)
from fitting.spec import JOINT_COUNT, Box, EftOptions, FitJob, FitResult, JobId, LossTerms, MethodName
from resources.skeleton import build_mapping, get_skeleton

Selection: TypeAlias = Literal["all", "unfitted", "stale"]

_STATES: dict[Selection, tuple[PersonState, ...] | None] = {
    "all": None,
    "unfitted": ("unfitted", "unfittable"),
    "stale": ("stale",),
}

METHOD_TITLES: dict[MethodName, str] = {"eft": "EFT", "regressor": "regressor"}


@dataclass(frozen=True, slots=True, eq=False)
class PendingFit:
    """A job under way and the keypoints it belongs to, whatever happens to them meanwhile."""

    job: FitJob
    person_id: PersonId
    revision_id: RevisionId


def new_job_id() -> JobId:
    """A name no other job has."""
    return JobId(uuid.uuid4().hex)


def to_spin49(revision: KeypointRevision) -> FloatArray:
    """Keypoints in the order of spin49: ``(49, 3)`` x, y in pixels and confidence, 0 where nothing is labelled.

    An occluded but labelled joint counts in full, as in the published fits (eft_method.md 3.4).
    """
    keypoints_px = np.zeros((JOINT_COUNT, 3))
    for source, target in build_mapping(get_skeleton(revision.skeleton), get_skeleton("spin49")):
        if revision.keypoints[source, 2] > 0:
            keypoints_px[target, :2] = revision.keypoints[source, :2]
            keypoints_px[target, 2] = revision.confidence[source]
    return keypoints_px


def build_fit_job(
    project: Project, person_id: PersonId, method: MethodName = "eft", options: EftOptions | None = None
) -> PendingFit:
    """A job for the person's current keypoints.

    Raises:
        ServiceError: Fewer than six keypoints are labelled.
    """
    with project.store.read() as reader:
        person = reader.people.get(person_id)
        image = reader.images.get(person.image_id)
        revision = reader.keypoints.current(person_id)
    labelled = 0 if revision is None else revision.labelled_count
    if revision is None or labelled < FITTABLE_KEYPOINTS:
        raise ServiceError(
            f"A fit needs at least {FITTABLE_KEYPOINTS} labelled keypoints and this person has {labelled}; label more."
        )
    job = FitJob(
        job_id=new_job_id(),
        method=method,
        keypoints_px=to_spin49(revision),
        box=Box(np.array(person.box_center_px), person.box_scale),
        body=project.body,
        regressor=project.regressor,
        options=options or EftOptions(),
        image_size_px=(image.width, image.height),
        label=f"person {person.ordinal + 1} of {image.path}",
    )
    return PendingFit(job, person_id, revision.id)


def store_fit(project: Project, pending: PendingFit, result: FitResult) -> ChangeSet:
    """Store a finished fit as the person's newest, with the keypoints it was fitted to."""
    title = METHOD_TITLES[result.method]
    with project.store.change(f"Fit by {title}", annotator_id=project.annotator_id) as change:
        change.fits.add(_new_fit(pending, result))
    return change.changeset


def select_people(project: Project, selection: Selection) -> tuple[list[PersonId], list[PersonId]]:
    """People to fit, and people of the selection who have too few keypoints to be fitted, in import order."""
    with project.store.read() as reader:
        chosen = reader.queue.ids(states=_STATES[selection])
        summaries = reader.queue.summaries(chosen)
    fittable = [row.person_id for row in summaries if row.labelled_count >= FITTABLE_KEYPOINTS]
    unfittable = [row.person_id for row in summaries if row.labelled_count < FITTABLE_KEYPOINTS]
    return fittable, unfittable


def _new_fit(pending: PendingFit, result: FitResult) -> NewFit:
    return NewFit(
        person_id=pending.person_id,
        revision_id=pending.revision_id,
        method=result.method,
        rotations=_double(result.final.rotations),
        betas=_double(result.final.betas),
        camera=_double(result.final.camera),
        initial_rotations=_double(result.initial.rotations),
        initial_betas=_double(result.initial.betas),
        initial_camera=_double(result.initial.camera),
        box_center_px=_double(result.box.center_px),
        box_scale=result.box.scale,
        joints_px=_double(result.joints_px),
        l2d=result.final_losses.l2d,
        loss=result.final_losses.total,
        l2d_initial=result.initial_losses.l2d,
        loss_initial=result.initial_losses.total,
        rms_px=result.rms_px,
        trace=np.array([_terms(step) for step in result.trace]),
        kept_iteration=result.kept_iteration,
        stop_reason=result.stop_reason,
        options=dataclasses.asdict(result.options),
        body_hash=result.body_hash,
        regressor_hash=result.regressor_hash,
        seconds=result.seconds,
        device=result.device,
        code_version=result.code_version,
    )


def _terms(step: LossTerms) -> tuple[float, float, float, float, float]:
    return step.total, step.l2d, step.betas, step.camera, step.leg


def _double(array: object) -> FloatArray:
    return np.asarray(array, dtype=np.float64)
