"""Edits of keypoints: pure functions from one revision to the next, and the one effect that stores it.

Coordinates are image pixels (corner origin) and may lie outside the image. Every edit keeps the untouched joints bit
for bit; a joint that a person moved or placed has the source ``human`` from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from app.services.errors import ServiceError
from app.services.guidance import rename_joints
from app.services.point_moves import find_labelled, rotate_points, scale_points, shift_points
from app.services.project import Project
from db.records import ChangeSet, FloatArray, KeypointRevision, KeypointSource, NewRevision, PersonId, RevisionId
from resources.skeleton import Skeleton

VISIBILITY_NAMES = ("not labelled", "occluded", "visible")

_GROUP_TITLES = {"body": "whole body", "arms": "arms", "legs": "legs"}


@dataclass(frozen=True, slots=True, eq=False)
class KeypointEdit:
    """Keypoints after an edit: ``(J, 3)`` x, y, visibility; confidence ``(J,)``; source per joint; what was done.

    ``renames`` says which points have other names now, by the former one; hints and pins follow them.
    """

    label: str
    keypoints: FloatArray
    confidence: FloatArray
    sources: tuple[KeypointSource, ...]
    renames: Mapping[str, str] = field(default_factory=dict)


def move_joints(
    revision: KeypointRevision, skeleton: Skeleton, moves: Mapping[int, tuple[float, float]]
) -> KeypointEdit | None:
    """Put labelled joints elsewhere; None when nothing moves.

    Raises:
        ServiceError: A joint is not labelled.
    """
    keypoints = revision.keypoints.copy()
    for joint, place in moves.items():
        if keypoints[joint, 2] == 0:
            raise ServiceError(f"The {skeleton.titles[joint]} is not labelled; place it first.")
        keypoints[joint, :2] = place
    label = f"Move {skeleton.titles[next(iter(moves))]}" if len(moves) == 1 else f"Move {len(moves)} joints"
    return build_edit(revision, label, keypoints, moves)


def place_joint(
    revision: KeypointRevision, skeleton: Skeleton, joint: int, x: float, y: float, *, hidden: bool = False
) -> KeypointEdit | None:
    """Label a joint at a place, as visible or as occluded."""
    keypoints = revision.keypoints.copy()
    keypoints[joint] = (x, y, 1 if hidden else 2)
    return build_edit(revision, f"Place {skeleton.titles[joint]}", keypoints, (joint,))


def clear_joint(revision: KeypointRevision, skeleton: Skeleton, joint: int) -> KeypointEdit | None:
    """Make a joint not labelled; its coordinates become zero, as COCO has it."""
    keypoints = revision.keypoints.copy()
    keypoints[joint] = 0
    return build_edit(revision, f"Clear {skeleton.titles[joint]}", keypoints, (joint,))


def set_visibility(revision: KeypointRevision, skeleton: Skeleton, joint: int, visibility: int) -> KeypointEdit | None:
    """Set a labelled joint's visibility; 0 clears it. None for a joint without a place.

    Raises:
        ServiceError: The joint is not labelled, so there is nothing to see or to hide.
    """
    if visibility == 0:
        return clear_joint(revision, skeleton, joint)
    if revision.keypoints[joint, 2] == 0:
        raise ServiceError(f"The {skeleton.titles[joint]} is not labelled; place it first.")
    keypoints = revision.keypoints.copy()
    keypoints[joint, 2] = visibility
    return build_edit(revision, f"Mark {skeleton.titles[joint]} {VISIBILITY_NAMES[visibility]}", keypoints, (joint,))


def toggle_occluded(revision: KeypointRevision, skeleton: Skeleton, joint: int) -> KeypointEdit | None:
    """Visible becomes occluded and the other way round."""
    return set_visibility(revision, skeleton, joint, 1 if revision.keypoints[joint, 2] == 2 else 2)


def move_body(revision: KeypointRevision, dx: float, dy: float) -> KeypointEdit | None:
    """Shift every labelled joint by pixels."""
    joints = find_labelled(revision.keypoints)
    return build_edit(revision, "Move whole body", shift_points(revision.keypoints, joints, dx, dy), joints)


def rotate_body(revision: KeypointRevision, degrees: float) -> KeypointEdit | None:
    """Turn every labelled joint about their mean, clockwise on screen."""
    joints = find_labelled(revision.keypoints)
    return build_edit(revision, "Rotate whole body", rotate_points(revision.keypoints, joints, degrees), joints)


def scale_body(revision: KeypointRevision, factor: float) -> KeypointEdit | None:
    """Move every labelled joint away from their mean, or towards it."""
    joints = find_labelled(revision.keypoints)
    return build_edit(revision, "Scale whole body", scale_points(revision.keypoints, joints, factor), joints)


def swap_sides(revision: KeypointRevision, skeleton: Skeleton, group: str) -> KeypointEdit | None:
    """Exchange left and right of a group (``body``, ``arms``, ``legs``, or one pair such as ``wrist``).

    The points do not move, they change names, so their sources travel with them and doing it twice is the identity.
    """
    order = list(skeleton.swap_permutation(group))
    keypoints = revision.keypoints[order]
    if np.array_equal(keypoints, revision.keypoints):
        return None
    return KeypointEdit(
        f"Swap left and right ({_GROUP_TITLES.get(group, group.replace('_', ' '))})",
        keypoints,
        revision.confidence[order],
        tuple(revision.sources[joint] for joint in order),
        {skeleton.joints[old]: skeleton.joints[new] for new, old in enumerate(order) if new != old},
    )


def apply_edit(project: Project, person_id: PersonId, based_on: RevisionId, edit: KeypointEdit) -> ChangeSet:
    """Store an edit as the person's newest keypoints, in one transaction.

    Raises:
        StaleWriteError: Somebody else has changed the keypoints since ``based_on``.
    """
    with project.store.read() as reader:
        skeleton = reader.keypoints.get(based_on).skeleton
    with project.store.change(edit.label, annotator_id=project.annotator_id) as change:
        change.keypoints.add(
            NewRevision(
                person_id=person_id,
                skeleton=skeleton,
                keypoints=edit.keypoints,
                sources=edit.sources,
                confidence=edit.confidence,
                parent_id=based_on,
            )
        )
        if edit.renames:
            rename_joints(change, person_id, edit.renames)
    return change.changeset


def build_edit(
    revision: KeypointRevision,
    label: str,
    keypoints: FloatArray,
    touched: Iterable[int],
    source: KeypointSource = "human",
) -> KeypointEdit | None:
    """The edit that leads from a revision to keypoints ``(J, 3)``; None when they are the same.

    Args:
        revision: What is edited.
        label: What was done, for the undo menu.
        keypoints: All joints, the untouched ones bit for bit.
        touched: Joints that are the work of ``source`` from now on.
        source: Who or what made them.
    """
    if np.array_equal(keypoints, revision.keypoints):
        return None
    confidence = revision.confidence.copy()
    sources = list(revision.sources)
    for joint in touched:
        sources[joint] = source
        confidence[joint] = 1.0 if keypoints[joint, 2] > 0 else 0.0
    return KeypointEdit(label, keypoints, confidence, tuple(sources))
