"""The open regressor: a lifter that also looks at the picture.

The keypoints go as a vector into a residual MLP (:mod:`fitting.regressor.lifter`); a small trunk looks at the crop
(:mod:`fitting.regressor.sight`), and what it sees is added behind the MLP's first layer. That new part starts at zero,
so training begins as the lifter that was there before, and whatever the picture adds it has earned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

import torch
from torch import Tensor, nn

from fitting.geometry.camera import project_to_crop
from fitting.geometry.rotations import six_d_to_matrix
from fitting.regressor.base import RegressorInput, RegressorOutput
from fitting.regressor.card import RegressorCard
from fitting.regressor.lifter import JOINTS, Lifter
from fitting.regressor.sight import Belief, Sight, Trunk
from resources.skeleton import get_skeleton

ARCHITECTURE: Final = "sighted_lifter"
_JOINED: Final = 512
_SMPL24: Final = get_skeleton("smpl24")
_HIPS: Final = [_SMPL24.index("left_hip_smpl"), _SMPL24.index("right_hip_smpl")]
_SPIN49_FLIP: Final = list(get_skeleton("spin49").flip)
_SMPL_FLIP: Final = list(_SMPL24.flip)
_PARENTS: Final = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)
"""SMPL's kinematic tree (eft_method.md 3.1)."""
_STAND_INS: Final = {
    "right_hip": "right_hip_smpl", "left_hip": "left_hip_smpl", "neck": "neck_smpl", "head_top": "head_smpl",
    "pelvis": "pelvis_smpl", "thorax": "neck_smpl", "spine": "spine2", "jaw": "head_smpl", "head": "head_smpl",
    "nose": "head_smpl", "left_eye": "head_smpl", "right_eye": "head_smpl", "left_ear": "head_smpl",
    "right_ear": "head_smpl",
}  # fmt: skip
_NEAREST: Final = [_SMPL24.index(_STAND_INS.get(name, name)) for name in get_skeleton("spin24").joints]
"""For each of the 24 keypoints the kinematic joint at its place, or the nearest one."""


