"""Are left and right of a person's keypoints exchanged? Read from what the regressor makes of them, both ways.

A regressor has seen natural people only. Of keypoints whose sides are exchanged it makes a body that lies worse on
them, in a less likely pose, than of the same keypoints put right. That tells swapped arms and legs well. A whole person
that is exchanged looks like one seen from the other side, and natural enough; but there eyes, nose and shoulders
contradict each other: a nose is not labelled on the back of a head. A logistic regression on synthetic people weighs
both (docs/suspicion.md says how it was made, and has its rates).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import torch

from fitting.body.model import BodyModel
from fitting.body.pose_prior import PosePrior
from fitting.geometry.camera import project_to_crop
from fitting.geometry.rotations import matrix_to_axis_angle
from fitting.regressor.base import Regressor, RegressorInput
from fitting.spec import FloatArray
from resources.skeleton import get_skeleton

SwapGroup: TypeAlias = Literal["body", "arms", "legs"]
GROUPS: Final[tuple[SwapGroup, ...]] = ("body", "arms", "legs")
FEATURES: Final[Mapping[SwapGroup, tuple[str, ...]]] = {
    "body": (
        "fits",
        "poses",
        "pose",
        "eyes",
        "ears",
        "face_chest",
        "back_chest",
        "face_nose",
        "back_nose",
        "eyes_nose",
    ),
    "arms": ("fits", "poses", "pose", "face_chest", "back_chest", "twist"),
    "legs": ("fits", "poses", "pose", "twist", "face_hips"),
}
"""What each logistic regression looks at; :func:`build_features` says what the names mean."""
WEIGHTS: Final[Mapping[SwapGroup, tuple[float, ...]]] = {
    "body": (3.21, 2.00, 0.14, -1.60, -0.61, -0.55, 1.25, 1.03, -0.96, 1.72, -0.58),
    "arms": (4.06, 2.67, 0.29, -0.95, 1.31, -1.69, -1.42),
    "legs": (4.19, 2.86, 0.69, -1.76, -1.13, -3.34),
}
"""Of the features, and last the constant."""

_SPIN49 = get_skeleton("spin49")
_FACE = ("nose", "left_eye", "right_eye")
_ENERGY_SCALE = 20.0
_LEAST_RMS = 0.01
_UP_IN_CROP = np.array([0.0, -1.0])
_PERMUTATIONS: Final[tuple[list[int], ...]] = (
    list(range(len(_SPIN49))),
    *(list(_SPIN49.swap_permutation(group)) for group in GROUPS),
)


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What a regressor makes of keypoints as they are, and with body, arms and legs exchanged, in this order.

    Attributes:
        keypoints: ``(49, 3)`` as they are: normalised crop x, y and confidence.
        rms: ``(4,)`` RMS distance over all labelled joints, half sides of the box.
        energies: ``(4,)`` of the poses under the prior.
        joints_cam: ``(49, 3)`` the body of the keypoints as they are.
    """

    keypoints: FloatArray
    rms: FloatArray
    energies: FloatArray
    joints_cam: FloatArray


@torch.no_grad()
def read_both_ways(regressor: Regressor, body: BodyModel, prior: PosePrior, inputs: RegressorInput) -> Readings:
    """Predict from keypoints as they are and exchanged; one pass of a batch of four."""
    variants = torch.cat([inputs.keypoints[:, order] for order in _PERMUTATIONS])
    picture = None if inputs.picture is None else inputs.picture.expand(len(variants), -1, -1, -1)
    output = regressor(RegressorInput(variants, picture))
    joints_cam = body.joints(output.rotations, output.betas)
    labelled = variants[..., 2] > 0
    squared = (project_to_crop(joints_cam, output.camera) - variants[..., :2]).square().sum(-1) * labelled
    rms = (squared.sum(1) / labelled.sum(1).clamp_min(1)).sqrt()
    poses = matrix_to_axis_angle(output.rotations[:, 1:]).reshape(len(variants), -1)
    return Readings(
        inputs.keypoints[0].double().numpy(),
        rms.double().numpy(),
        prior(poses).double().numpy(),
        joints_cam[0].double().numpy(),
    )


def find_swaps(readings: Readings) -> dict[SwapGroup, float]:
    """Log-odds that a group is exchanged; groups of which no pair is labelled are left out."""
    labelled = readings.keypoints[:, 2] > 0
    found: dict[SwapGroup, float] = {}
    for place, group in enumerate(GROUPS, 1):
        order = np.array(_PERMUTATIONS[place])
        if not (labelled & labelled[order] & (order != np.arange(len(order)))).any():
            continue
        features = build_features(readings, group)
        weights = WEIGHTS[group]
        found[group] = float(np.dot([features[name] for name in FEATURES[group]], weights[:-1]) + weights[-1])
    return found


