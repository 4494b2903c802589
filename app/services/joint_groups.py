"""Edits of several joints as one, and joints taken from the fitted body: pure, like :mod:`app.services.annotation`.

Joints that are not labelled take no part in what moves or marks; each edit is one revision and one step to undo.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from app.services.annotation import VISIBILITY_NAMES, KeypointEdit, build_edit, swap_sides
from app.services.errors import ServiceError
from app.services.point_moves import find_labelled, rotate_points, scale_points, shift_points
from db.records import FloatArray, KeypointRevision
from resources.skeleton import Skeleton


def move_group(
    revision: KeypointRevision, skeleton: Skeleton, joints: Collection[int], dx: float, dy: float
) -> KeypointEdit | None:
    """Shift joints by pixels."""
    chosen = _get_labelled(revision, skeleton, joints)
    keypoints = shift_points(revision.keypoints, chosen, dx, dy)
    return build_edit(revision, f"Move {_name(skeleton, chosen)}", keypoints, chosen)


def rotate_group(
    revision: KeypointRevision, skeleton: Skeleton, joints: Collection[int], degrees: float
) -> KeypointEdit | None:
    """Turn joints about their middle, clockwise on screen."""
    chosen = _get_labelled(revision, skeleton, joints)
    keypoints = rotate_points(revision.keypoints, chosen, degrees)
    return build_edit(revision, f"Rotate {_name(skeleton, chosen)}", keypoints, chosen)


def scale_group(
    revision: KeypointRevision, skeleton: Skeleton, joints: Collection[int], factor: float
) -> KeypointEdit | None:
    """Move joints away from their middle, or towards it."""
    chosen = _get_labelled(revision, skeleton, joints)
    keypoints = scale_points(revision.keypoints, chosen, factor)
    return build_edit(revision, f"Scale {_name(skeleton, chosen)}", keypoints, chosen)


def toggle_group_occluded(
    revision: KeypointRevision, skeleton: Skeleton, joints: Collection[int]
) -> KeypointEdit | None:
    """All become occluded; when they all are already, all become visible."""
    chosen = list(_get_labelled(revision, skeleton, joints))
    keypoints = revision.keypoints.copy()
    visibility = 2 if (keypoints[chosen, 2] == 1).all() else 1
    changed = [joint for joint in chosen if keypoints[joint, 2] != visibility]
    keypoints[chosen, 2] = visibility
    return build_edit(revision, f"Mark {_name(skeleton, chosen)} {VISIBILITY_NAMES[visibility]}", keypoints, changed)


def clear_group(revision: KeypointRevision, skeleton: Skeleton, joints: Collection[int]) -> KeypointEdit | None:
    """Make joints not labelled; None when none of them is."""
    chosen = find_labelled(revision.keypoints, joints)
    if not chosen:
        return None
    keypoints = revision.keypoints.copy()
    keypoints[list(chosen)] = 0
    return build_edit(revision, f"Clear {_name(skeleton, chosen)}", keypoints, chosen)


def swap_pair(revision: KeypointRevision, skeleton: Skeleton, joint: int) -> KeypointEdit | None:
    """Exchange a joint with its like on the other side.

    Raises:
        ServiceError: The joint is in the middle and has no like.
    """
    if skeleton.flip[joint] == joint:
        raise ServiceError(f"The {skeleton.titles[joint]} is in the middle; there is no other side to swap it with.")
    return swap_sides(revision, skeleton, skeleton.part(joint))


def snap_to_body(
    revision: KeypointRevision, skeleton: Skeleton, joints: Collection[int], joints_px: FloatArray
) -> KeypointEdit | None:
    """Put joints where the fitted body has them; those that were not labelled become occluded.

    Args:
        revision: What is edited.
        skeleton: Its layout.
        joints: Which; those the body does not have stay.
        joints_px: ``(J, 2)`` where the body puts each joint, NaN where it has none.

    Raises:
        ServiceError: The body has none of them.
    """
    known = [joint for joint in sorted(joints) if np.isfinite(joints_px[joint]).all()]
    if not known:
        what = f"no {skeleton.titles[min(joints)]}" if len(joints) == 1 else f"none of these {len(joints)} joints"
        raise ServiceError(f"The fitted body has {what}; place by hand.")
    keypoints = _put_on_body(revision, known, joints_px)
    return build_edit(revision, f"Snap {_name(skeleton, known)} to the body", keypoints, known, "projected")


def copy_missing(revision: KeypointRevision, skeleton: Skeleton, joints_px: FloatArray) -> KeypointEdit | None:
    """Label every missing joint that the fitted body has, there, as occluded.

    Args:
        revision: What is edited.
        skeleton: Its layout.
        joints_px: ``(J, 2)`` where the body puts each joint, NaN where it has none.

    Raises:
        ServiceError: Nothing is missing that the body has.
    """
    missing = np.flatnonzero((revision.keypoints[:, 2] == 0) & np.isfinite(joints_px).all(axis=1)).tolist()
    if not missing:
        raise ServiceError("No joint is missing that the fitted body has.")
    keypoints = _put_on_body(revision, missing, joints_px)
    return build_edit(revision, f"Copy {_name(skeleton, missing)} from the body", keypoints, missing, "projected")


def _put_on_body(revision: KeypointRevision, joints: Sequence[int], joints_px: FloatArray) -> FloatArray:
    keypoints = revision.keypoints.copy()
    for joint in joints:
        visibility = keypoints[joint, 2] or 1.0
        keypoints[joint] = (*joints_px[joint], visibility)
    return keypoints


def _get_labelled(revision: KeypointRevision, skeleton: Skeleton, joints: Collection[int]) -> tuple[int, ...]:
    chosen = find_labelled(revision.keypoints, joints)
    if not chosen:
        if len(joints) == 1:
            raise ServiceError(f"The {skeleton.titles[min(joints)]} is not labelled; place it first.")
        raise ServiceError(f"None of these {len(joints)} joints is labelled; place them first.")
    return chosen


def _name(skeleton: Skeleton, joints: Sequence[int]) -> str:
    return skeleton.titles[joints[0]] if len(joints) == 1 else f"{len(joints)} joints"
