"""SMPLify (Bogo et al., ECCV 2016), as the weak-perspective port beside EFT has it: the baseline to compare with.

It moves the *body* onto the keypoints, from the regressor's prediction, and keeps it human with a prior on poses; EFT
moves the network instead and needs no prior. Stage 1 turns the body as a whole and moves the camera until hips and
shoulders lie right; stage 2 bends the body with the camera held (eft_method.md section 7). docs/smplify.md says what
of the released port is repaired and what that changes.

People are independent of each other, and most of the time goes into starting small operations: a batch of them costs
little more than one.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from fitting.body.kinematics import Kinematics
from fitting.body.pose_prior import PosePrior
from fitting.eft import FitCancelled, Tuning
from fitting.errors import JobError
from fitting.geometry.camera import project_to_crop
from fitting.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from fitting.guidance import depth_hint_loss, point_limbs
from fitting.losses import FitTargets, eft_losses
from fitting.smplify_losses import Energy, body_energy, camera_energy
from fitting.spec import JOINT_COUNT, BodyFit, IterationStep, LossTerms, LossWeights, SmplifyOptions

_TERMS = tuple(field.name for field in dataclasses.fields(Energy) if field.name != "total")


def count_steps(options: SmplifyOptions) -> int:
    """Bodies that a fit records at most: one before each update and the one after the last."""
    camera_iterations = 0 if options.skip_camera_stage else options.camera_iterations
    return camera_iterations + options.body_iterations + 1


class SmplifyFitter:
    """SMPLify on one body and one prior, for all the people to come."""

    def __init__(self, kinematics: Kinematics, prior: PosePrior | None) -> None:
        self._kinematics = kinematics
        self._prior = prior

    def fit(
        self,
        start: BodyFit,
        targets: FitTargets,
        options: SmplifyOptions,
        weights: LossWeights,
        on_step: Callable[[IterationStep], None] = lambda step: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Tuning:
        """Fit one person.

        Bodies are recorded before each update and once more after the last one. The last recorded body is kept,
        whatever the ones before it cost: SMPLify returns what it has optimised. Where the stop test holds, the body
        it holds for is the last.

        Args:
            start: Prediction to start from.
            targets: Keypoints of one person, batch 1.
            options: Options of the method.
            weights: Weights of EFT's loss, of which the terms are reported for comparison, never minimised.
            on_step: Called with each recorded body.
            is_cancelled: Asked before each evaluation.

        Raises:
            FitCancelled: ``is_cancelled`` said so.
            JobError: An option is absurd, or the pose term is wanted and there is no prior.
        """
        return self.fit_many([start], targets, options, weights, lambda person, step: on_step(step), is_cancelled)[0]

    def fit_many(
        self,
        starts: Sequence[BodyFit],
        targets: FitTargets,
        options: SmplifyOptions,
        weights: LossWeights,
        on_step: Callable[[int, IterationStep], None] = lambda person, step: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> tuple[Tuning, ...]:
        """Fit B people at once, each as :meth:`fit` would; ``on_step`` gets the person's place in ``starts`` as well.

        Cost: one evaluation of the joints for all of stage 1, which turns the body as a whole, and one for each
        iteration of stage 2, until the last person is done.
        """
        _check(options, self._prior)
        if targets.hints is not None:
            starts = [
                point_limbs(self._kinematics, start, signs) for start, signs in zip(starts, targets.hints, strict=True)
            ]
        people = _People.at(starts)
        log = _Log(len(starts), targets, weights, on_step)
        if not options.skip_camera_stage:
            self._fit_camera(people, targets, options, log, is_cancelled)
        self._fit_body(people, targets, options, log, is_cancelled)
        return log.tunings()

    def _fit_camera(
        self,
        people: _People,
        targets: FitTargets,
        options: SmplifyOptions,
        log: _Log,
        is_cancelled: Callable[[], bool],
    ) -> None:
        """Stage 1: root orientation and camera."""
        unturned, pelvis = self._unturned_joints(people)
        limbs = axis_angle_to_matrix(people.limbs)
        initial_camera = people.camera.clone()
        adam = _adam(options, people.root, people.camera)
        for _ in range(options.camera_iterations):
            if is_cancelled():
                raise FitCancelled
            turn = axis_angle_to_matrix(people.root)
            projected = project_to_crop(unturned @ turn[:, 0].mT + pelvis, people.camera)
            energy = camera_energy(projected, people.camera, initial_camera, targets, options)
            log.record(1, people, torch.cat((turn, limbs), 1), projected, energy)
            _descend(adam, energy)
        people.camera.requires_grad_(False)

    @torch.no_grad()
    def _unturned_joints(self, people: _People) -> tuple[Tensor, Tensor]:
        """The 49 joints ``(B, 49, 3)`` about the pelvis with the root at the identity, and the pelvis ``(B, 1, 3)``.

        The root turns everything about the pelvis joint, which stays in its place.
        """
        rotations = axis_angle_to_matrix(torch.cat((torch.zeros_like(people.root), people.limbs), 1))
        pelvis = self._kinematics.bones(rotations, people.betas).joints_cam[:, :1]
        return self._kinematics(rotations, people.betas) - pelvis, pelvis

    def _fit_body(
        self,
        people: _People,
        targets: FitTargets,
        options: SmplifyOptions,
        log: _Log,
        is_cancelled: Callable[[], bool],
    ) -> None:
        """Stage 2: pose, betas and root orientation; the camera too where stage 1 was left out, or it is asked for."""
        camera = (people.camera,) if options.skip_camera_stage or options.free_camera else ()
        adam = _adam(options, people.root, people.limbs, people.betas, *camera)
        for iteration in range(options.body_iterations + 1):
            if is_cancelled():
                raise FitCancelled
            rotations = axis_angle_to_matrix(torch.cat((people.root, people.limbs), 1))
            joints_cam = self._kinematics(rotations, people.betas)
            projected = project_to_crop(joints_cam, people.camera)
            missing_m2 = None
            if targets.hints is not None:
                missing_m2 = depth_hint_loss(joints_cam, targets.hints, options.depth_hints.margin_m)
            energy = body_energy(
                projected, people.limbs.flatten(1), people.betas, targets, self._prior, options, missing_m2
            )
            log.record(2, people, rotations, projected, energy)
            # A mean over 49 joints whatever is labelled: the released test, which loosens with fewer joints.
            log.stop(energy.reprojection / JOINT_COUNT < options.stop_reprojection)
            if log.is_everybody_done():
                return
            if iteration < options.body_iterations:
                _descend(adam, energy)


@dataclass(frozen=True, slots=True)
class _People:
    """What is optimised: axis-angles of root ``(B, 1, 3)`` and limbs ``(B, 23, 3)``, betas and camera."""

    root: Tensor
    limbs: Tensor
    betas: Tensor
    camera: Tensor

    @classmethod
    def at(cls, starts: Sequence[BodyFit]) -> _People:
        def stack(name: str) -> Tensor:
            return torch.tensor(np.stack([getattr(start, name) for start in starts]), dtype=torch.float32)

        axis_angles = matrix_to_axis_angle(stack("rotations"))
        return cls(axis_angles[:, :1].clone(), axis_angles[:, 1:].clone(), stack("betas"), stack("camera"))


class _Log:
    """The recorded steps of B people, and who of them is done."""

    def __init__(
        self, people: int, targets: FitTargets, weights: LossWeights, on_step: Callable[[int, IterationStep], None]
    ) -> None:
        self._targets = targets
        self._weights = weights
        self._on_step = on_step
        self._steps: list[list[IterationStep]] = [[] for _ in range(people)]
        self._done = [False] * people

    @torch.no_grad()
    def record(
        self, stage: Literal[1, 2], people: _People, rotations: Tensor, projected_crop: Tensor, energy: Energy
    ) -> None:
        """Append the body of everybody who is not done."""
        losses = eft_losses(projected_crop, people.betas, people.camera, self._targets, self._weights)
        columns = (energy.total, losses.l2d, losses.betas, losses.camera, losses.leg)
        # One transfer for all numbers: asking each tensor for its own would cost as much as computing them.
        rows = torch.stack((*columns, *(getattr(energy, name) for name in _TERMS)), -1).tolist()
        arrays = [tensor.numpy(force=True) for tensor in (rotations, people.betas, people.camera, projected_crop)]
        for person, row in enumerate(rows):
            if self._done[person]:
                continue
            body_rotations, betas, camera, joints_crop = (array[person].copy() for array in arrays)
            step = IterationStep(
                iteration=len(self._steps[person]),
                losses=LossTerms(*row[: len(columns)]),
                fit=BodyFit(body_rotations, betas, camera),
                joints_crop=joints_crop,
                terms={"stage": stage} | dict(zip(_TERMS, row[len(columns) :], strict=True)),
            )
            self._steps[person].append(step)
            self._on_step(person, step)

    def stop(self, below: Tensor) -> None:
        """Take the stop test's answers ``(B,)``; nobody who is done begins again."""
        self._done = [done or now for done, now in zip(self._done, below.tolist(), strict=True)]

    def is_everybody_done(self) -> bool:
        return all(self._done)

    def tunings(self) -> tuple[Tuning, ...]:
        return tuple(
            Tuning(tuple(steps), len(steps) - 1, "converged" if done else "iterations")
            for steps, done in zip(self._steps, self._done, strict=True)
        )


