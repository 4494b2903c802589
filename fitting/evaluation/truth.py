"""Errors of fitted bodies against datasets' own truth: what ``TruthJob`` does (eft_method.md 9.1).

J17 are the 17 joints that ``J_regressor_h36m`` takes from a mesh, in LSP's order, J14 the first 14 of them. Where a
dataset has their joints, those are the truth; where it has the body only, its mesh is, of the gender it was made with.
A male body is never taken for a female one: without a body file of the gender, the dataset's own joints of SMPL's
skeleton stand in, or nothing does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from fitting.body.model import load_body
from fitting.errors import JobError
from fitting.evaluation.metrics import mpjpe_mm, pa_mpjpe_mm
from fitting.evaluation.protocols import EVALUATED_JOINTS, H36M_TO_LSP
from fitting.evaluation.scores import CHUNK
from fitting.evaluation.statistics import estimate
from fitting.spec import (
    BodyGender,
    EstimatedMean,
    EstimateJob,
    EstimateResult,
    FloatArray,
    TruthErrors,
    TruthJob,
    TruthProtocol,
    TruthResult,
    TruthTarget,
)
from resources.skeleton import get_skeleton

SPIN24_TO_J17: Final = (*range(13), 18, 14, 16, 17)
"""Slots of the 24-set that are J17 (eft_method.md 3.6): the fourteenth is H36M's head, not LSP's top of the head."""
_J14 = 14
_PELVIS = H36M_TO_LSP.index(0)
_SPIN49 = get_skeleton("spin49")
_PART = len(_SPIN49) - len(get_skeleton("spin24"))
_SMPL: Final = tuple((place, model) for place, model in enumerate(_SPIN49.model_joints[:_PART]) if model < 24)
"""Joints of SMPL's skeleton among spin49's, and their places in it."""
_SMPL_PELVIS = next(row for row, (_, model) in enumerate(_SMPL) if model == 0)
_LSP_HIPS = tuple(get_skeleton("lsp14").index(name) for name in ("right_hip", "left_hip"))
_FEWEST = 6
"""Known joints that make an error worth telling."""


@dataclass(frozen=True, slots=True, eq=False)
class _Posed:
    """Joints of a posed body in the camera frame, metres: spin49's, and J17 ``(17, 3)`` where there is a regressor."""

    spin49: FloatArray
    j17: FloatArray | None

    @property
    def j17_or_alike(self) -> FloatArray:
        return self.spin49[_PART:][list(SPIN24_TO_J17)] if self.j17 is None else self.j17


def run_truth_job(job: TruthJob) -> TruthResult:
    """Errors of every body of the job.

    Raises:
        JobError: Arrays that do not belong together.
        AssetError: A body cannot be read.
    """
    _check(job)
    fits = _pose_all(
        [job.gendered.get(gender, job.body) for gender in job.genders], list(job.rotations), list(job.betas)
    )
    files = [_choose_body(job, target) for target in job.targets]
    rows = [row for row, file in enumerate(files) if file is not None]
    true = [job.targets[row] for row in rows]
    posed = _pose_all(
        [file for file in files if file is not None],
        [np.asarray(target.rotations) for target in true],
        [np.asarray(target.betas) for target in true],
    )
    meshes = dict(zip(rows, posed, strict=True))
    pairs = enumerate(zip(fits, job.targets, strict=True))
    errors = [_compare(fit, target, meshes.get(row)) for row, (fit, target) in pairs]
    noted = [_add_note(job, row, found) for row, found in enumerate(errors)]
    return TruthResult(job.job_id, tuple(noted))


def run_estimate_job(job: EstimateJob) -> EstimateResult:
    """Means and intervals of every column."""
    means = {name: estimate(values, seed=job.seed) for name, values in job.columns.items()}
    return EstimateResult(
        job.job_id, {name: EstimatedMean(each.value, each.low, each.high, each.count) for name, each in means.items()}
    )


def _needs_mesh(target: TruthTarget) -> bool:
    return target.rotations is not None and target.betas is not None and not _knows_j14(target)


def _knows_j14(target: TruthTarget) -> bool:
    slots = [*SPIN24_TO_J17[:_J14], SPIN24_TO_J17[_PELVIS]]
    return target.skeleton == "spin24" and bool((target.joints_m[slots, 3] > 0).all())


def _choose_body(job: TruthJob, target: TruthTarget) -> Path | None:
    """The body whose mesh is a person's truth; None where joints are, or where no such body is at hand."""
    if not _needs_mesh(target):
        return None
    gender: BodyGender = target.gender or "neutral"
    return job.gendered.get(gender, job.body if gender == "neutral" else None)


@torch.no_grad()
def _pose_all(files: Sequence[Path], rotations: Sequence[FloatArray], betas: Sequence[FloatArray]) -> list[_Posed]:
    """Joints of bodies, in their order; some at a time, for a mesh has thousands of vertices."""
    groups: dict[Path, list[int]] = defaultdict(list)
    for row, file in enumerate(files):
        groups[file].append(row)
    found: dict[int, _Posed] = {}
    for file, members in groups.items():
        body = load_body(file)
        regressor = body.asset.J_regressor_h36m
        for first in range(0, len(members), CHUNK):
            rows = members[first : first + CHUNK]
            turned, shaped = (
                torch.as_tensor(np.stack([each[row] for row in rows]).astype(np.float32)) for each in (rotations, betas)
            )
            joints = body.joints(turned, shaped).double().numpy()
            seventeen: FloatArray | None = None
            if regressor is not None:
                vertices = body.vertices(turned, shaped).double().numpy()
                weights = regressor[list(H36M_TO_LSP)].astype(np.float64)
                seventeen = np.einsum("jv,bvc->bjc", weights, vertices, optimize=True)
            for place, row in enumerate(rows):
                found[row] = _Posed(joints[place], None if seventeen is None else seventeen[place])
    return [found[row] for row in range(len(files))]