def build_features(readings: Readings, group: SwapGroup) -> dict[str, float]:
    """What speaks for and against an exchange of one group.

    * ``fits``: log of how many times farther the body lies from the keypoints than from the exchanged ones;
    * ``poses``: by how much its pose is less likely; ``pose``: how unlikely it is;
    * ``eyes``, ``ears``: -1 to 1, left and right of them in the order of somebody who faces the camera;
    * ``face_…``: the same of shoulders (``chest``), hips, or the body's nose, where a part of the face is labelled;
      ``back_…`` where none is; ``eyes_nose`` where both eyes are;
    * ``twist``: whether shoulders and hips are in the same order.
    """
    place = 1 + GROUPS.index(group)
    seen = _Seen(readings.keypoints)
    face, eyes = float(seen.has_any(*_FACE)), float(seen.has("left_eye", "right_eye"))
    up, trunk = seen.find_up(), seen.find_trunk()
    chest, hips = seen.order("shoulder", trunk), seen.order("hip", trunk)
    back = (1 - face) * float(seen.has_any("left_shoulder", "right_shoulder"))
    nose = _nose_depth(readings.joints_cam)
    log_rms = np.log(readings.rms + _LEAST_RMS)
    return {
        "fits": float(log_rms[0] - log_rms[place]),
        "poses": float(readings.energies[0] - readings.energies[place]) / _ENERGY_SCALE,
        "pose": float(readings.energies[0]) / _ENERGY_SCALE,
        "eyes": float(np.clip(seen.order("eye", up) / 0.06, -1, 1)),
        "ears": face * float(np.clip(seen.order("ear", up) / 0.12, -1, 1)),
        "face_chest": face * float(np.tanh(chest / 0.25)),
        "back_chest": (1 - face) * float(np.tanh(chest / 0.25)),
        "twist": float(np.tanh(chest / 0.2) * np.tanh(hips / 0.12)),
        "face_hips": face * float(np.tanh(hips / 0.15)),
        "face_nose": face * nose,
        "back_nose": back * nose,
        "eyes_nose": eyes * nose,
    }


class _Seen:
    """Labelled keypoints by name, in crop units with y down."""

    def __init__(self, keypoints: FloatArray) -> None:
        self._places = {
            name: keypoints[index, :2] for index, name in enumerate(_SPIN49.joints) if keypoints[index, 2] > 0
        }

    def has(self, *names: str) -> bool:
        """Whether all are labelled."""
        return all(name in self._places for name in names)

    def has_any(self, *names: str) -> bool:
        """Whether one is labelled."""
        return any(name in self._places for name in names)

    def find_up(self) -> FloatArray:
        """From the shoulders to the head, ``(2,)``; upright where that is not known."""
        head = [self._places[name] for name in (*_FACE, "left_ear", "right_ear") if name in self._places]
        if not head or not self.has("left_shoulder", "right_shoulder"):
            return _UP_IN_CROP
        return _unit(np.mean(head, axis=0) - self._middle("shoulder"))

    def find_trunk(self) -> FloatArray:
        """From the hips to the shoulders, ``(2,)``; upright where that is not known."""
        if not self.has("left_shoulder", "right_shoulder", "left_hip", "right_hip"):
            return _UP_IN_CROP
        return _unit(self._middle("shoulder") - self._middle("hip"))

    def order(self, part: str, up: FloatArray) -> float:
        """How far the left one lies where somebody who faces the camera has it, crop units; 0 when not labelled."""
        if not self.has(f"left_{part}", f"right_{part}"):
            return 0.0
        span = self._places[f"left_{part}"] - self._places[f"right_{part}"]
        return float(span @ np.array([-up[1], up[0]]))

    def _middle(self, part: str) -> FloatArray:
        middle: FloatArray = (self._places[f"left_{part}"] + self._places[f"right_{part}"]) / 2
        return middle


def _nose_depth(joints_cam: FloatArray) -> float:
    """-1 for a nose that points at the camera, 1 for one that points away."""
    nose, left, right = (joints_cam[_SPIN49.index(name)] for name in ("nose", "left_ear", "right_ear"))
    return float(_unit(nose - (left + right) / 2)[2])


def _unit(vector: FloatArray) -> FloatArray:
    unit: FloatArray = vector / max(float(np.linalg.norm(vector)), 1e-6)
    return unit
