"""Live re-fits: the session's job, and what it is told while joints are on their way. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from app.services.fitting import build_fit_job
from app.services.keypoint_layouts import points_to_spin49, weights_to_spin49
from app.services.person_view import PersonView
from app.services.project import Project
from db.records import FloatArray, PersonId
from fitting.spec import DRAG_WEIGHT, JobId, LiveJob, LiveProgressed, LiveUpdate
from resources.skeleton import build_mapping, get_skeleton


def build_live_job(project: Project, person_id: PersonId, job_id: JobId) -> LiveJob:
    """A session of EFT that begins with the person's current keypoints and guidance.

    Raises:
        ServiceError: Fewer than six keypoints are labelled, or the regressor needs a picture that cannot be read.
    """
    return LiveJob(job_id, build_fit_job(project, person_id).job)


def build_live_update(
    view: PersonView, job_id: JobId, number: int, keypoints: FloatArray, held: Collection[int]
) -> LiveUpdate:
    """What the person looks like while joints are on their way.

    Args:
        view: The person as stored.
        job_id: The session.
        number: Of the update, from 1.
        keypoints: ``(J, 3)`` where the joints are now.
        held: Joints under the hand, which the body follows as if they were pinned.
    """
    known = view.guidance
    weights = {} if known is None else dict(known.joint_weights)
    if len(held) < np.count_nonzero(keypoints[:, 2]):  # of the whole body nothing needs to stand out
        for joint in held:
            name = view.skeleton.joints[joint]
            weights[name] = max(weights.get(name, 1.0), DRAG_WEIGHT)
    confidence = np.where(keypoints[:, 2] > 0, np.maximum(view.revision.confidence, 0.0), 0.0)
    confidence[list(held)] = (keypoints[list(held), 2] > 0).astype(float)
    return LiveUpdate(
        job_id,
        number,
        points_to_spin49(view.skeleton, keypoints, confidence),
        {} if known is None else known.depth_hints,
        weights_to_spin49(view.skeleton, weights),
    )


def place_live_joints(view: PersonView, event: LiveProgressed) -> FloatArray:
    """Where the live body has the joints of the person's layout, ``(J, 2)`` px, NaN for those spin49 lacks."""
    center, scale = np.asarray(view.person.box_center_px), view.person.box_scale
    joints_px = center + 100 * scale * np.asarray(event.step.joints_crop, dtype=np.float64)
    gathered: FloatArray = np.full((len(view.skeleton), 2), np.nan)
    for source, target in build_mapping(get_skeleton("spin49"), view.skeleton):
        gathered[target] = joints_px[source]
    return gathered
