"""EFT as the released code runs it, written a second time from the formulas, plainly and wastefully.

Functional convolutions on a dictionary of tensors, the library's batch norm, torch's default Adam, the whole mesh
through ``smplx`` twice an iteration. It shares no line with ``fitting.eft``; tests compare numbers, the bench time.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from smplx import SMPL
from smplx.utils import Struct
from torch.nn import functional

BLOCKS = (3, 4, 6, 3)
OPENPOSE, SPIN24 = slice(0, 25), slice(25, 49)
MODEL_JOINTS = (
    *(24, 12, 17, 19, 21, 16, 18, 20, 0, 2, 5, 8, 1, 4, 7, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34),
    *(8, 5, 45, 46, 4, 7, 21, 19, 17, 16, 18, 20, 47, 48, 49, 50, 51, 52, 53, 24, 26, 25, 28, 27),
)
"""eft_method.md 3.2, typed again on purpose."""


def random_checkpoint(path: Path, seed: int = 0, **extras: object) -> Path:
    """A checkpoint of the tabled 331 keys with weights that let signals through and a head that does something."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int, std: float) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) * std

    state: dict[str, torch.Tensor] = {}

    def norm(name: str, channels: int) -> None:
        state[f"{name}.weight"] = 1 + 0.1 * torch.randn(channels, generator=generator)
        state[f"{name}.bias"] = 0.05 * torch.randn(channels, generator=generator)
        state[f"{name}.running_mean"] = 0.1 * torch.randn(channels, generator=generator)
        state[f"{name}.running_var"] = 0.8 + 0.4 * torch.rand(channels, generator=generator)
        state[f"{name}.num_batches_tracked"] = torch.tensor(1234)

    state["conv1.weight"] = normal(64, 3, 7, 7, std=0.08)
    norm("bn1", 64)
    channels = 64
    for stage, (planes, blocks) in enumerate(zip((64, 128, 256, 512), BLOCKS, strict=True), start=1):
        for block in range(blocks):
            name = f"layer{stage}.{block}"
            state[f"{name}.conv1.weight"] = normal(planes, channels, 1, 1, std=(1 / channels) ** 0.5)
            state[f"{name}.conv2.weight"] = normal(planes, planes, 3, 3, std=(1 / (9 * planes)) ** 0.5)
            state[f"{name}.conv3.weight"] = normal(4 * planes, planes, 1, 1, std=0.4 * (1 / planes) ** 0.5)
            for number, width in ((1, planes), (2, planes), (3, 4 * planes)):
                norm(f"{name}.bn{number}", width)
            if block == 0:
                state[f"{name}.downsample.0.weight"] = normal(4 * planes, channels, 1, 1, std=(1 / channels) ** 0.5)
                norm(f"{name}.downsample.1", 4 * planes)
            channels = 4 * planes
    for name, outputs, inputs, std in (
        ("fc1", 1024, 2205, 0.02),
        ("fc2", 1024, 1024, 0.03),
        ("decpose", 144, 1024, 0.006),
        ("decshape", 10, 1024, 0.006),
        ("deccam", 3, 1024, 0.002),
    ):
        state[f"{name}.weight"] = normal(outputs, inputs, std=std)
        state[f"{name}.bias"] = normal(outputs, std=0.01)
    six_d = torch.tensor([1.0, 0, 0, 1, 0, 0]).repeat(24, 1)
    six_d[0] = torch.tensor([1.0, 0, 0, -1, 0, 0])
    state["init_pose"] = six_d.reshape(1, 144) + normal(1, 144, std=0.05)
    state["init_shape"] = normal(1, 10, std=0.3)
    state["init_cam"] = torch.tensor([[0.9, 0.0, 0.0]])
    torch.save({"model": state, "epoch": 3, "batch_idx": 7, "batch_size": 64, "total_step_count": 99, **extras}, path)
    return path


def forward(w: dict[str, torch.Tensor], picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """``(1, 24, 3, 3)``, ``(1, 10)``, ``(1, 3)`` of ``(1, 3, 224, 224)`` (eft_method.md 2.1-2.2)."""

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.batch_norm(
            x, w[f"{name}.running_mean"], w[f"{name}.running_var"], w[f"{name}.weight"], w[f"{name}.bias"]
        )

    def conv(x: torch.Tensor, name: str, stride: int = 1) -> torch.Tensor:
        weight = w[f"{name}.weight"]
        return functional.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)

    x = functional.max_pool2d(functional.relu(norm(conv(picture, "conv1", 2), "bn1")), 3, 2, 1)
    for stage, blocks in enumerate(BLOCKS, start=1):
        for block in range(blocks):
            name, stride = f"layer{stage}.{block}", 2 if block == 0 and stage > 1 else 1
            y = functional.relu(norm(conv(x, f"{name}.conv1"), f"{name}.bn1"))
            y = functional.relu(norm(conv(y, f"{name}.conv2", stride), f"{name}.bn2"))
            y = norm(conv(y, f"{name}.conv3"), f"{name}.bn3")
            if block == 0:
                x = norm(conv(x, f"{name}.downsample.0", stride), f"{name}.downsample.1")
            x = functional.relu(x + y)
    features = functional.avg_pool2d(x, 7, 1).flatten(1)
    pose, shape, camera = w["init_pose"], w["init_shape"], w["init_cam"]
    for _ in range(3):
        hidden = functional.linear(torch.cat([features, pose, shape, camera], 1), w["fc1.weight"], w["fc1.bias"])
        hidden = functional.linear(hidden, w["fc2.weight"], w["fc2.bias"])
        pose = pose + functional.linear(hidden, w["decpose.weight"], w["decpose.bias"])
        shape = shape + functional.linear(hidden, w["decshape.weight"], w["decshape.bias"])
        camera = camera + functional.linear(hidden, w["deccam.weight"], w["deccam.bias"])
    columns = pose.view(-1, 3, 2)
    first = functional.normalize(columns[:, :, 0])
    second = functional.normalize(columns[:, :, 1] - (first * columns[:, :, 1]).sum(1, keepdim=True) * first)
    rotations = torch.stack((first, second, torch.cross(first, second, dim=1)), dim=-1)
    return rotations.view(1, 24, 3, 3), shape, camera


