"""HMR's ResNet-50, the network of SPIN and EFT: a picture to pose, shape and camera (eft_method.md 2.1-2.5).

Own implementation; names and shapes of the 331 state entries are those of the published checkpoints, so these load
strictly. Kanazawa et al. 2018, "End-to-end Recovery of Human Shape and Pose", section 3.2: the head corrects the mean
parameters three times with the same weights and no non-linearity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from fitting.geometry.camera import spin_to_eft_camera
from fitting.geometry.rotations import six_d_to_matrix
from fitting.regressor.base import Regressor, RegressorInput, RegressorOutput
from fitting.regressor.card import RegressorCard
from fitting.regressor.mean_body import MEAN_BETAS, MEAN_CAMERA, mean_six_d
from fitting.regressor.norm import FrozenableBatchNorm

ARCHITECTURE: Final = "hmr-resnet50"
PICTURE_SIDE: Final = 224
_POSE: Final = 24 * 6
_BETAS: Final = 10
_CAMERA: Final = 3
_FEATURES: Final = 2048
_WIDTH: Final = 1024
_CORRECTIONS: Final = 3
_STAGES: Final = ((64, 3), (128, 4), (256, 6), (512, 3))
_EXPANSION: Final = 4
_HEAD: Final = ("fc1", "fc2", "decpose", "decshape", "deccam")
_DECODERS: Final = _HEAD[2:]
_RESIDUAL: Final = ("layer1", "layer2", "layer3", "layer4")


class Hmr(Regressor):
    """ResNet-50 (stride on the 3x3 convolution), mean pooling, iterative error feedback.

    Any input side that is a multiple of 32 works; the published weights are for 224.
    """

    uses_picture = True
    layer_subsets: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "all": ("",),
        "layer4": ("layer4",),
        "head": _HEAD,
        "layer4+head": ("layer4", *_HEAD),
        "layer3+": ("layer3", "layer4", *_HEAD),
        "layer2+": ("layer2", "layer3", "layer4", *_HEAD),
        "layer1+": (*_RESIDUAL, *_HEAD),
        "conv+head": ("conv1", *_RESIDUAL, *_HEAD),
        "stages": _RESIDUAL,
        "conv1+stages": ("conv1", *_RESIDUAL),
        "decoders": _DECODERS,
        "fc2+decoders": ("fc2", *_DECODERS),
        "layer4.2.conv3": ("layer4.2.conv3",),
        "layer4.2+head": ("layer4.2", *_HEAD),
    }

    def __init__(self, card: RegressorCard) -> None:
        super().__init__(card)
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = FrozenableBatchNorm(64)
        channels = 64
        for number, (planes, blocks) in enumerate(_STAGES, start=1):
            stage = nn.Sequential()
            for block in range(blocks):
                stride = 2 if block == 0 and number > 1 else 1
                stage.append(_Bottleneck(channels, planes, stride))
                channels = planes * _EXPANSION
            self.add_module(f"layer{number}", stage)
        self.fc1 = nn.Linear(_FEATURES + _POSE + _BETAS + _CAMERA, _WIDTH)
        self.drop1 = nn.Dropout()
        self.fc2 = nn.Linear(_WIDTH, _WIDTH)
        self.drop2 = nn.Dropout()
        self.decpose = nn.Linear(_WIDTH, _POSE)
        self.decshape = nn.Linear(_WIDTH, _BETAS)
        self.deccam = nn.Linear(_WIDTH, _CAMERA)
        self.register_buffer("init_pose", mean_six_d().reshape(1, _POSE))
        self.register_buffer("init_shape", torch.tensor([MEAN_BETAS]))
        self.register_buffer("init_cam", torch.tensor([MEAN_CAMERA]))
        self._initialise()

    init_pose: Tensor
    init_shape: Tensor
    init_cam: Tensor

    def forward(self, inputs: RegressorInput) -> RegressorOutput:
        """Predict bodies from ``inputs.picture`` ``(B, 3, S, S)``; keypoints are not looked at."""
        return self._run(_picture_of(inputs), 0)

    def prepare(self, inputs: RegressorInput, layers: str) -> Callable[[], RegressorOutput]:
        """Run what lies before the first tuned layer once and keep its features ("fast" EFT)."""
        prefixes = self.layer_subsets[layers]
        names = [name for name, _ in self._chain()]
        start = min((names.index(name) for name in names if _is_tuned(name, prefixes)), default=0)
        with torch.no_grad():
            features = _picture_of(inputs)
            for _, step in self._chain()[:start]:
                features = step(features)
        return lambda: self._run(features, start)

    def _run(self, features: Tensor, start: int) -> RegressorOutput:
        for _, step in self._chain()[start:]:
            features = step(features)
        return self._regress(features)

    def _chain(self) -> list[tuple[str, Callable[[Tensor], Tensor]]]:
        """The trunk from picture to ``(B, 2048)`` as named steps; the head follows it."""
        blocks: list[tuple[str, Callable[[Tensor], Tensor]]] = [
            (f"{layer}.{number}", block)
            for layer in _RESIDUAL
            for number, block in enumerate(self.get_submodule(layer).children())
        ]
        return [("conv1", self._stem), *blocks, ("fc1", _pool)]

    def _stem(self, picture: Tensor) -> Tensor:
        features = functional.relu(self.bn1(self.conv1(picture)), inplace=True)
        return functional.max_pool2d(features, 3, stride=2, padding=1)

    def _regress(self, features: Tensor) -> RegressorOutput:
        batch = len(features)
        pose = self.init_pose.expand(batch, -1)
        betas = self.init_shape.expand(batch, -1)
        camera = self.init_cam.expand(batch, -1)
        for _ in range(_CORRECTIONS):
            hidden = self.drop1(self.fc1(torch.cat((features, pose, betas, camera), 1)))
            hidden = self.drop2(self.fc2(hidden))
            pose = pose + self.decpose(hidden)
            betas = betas + self.decshape(hidden)
            camera = camera + self.deccam(hidden)
        if self.card.camera == "spin":
            camera = spin_to_eft_camera(camera)
        return RegressorOutput(six_d_to_matrix(pose.reshape(batch, 24, 6)), betas, camera)

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                height, width = module.kernel_size
                nn.init.normal_(module.weight, std=math.sqrt(2 / (height * width * module.out_channels)))
        for name in _DECODERS:
            nn.init.xavier_uniform_(self.get_submodule(name).get_parameter("weight"), gain=0.01)


class _Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions around a shortcut (He et al. 2016)."""

    def __init__(self, channels: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, planes, 1, bias=False)
        self.bn1 = FrozenableBatchNorm(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn2 = FrozenableBatchNorm(planes)
        self.conv3 = nn.Conv2d(planes, planes * _EXPANSION, 1, bias=False)
        self.bn3 = FrozenableBatchNorm(planes * _EXPANSION)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or channels != planes * _EXPANSION:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, planes * _EXPANSION, 1, stride=stride, bias=False),
                FrozenableBatchNorm(planes * _EXPANSION),
            )

    def forward(self, features: Tensor) -> Tensor:
        shortcut = features if self.downsample is None else self.downsample(features)
        features = functional.relu(self.bn1(self.conv1(features)), inplace=True)
        features = functional.relu(self.bn2(self.conv2(features)), inplace=True)
        return functional.relu(self.bn3(self.conv3(features)) + shortcut, inplace=True)


def _pool(features: Tensor) -> Tensor:
    return features.mean((2, 3))


def _is_tuned(step: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a step of the chain holds a tuned layer, or is the head, where the chain ends at the latest."""
    if step == "fc1":
        return True
    return any(step.startswith(prefix) or prefix.startswith(f"{step}.") for prefix in prefixes)


def _picture_of(inputs: RegressorInput) -> Tensor:
    if inputs.picture is None:
        raise ValueError("this network looks at the picture; give RegressorInput.picture")
    return inputs.picture