def _compare(fit: _Posed, target: TruthTarget, mesh: _Posed | None) -> TruthErrors:
    if _knows_j14(target):
        truth = target.joints_m[list(SPIN24_TO_J17)]
        protocol: TruthProtocol = "body-joints" if fit.j17 is None else "joints"
        return _compare_j17(protocol, fit.j17_or_alike, truth[:, :3], knows_17=bool((truth[:, 3] > 0).all()))
    if mesh is not None:
        if fit.j17 is not None and mesh.j17 is not None:
            return _compare_j17("mesh", fit.j17, mesh.j17, knows_17=True)
        places = list(EVALUATED_JOINTS)
        return _measure("body-joints", fit.spin49[places], mesh.spin49[places], _LSP_HIPS)
    if target.skeleton == "smpl24":
        rows = [(place, model) for place, model in _SMPL if target.joints_m[model, 3] > 0]
        if len(rows) == len(_SMPL):
            predicted = fit.spin49[[place for place, _ in rows]]
            return _measure(
                "smpl-joints", predicted, target.joints_m[[model for _, model in rows], :3], (_SMPL_PELVIS,)
            )
        return _nothing("the dataset knows too few of its joints")
    return _compare_some(fit, target)


def _compare_some(fit: _Posed, target: TruthTarget) -> TruthErrors:
    truth = target.joints_m[list(SPIN24_TO_J17)]
    known = np.flatnonzero(truth[:, 3] > 0)
    if len(known) < _FEWEST:
        return _nothing("the dataset knows too few of its joints")
    pelvis = np.flatnonzero(known == _PELVIS)
    hips = np.flatnonzero((known == 2) | (known == 3))
    root = pelvis if len(pelvis) else hips if len(hips) == 2 else np.arange(len(known))
    return _measure("some-joints", fit.j17_or_alike[known], truth[known, :3], tuple(int(row) for row in root))


def _compare_j17(protocol: TruthProtocol, fit: FloatArray, truth: FloatArray, *, knows_17: bool) -> TruthErrors:
    nothing = float("nan")
    return TruthErrors(
        protocol,
        _J14,
        float(mpjpe_mm(fit[None], truth[None], (_PELVIS,), _J14)[0]),
        float(pa_mpjpe_mm(fit[None, :_J14], truth[None, :_J14])[0]),
        float(mpjpe_mm(fit[None], truth[None], (_PELVIS,))[0]) if knows_17 else nothing,
        float(pa_mpjpe_mm(fit[None], truth[None])[0]) if knows_17 else nothing,
    )


def _measure(protocol: TruthProtocol, fit: FloatArray, truth: FloatArray, root: tuple[int, ...]) -> TruthErrors:
    nothing = float("nan")
    mpjpe, pa = mpjpe_mm(fit[None], truth[None], root), pa_mpjpe_mm(fit[None], truth[None])
    return TruthErrors(protocol, len(truth), float(mpjpe[0]), float(pa[0]), nothing, nothing)


def _nothing(reason: str) -> TruthErrors:
    nothing = float("nan")
    return TruthErrors(None, 0, nothing, nothing, nothing, nothing, reason)


def _add_note(job: TruthJob, row: int, found: TruthErrors) -> TruthErrors:
    """Say whose body is not at hand."""
    target, gender = job.targets[row], job.genders[row]
    notes: list[str] = []
    if _needs_mesh(target) and _choose_body(job, target) is None:
        stand_in = "nothing" if found.protocol is None else "its joints"
        notes.append(
            f"its true mesh is that of a {target.gender} body, which is not at hand; {stand_in} stood in for it"
        )
    elif found.note:
        notes.append(found.note)
    if gender != "neutral" and gender not in job.gendered:
        notes.append(f"its fit is of a {gender} body, which is not at hand; the project's body was posed instead")
    return TruthErrors(
        *(found.protocol, found.joints, found.mpjpe_mm, found.pa_mm, found.mpjpe_17_mm, found.pa_17_mm),
        "; ".join(notes),
    )


def _check(job: TruthJob) -> None:
    count = len(job.targets)
    shapes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
        "rotations": (np.shape(job.rotations), (count, 24, 3, 3)),
        "betas": (np.shape(job.betas), (count, 10)),
        "genders": ((len(job.genders),), (count,)),
    }
    for name, (shape, expected) in shapes.items():
        if shape != expected:
            raise JobError(f"{name} of {count} people have the shape {shape}, expected {expected}; evaluate again.")
    for target in job.targets:
        if target.skeleton not in ("spin24", "smpl24") or target.joints_m.shape != (24, 4):
            raise JobError(f"Truth in the layout '{target.skeleton}' cannot be measured by; import it again.")
