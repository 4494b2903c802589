"""From a person to a fit job, and from a result to a stored fit."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.services.errors import ServiceError
from app.services.guidance import GUIDANCE_OPTION, describe_guidance
from app.services.images import load_image
from app.services.keypoint_layouts import to_spin49, weights_to_spin49
from app.services.project import Project
from db.records import (
    FITTABLE_KEYPOINTS,
    ChangeSet,
    FloatArray,
    Guidance,
    ImageRecord,
    KeypointRevision,
    NewFit,
    PersonId,
    PersonRecord,
    RevisionId,
)
from fitting.spec import (
    Box,
    ByteImage,
    EftOptions,
    FitJob,
    FitResult,
    JobId,
    LossTerms,
    MethodName,
    SmplifyOptions,
    choose_smplify,
)
from resources.skeleton import get_skeleton

METHOD_TITLES: Mapping[MethodName, str] = {"eft": "EFT", "smplify": "SMPLify", "regressor": "regressor"}
"""The methods of this program, for people; imported fits carry a label of their own."""


@dataclass(frozen=True, slots=True)
class FitRecipe:
    """How to fit, the same for everybody of a batch.

    Attributes:
        method: Name of the method.
        options: Options of EFT; the other methods use its crop, hips and ankles.
        smplify: Options of SMPLify; None takes those that were tuned for the prior (docs/smplify.md).
        smplify_iterations: Iterations of each of its two stages instead of the options'.
        prior: Mixture of poses for SMPLify; None takes the project's.
    """

    method: MethodName = "eft"
    options: EftOptions = field(default_factory=EftOptions)
    smplify: SmplifyOptions | None = None
    smplify_iterations: int | None = None
    prior: Path | None = None

    def choose_smplify(self, prior: Path | None) -> SmplifyOptions:
        """Options of SMPLify with the prior that it will use; None stands for the mannequin's."""
        options = self.smplify or choose_smplify(prior)
        if (iterations := self.smplify_iterations) is None:
            return options
        return dataclasses.replace(options, camera_iterations=iterations, body_iterations=iterations)


@dataclass(frozen=True, slots=True, eq=False)
class PendingFit:
    """A job under way and the keypoints and guidance it belongs to, whatever happens to them meanwhile.

    ``follows_edit``: nobody asked for it; it goes with the edit that stored the keypoints, also when that is undone.
    """

    job: FitJob
    person_id: PersonId
    revision_id: RevisionId
    guidance: Guidance | None = None
    follows_edit: bool = False


def new_job_id() -> JobId:
    """A name no other job has."""
    return JobId(uuid.uuid4().hex)


def build_fit_job(
    project: Project,
    person_id: PersonId,
    method: MethodName = "eft",
    options: EftOptions | None = None,
    recipe: FitRecipe | None = None,
    follows_edit: bool = False,
) -> PendingFit:
    """A job for the person's current keypoints and guidance.

    Args:
        project: Open project.
        person_id: Whom to fit.
        method: Name of the method.
        options: Options of EFT.
        recipe: Everything about the fit at once, instead of ``method`` and ``options``.
        follows_edit: See :class:`PendingFit`.

    Raises:
        ServiceError: Fewer than six keypoints are labelled, or the regressor needs a picture that cannot be read.
    """
    recipe = recipe or FitRecipe(method, options or EftOptions())
    with project.store.read() as reader:
        person = reader.people.get(person_id)
        image = reader.images.get(person.image_id)
        revision = reader.keypoints.current(person_id)
        guidance = reader.guidance.current(person_id)
    labelled = 0 if revision is None else revision.labelled_count
    if revision is None or labelled < FITTABLE_KEYPOINTS:
        raise ServiceError(
            f"A fit needs at least {FITTABLE_KEYPOINTS} labelled keypoints and this person has {labelled}; label more."
        )
    job = _build_job(project, recipe, person, image, revision, guidance)
    return PendingFit(job, person_id, revision.id, guidance, follows_edit)


def store_fit(project: Project, pending: PendingFit, result: FitResult) -> ChangeSet:
    """Store a finished fit as the person's newest, with the keypoints it was fitted to."""
    title = METHOD_TITLES[result.method]
    follows = pending.revision_id if pending.follows_edit else None
    with project.store.change(f"Fit by {title}", annotator_id=project.annotator_id, follows=follows) as change:
        change.fits.add(_new_fit(pending, result))
    return change.changeset


def _build_job(
    project: Project,
    recipe: FitRecipe,
    person: PersonRecord,
    image: ImageRecord,
    revision: KeypointRevision,
    guidance: Guidance | None,
) -> FitJob:
    prior = recipe.prior or project.prior
    return FitJob(
        job_id=new_job_id(),
        method=recipe.method,
        keypoints_px=to_spin49(revision),
        box=Box(np.array(person.box_center_px), person.box_scale),
        body=project.body,
        regressor=project.regressor,
        options=recipe.options,
        smplify=recipe.choose_smplify(prior),
        prior=prior,
        image_size_px=(image.width, image.height),
        rectangle_px=person.bbox_xywh,
        picture_rgb=_load_picture(image) if project.uses_picture else None,
        label=f"person {person.ordinal + 1} of {image.path}",
        depth_hints={} if guidance is None else guidance.depth_hints,
        joint_weights=(
            {} if guidance is None else weights_to_spin49(get_skeleton(revision.skeleton), guidance.joint_weights)
        ),
    )


def _load_picture(image: ImageRecord) -> ByteImage:
    return load_image(Path(image.root) / image.path, honour_exif=image.exif_honoured)


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
        options=_options(result, pending.guidance),
        body_hash=result.body_hash,
        regressor_hash=result.regressor_hash,
        seconds=result.seconds,
        device=result.device,
        code_version=result.code_version,
        flags=dict(result.flags.items()),
        signs=dict(result.signs.items()),
    )


def _options(result: FitResult, guidance: Guidance | None) -> dict[str, object]:
    """What the fit was made with; SMPLify's prior is a file like the body, so its hash stands with the options."""
    options: dict[str, object] = dataclasses.asdict(result.options)
    if result.prior_hash:
        options["prior_sha256"] = result.prior_hash
    if described := describe_guidance(guidance):
        options[GUIDANCE_OPTION] = described
    return options


def _terms(step: LossTerms) -> tuple[float, float, float, float, float]:
    return step.total, step.l2d, step.betas, step.camera, step.leg


def _double(array: object) -> FloatArray:
    return np.asarray(array, dtype=np.float64)
