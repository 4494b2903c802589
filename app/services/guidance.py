"""What annotators know beyond the places of keypoints: which limbs come forward, which joints to pin or to ignore.

Guidance belongs to the person, not to a set of keypoints, and enters every later fit. Changing it makes no fit stale:
a body on the right keypoints stays one. What a fit was made with stands among its options.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.services.errors import ServiceError
from app.services.project import Project
from db.records import ChangeSet, FitRecord, Guidance, NewGuidance, PersonId
from db.transactions import Change
from resources.limbs import LIMB_NAMES, LIMBS, DepthHint, get_limb
from resources.skeleton import get_skeleton

PIN_WEIGHT = 10.0
"""What a pin multiplies a joint's confidence by."""
IGNORE_WEIGHT = 0.0
GUIDANCE_OPTION = "guidance"
"""Key of a fit's options under which :func:`describe_guidance` stands; fits without guidance have none."""

_DIRECTIONS: Mapping[DepthHint, str] = {"toward": "toward the camera", "away": "away from the camera"}


@dataclass(slots=True)
class _Draft:
    """Guidance while it is being changed."""

    depth_hints: dict[str, DepthHint] = field(default_factory=dict)
    joint_weights: dict[str, float] = field(default_factory=dict)


def set_depth_hint(project: Project, person_id: PersonId, limb: str, value: DepthHint | None) -> ChangeSet:
    """Say which way a limb points in depth; None takes the hint away. Nothing is written when that is known already.

    Raises:
        ServiceError: There is no such limb.
        NotFoundError: There is no such person.
    """
    return set_depth_hints(project, person_id, {limb: value})


def set_depth_hints(project: Project, person_id: PersonId, hints: Mapping[str, DepthHint | None]) -> ChangeSet:
    """Several hints in one step; the others stay. Raises as :func:`set_depth_hint` does."""
    unknown = next((limb for limb in hints if limb not in LIMB_NAMES), None)
    if unknown is not None:
        raise ServiceError(f"There is no limb '{unknown}'; the limbs are {', '.join(LIMB_NAMES)}.")

    def edit(draft: _Draft) -> None:
        for limb, value in hints.items():
            if value is None:
                draft.depth_hints.pop(limb, None)
            else:
                draft.depth_hints[limb] = value

    return _change(project, person_id, _name_hints(hints), edit)


def set_joint_weight(project: Project, person_id: PersonId, joint: str, weight: float | None) -> ChangeSet:
    """Pin a joint (more than 1, as a rule :data:`PIN_WEIGHT`), ignore it (0), or let it count as it is (1 or None).

    Raises:
        ServiceError: The person's layout has no such joint, or the weight is no number from 0.
        NotFoundError: There is no such person.
    """
    return set_joint_weights(project, person_id, (joint,), weight)


def set_joint_weights(
    project: Project, person_id: PersonId, joints: Collection[str], weight: float | None
) -> ChangeSet:
    """The same weight for several joints in one step. Raises as :func:`set_joint_weight` does."""
    weight = 1.0 if weight is None else float(weight)
    if not (math.isfinite(weight) and weight >= 0):
        raise ServiceError(f"The weight of a joint is 0 or a positive number, not {weight:g}.")
    titles = [_joint_title(project, person_id, joint) for joint in joints]
    whom = titles[0] if len(titles) == 1 else f"{len(titles)} joints"
    label = f"Release {whom}"
    if weight != 1:
        label = f"Ignore {whom}" if weight == 0 else f"Pin {whom}" if weight > 1 else f"Weigh {whom} {weight:g}"

    def edit(draft: _Draft) -> None:
        for joint in joints:
            if weight == 1:
                draft.joint_weights.pop(joint, None)
            else:
                draft.joint_weights[joint] = weight

    return _change(project, person_id, label, edit)


def clear_guidance(project: Project, person_id: PersonId) -> ChangeSet:
    """Take all hints and weights of a person away.

    Raises:
        NotFoundError: There is no such person.
    """

    def edit(draft: _Draft) -> None:
        draft.depth_hints.clear()
        draft.joint_weights.clear()

    return _change(project, person_id, "Remove hints and pins", edit)


def rename_joints(change: Change, person_id: PersonId, renames: Mapping[str, str]) -> None:
    """Let hints and weights follow points that got other names, in the change that renames them.

    Args:
        change: The change.
        person_id: Whose.
        renames: New names by the former ones. A hint follows the far end of its limb.
    """
    far_ends = {limb.far: limb.name for limb in LIMBS}

    def edit(draft: _Draft) -> None:
        limbs = {far_ends[old]: far_ends[new] for old, new in renames.items() if old in far_ends and new in far_ends}
        draft.depth_hints = {limbs.get(limb, limb): value for limb, value in draft.depth_hints.items()}
        draft.joint_weights = {renames.get(joint, joint): weight for joint, weight in draft.joint_weights.items()}

    if change.guidance.current(person_id) is not None:
        _write(change, person_id, edit)


def describe_guidance(guidance: Guidance | None) -> dict[str, Any]:
    """Guidance in plain types, as it is stored with a fit; empty when there is nothing to say."""
    if guidance is None:
        return {}
    parts = {"depth_hints": dict(guidance.depth_hints), "joint_weights": dict(guidance.joint_weights)}
    return {name: part for name, part in parts.items() if part}


def is_made_with(fit: FitRecord, guidance: Guidance | None) -> bool:
    """Whether a fit was made with exactly this guidance."""
    return fit.options.get(GUIDANCE_OPTION, {}) == describe_guidance(guidance)


def _name_hints(hints: Mapping[str, DepthHint | None]) -> str:
    limbs = [get_limb(limb).title for limb in hints]
    whom = limbs[0] if len(limbs) == 1 else f"{len(limbs)} limbs"
    value = next(iter(hints.values()), None)
    return f"Remove hint: {whom}" if value is None else f"Hint: {whom} {_DIRECTIONS[value]}"


def _change(project: Project, person_id: PersonId, label: str, edit: Callable[[_Draft], None]) -> ChangeSet:
    with project.store.change(label, annotator_id=project.annotator_id) as change:
        _write(change, person_id, edit)
    return change.changeset


def _write(change: Change, person_id: PersonId, edit: Callable[[_Draft], None]) -> None:
    """Read and write in one transaction, so that two programs that hint at once keep both hints."""
    current = change.guidance.current(person_id)
    draft = _Draft() if current is None else _Draft(dict(current.depth_hints), dict(current.joint_weights))
    before = _Draft(dict(draft.depth_hints), dict(draft.joint_weights))
    edit(draft)
    if draft == before:
        change.people.get(person_id)
        return
    parent_id = None if current is None else current.id
    change.guidance.add(NewGuidance(person_id, draft.depth_hints, draft.joint_weights, parent_id=parent_id))


def _joint_title(project: Project, person_id: PersonId, joint: str) -> str:
    with project.store.read() as reader:
        revision = reader.keypoints.current(person_id)
        skeleton = get_skeleton(reader.people.get(person_id).skeleton if revision is None else revision.skeleton)
    if joint not in skeleton.joints:
        raise ServiceError(f"The layout {skeleton.title} has no joint '{joint}'; it has {', '.join(skeleton.joints)}.")
    return skeleton.titles[skeleton.index(joint)]