def _adam(options: SmplifyOptions, *variables: Tensor) -> torch.optim.Adam:
    """A fresh Adam over variables, which are optimised from here on."""
    leaves = [variable.requires_grad_() for variable in variables]
    return torch.optim.Adam(leaves, lr=options.learning_rate, betas=(0.9, 0.999), eps=1e-8, fused=True)


def _descend(adam: torch.optim.Adam, energy: Energy) -> None:
    adam.zero_grad(set_to_none=True)
    energy.total.sum().backward()  # type: ignore[no-untyped-call]
    adam.step()


def _check(options: SmplifyOptions, prior: PosePrior | None) -> None:
    if not (math.isfinite(options.learning_rate) and options.learning_rate > 0):
        raise JobError(f"SMPLify's learning rate is {options.learning_rate:g}, expected a positive number.")
    if not (math.isfinite(options.stop_reprojection) and options.stop_reprojection >= 0):
        raise JobError(
            f"SMPLify's stopping reprojection is {options.stop_reprojection:g}, expected a number of square pixels;"
            " 0 never stops."
        )
    for name in ("pose", "angle", "shape", "hip", "ankle"):
        weight = getattr(options, f"{name}_weight")
        if not (math.isfinite(weight) and weight >= 0):
            raise JobError(f"SMPLify's {name} weight is {weight:g}, expected 0 or a positive number.")
    if min(options.camera_iterations, options.body_iterations) < 0:
        raise JobError("SMPLify's iterations are fewer than none; expected 0 or more for each stage.")
    if options.use_pose_prior and prior is None:
        raise JobError("SMPLify's pose term needs a pose prior; name one, or switch the term off.")