class Body:
    """The 49 joints through the whole mesh of ``smplx``."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as arrays:
            a = {key: arrays[key] for key in arrays.files}
        names = (
            *("nose", "reye", "leye", "rear", "lear"),
            *("LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe", "RHeel"),
            *("lthumb", "lindex", "lmiddle", "lring", "lpinky", "rthumb", "rindex", "rmiddle", "rring", "rpinky"),
        )
        data = Struct(**{k: a[k] for k in ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "f")})
        data.kintree_table = a["kintree_table"]
        with contextlib.redirect_stdout(io.StringIO()):
            self.smpl = SMPL(
                "",
                data_struct=data,
                vertex_ids=dict(zip(names, a["landmark_vertices"].tolist(), strict=True)),
                create_transl=False,
            )
        self.extra = torch.tensor(a["J_regressor_extra"], dtype=torch.float32)

    def __call__(self, rotations: torch.Tensor, betas: torch.Tensor) -> torch.Tensor:
        output = self.smpl(betas=betas, body_pose=rotations[:, 1:], global_orient=rotations[:, :1], pose2rot=False)
        extra = torch.einsum("jv,bvc->bjc", self.extra, output.vertices)
        return torch.cat((output.joints, extra), 1)[:, list(MODEL_JOINTS)]


@dataclass
class Weights:
    keypoints: float = 5.0
    betas: float = 0.001
    camera: float = 1.0
    leg: float = 0.005


def run(
    state: dict[str, torch.Tensor],
    body: Body,
    picture: torch.Tensor,
    keypoints: torch.Tensor,
    iterations: int = 20,
    learning_rate: float = 5e-6,
    stop: float = 1e-4,
    weights: Weights | None = None,
    evaluate_twice: bool = True,
) -> list[dict[str, np.ndarray]]:
    """The loop of eft_method.md 1.2-1.5 on keypoints ``(49, 3)`` in normalised crop coordinates with confidence."""
    weights = weights or Weights()
    w = {name: tensor.clone() for name, tensor in state.items()}
    frozen = ("bn", "running", "downsample.1", "init_", "num_batches")
    trained = [name for name in w if not any(part in name for part in frozen)]
    for name in trained:
        w[name].requires_grad_(True)
    adam = torch.optim.Adam([w[name] for name in trained], lr=learning_rate)
    record = []
    for _ in range(iterations):
        rotations, betas, camera = forward(w, picture)
        joints = body(rotations, betas)
        if evaluate_twice:
            body(rotations, betas)
        projected = camera[:, None, :1] * joints[..., :2] + camera[:, None, 1:]
        confidence = keypoints[:, 2].clone()
        for hip in (27, 28, 39):
            confidence[hip] = 0
        leg = projected.new_zeros(())
        for knee, ankle in ((26, 25), (29, 30)):
            annotated = keypoints[ankle, :2] - keypoints[knee, :2]
            if annotated.norm() > 0.0089:
                shown = projected[0, ankle] - projected[0, knee]
                cosine = (annotated / annotated.norm() * (shown / shown.norm())).sum()
                leg = leg + confidence[knee] * confidence[ankle] * (1 - cosine)
        confidence[25] = confidence[30] = 0
        confidence[OPENPOSE] = 0
        l2d = (confidence[:, None] * (projected[0] - keypoints[:, :2]) ** 2).mean()
        shape = (betas**2).mean()
        positive = torch.exp(-camera[0, 0] * 10) ** 2
        total = 60 * (weights.keypoints * l2d + weights.betas * shape + weights.camera * positive + weights.leg * leg)
        adam.zero_grad()
        total.backward()
        adam.step()
        seen = {"total": total, "l2d": l2d, "betas_loss": shape, "camera_loss": positive, "leg": leg}
        seen |= {"rotations": rotations[0], "betas": betas[0], "camera": camera[0], "joints": projected[0]}
        record.append({name: value.detach().numpy().copy() for name, value in seen.items()})
        if l2d.item() < stop:
            break
    return record