class SightedLifter(Lifter):
    """Lifter with a trunk. Without a picture it is the lifter alone.

    With two ``views`` it predicts from the person and from the mirror image, and answers with the mean of both: what a
    network knows of one side it should know of the other. EFT then tunes through both. Training has one view.
    """

    uses_picture = True
    layer_subsets: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "all": ("",),
        "lifter": ("stem", "blocks", "norm", "head"),
        "head": ("head",),
    }

    def __init__(
        self, card: RegressorCard, width: int = 1024, blocks: int = 3, trunk: int = 16, views: int = 1
    ) -> None:
        super().__init__(card, width, blocks)
        self.views = views
        self.trunk = Trunk(trunk)
        self.register_buffer("rest_joints", torch.zeros(len(_SMPL24), 3))
        self.joined = nn.Sequential(
            nn.LayerNorm(self.trunk.feature_count), nn.Linear(self.trunk.feature_count, _JOINED), nn.GELU()
        )
        self.entry = nn.Linear(_JOINED, width)
        nn.init.zeros_(self.entry.weight)
        nn.init.zeros_(self.entry.bias)

    def forward(self, inputs: RegressorInput) -> RegressorOutput:
        """Predict bodies; only the last 24 joints of spin49 are looked at."""
        inputs = self._views_of(inputs)
        sight = None if inputs.picture is None else self.look(inputs)
        return self.predict(inputs, sight)

    rest_joints: Tensor
    """Rest places ``(24, 3)`` of the kinematic joints of the body it was trained for, metres, at zero betas."""

    @torch.no_grad()
    def believe(self, inputs: RegressorInput) -> Belief:
        """Where the body that the keypoints alone suggest has the 24 joints."""
        six_d, _, camera = self._answers(self._through_blocks(inputs, None))
        with torch.autocast(camera.device.type, enabled=False):
            joints = pose_joints(six_d_to_matrix(six_d), self.rest_joints)
        depths = joints[..., 2] - joints[:, _HIPS, 2].mean(1, keepdim=True)
        places = project_to_crop(joints, camera)
        return Belief(places[:, _NEAREST], depths[:, _NEAREST])

    def look(self, inputs: RegressorInput) -> Sight:
        """What the trunk sees; the input must have a picture."""
        assert inputs.picture is not None
        keypoints = inputs.keypoints[:, -JOINTS:]
        given = keypoints[..., 2:] > 0
        known = torch.where(given, keypoints[..., :2], torch.zeros_like(keypoints[..., :2]))
        shown = torch.cat((known, keypoints[..., 2:]), -1)
        sight: Sight = self.trunk(inputs.picture, shown, self.believe(inputs))
        return sight

    def predict(self, inputs: RegressorInput, sight: Sight | None) -> RegressorOutput:
        """Bodies of keypoints, all views of them, and what was seen of each."""
        if sight is None:
            return self._regress(self._through_blocks(inputs, None))
        return self.predict_from(inputs, sight.features)

    def predict_from(self, inputs: RegressorInput, features: Tensor) -> RegressorOutput:
        """Bodies of keypoints and the features of what was seen (:attr:`Sight.features`)."""
        return self._regress(self._through_blocks(inputs, self._enter(features)))

    def prepare(self, inputs: RegressorInput, layers: str) -> Callable[[], RegressorOutput]:
        """Before the lifter, or the head alone, everything else is computed once."""
        if layers == "all":
            return lambda: self(inputs)
        inputs = self._views_of(inputs)
        with torch.no_grad():
            entry = None if inputs.picture is None else self._enter(self.look(inputs).features)
            if layers == "head":
                features = self._through_blocks(inputs, entry)
                return lambda: self._regress(features)
        return lambda: self._regress(self._through_blocks(inputs, entry))

    def _views_of(self, inputs: RegressorInput) -> RegressorInput:
        """The input, followed by its mirror image where there are two views."""
        if self.views == 1:
            return inputs
        mirrored = inputs.keypoints[:, _SPIN49_FLIP] * inputs.keypoints.new_tensor([-1.0, 1.0, 1.0])
        picture = None if inputs.picture is None else torch.cat((inputs.picture, inputs.picture.flip(3)))
        return RegressorInput(torch.cat((inputs.keypoints, mirrored)), picture)

    def _regress(self, features: Tensor) -> RegressorOutput:
        if self.views == 1:
            return super()._regress(features)
        answers = self._answers(features)
        (six_d, mirrored), betas, (camera, other) = (part.view(2, -1, *part.shape[1:]) for part in answers)
        # M R M with M = diag(-1, 1, 1), in the first two columns of R (eft_method.md 3.3).
        sign = mirrored.new_tensor([1.0, -1.0, -1.0, 1.0, -1.0, 1.0])
        six_d = (six_d + sign * mirrored[:, _SMPL_FLIP]) / 2
        camera = (camera + camera.new_tensor([1.0, -1.0, 1.0]) * other) / 2
        return RegressorOutput(six_d_to_matrix(six_d), betas.mean(0), camera)

    def _enter(self, features: Tensor) -> Tensor:
        entry: Tensor = self.entry(self.joined(features))
        return entry

    def _through_blocks(self, inputs: RegressorInput, entry: Tensor | None) -> Tensor:
        features = self._stem(inputs.keypoints[:, -JOINTS:])
        if entry is not None:
            features = features + entry.float()
        for block in self.blocks:
            features = block(features)
        return features


def pose_joints(rotations: Tensor, rest_joints: Tensor) -> Tensor:
    """SMPL's joints ``(B, 24, 3)`` in the camera frame, metres; the pelvis stays at rest, as in ``smplx``.

    Args:
        rotations: ``(B, 24, 3, 3)`` local rotations, the root's in the camera frame.
        rest_joints: ``(24, 3)``.
    """
    world = [rotations[:, 0]]
    places = [rest_joints[0].expand(len(rotations), 3)]
    for joint in range(1, len(_PARENTS)):
        parent = _PARENTS[joint]
        places.append(places[parent] + world[parent] @ (rest_joints[joint] - rest_joints[parent]))
        world.append(world[parent] @ rotations[:, joint])
    return torch.stack(places, 1)
