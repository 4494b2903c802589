"""What photographs and annotators leave out: cut bodies, hidden faces, missing keypoints.

Truncation is drawn from **every** side: a lifter that has never seen a head cut off hunches the person instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Generator, Tensor

from fitting.synthetic.silhouette import Outline, Window
from resources.skeleton import get_skeleton

_SPIN24 = get_skeleton("spin24")


@dataclass(frozen=True, slots=True)
class VisibilitySettings:
    """Shares of people that are cut or hidden; cuts are fractions of the body's extent in the picture.

    Attributes:
        bottom: Share cut from below, and ``bottom_range`` how much of the height goes.
        portrait: Share of which only head and shoulders remain.
        top: Share cut from above.
        side: Share cut from the left or the right.
        sparse: (share, drop rate) of people whose keypoints miss at random; the others lose ``drop`` of them.
        limb: Share that loses all keypoints of one arm, one leg or both lower legs though the body is there.
        least: Keypoints that remain at least; who would keep fewer is shown whole.
    """

    bottom: float = 0.28
    bottom_range: tuple[float, float] = (0.02, 0.62)
    portrait: float = 0.03
    portrait_range: tuple[float, float] = (0.62, 0.84)
    top: float = 0.15
    top_range: tuple[float, float] = (0.03, 0.58)
    side: float = 0.14
    side_range: tuple[float, float] = (0.05, 0.5)
    drop: float = 0.02
    sparse: tuple[float, float] = (0.25, 0.2)
    limb: float = 0.08
    least: int = 5


NOTHING_HIDDEN: Final = VisibilitySettings(bottom=0, portrait=0, top=0, side=0, drop=0, sparse=(0, 0), limb=0)
"""Whole people with every keypoint."""


def cut_outline(outline: Outline, generator: Generator, settings: VisibilitySettings) -> Window:
    """Draw the borders of the picture for people with an outline in the picture's plane (y down)."""
    low, high = outline.extent().unbind(1)
    size = high - low
    count = len(low)

    def chance(share: float) -> Tensor:
        return torch.rand(count, generator=generator) < share

    def fraction(bounds: tuple[float, float]) -> Tensor:
        return bounds[0] + (bounds[1] - bounds[0]) * torch.rand(count, generator=generator)

    nothing = torch.zeros(count)
    bottom = torch.where(chance(settings.bottom), fraction(settings.bottom_range), nothing)
    bottom = torch.where(chance(settings.portrait), fraction(settings.portrait_range), bottom)
    top = torch.where(chance(settings.top), fraction(settings.top_range), nothing)
    top = torch.where(bottom > 0.4, nothing, top)  # both would leave a belt
    side = torch.where(chance(settings.side), fraction(settings.side_range), nothing)
    from_left = chance(0.5)
    left = torch.where(from_left, side, nothing)
    right = torch.where(from_left, nothing, side)
    open_low = torch.full_like(low, -torch.inf)
    open_high = torch.full_like(high, torch.inf)
    cut_low = torch.stack((left, top), -1)
    cut_high = torch.stack((right, bottom), -1)
    return Window(
        torch.where(cut_low > 0, low + cut_low * size, open_low),
        torch.where(cut_high > 0, high - cut_high * size, open_high),
    )


def hide_back_of_head(head_rotations: Tensor, generator: Generator) -> Tensor:
    """Which of the 24 joints the head itself does not cover, ``(B, 24)``.

    A point of the face is labelled while its outward direction turns towards the camera, with a soft edge:
    annotators guess a little beyond.

    Args:
        head_rotations: ``(B, 3, 3)`` world rotations of the head, camera frame.
        generator: Source of chance.
    """
    outward = torch.zeros(len(_SPIN24), 3)
    for name, direction in (
        ("nose", (0.0, 0.0, 1.0)),
        ("left_eye", (0.35, 0.0, 0.94)),
        ("right_eye", (-0.35, 0.0, 0.94)),
        ("left_ear", (0.98, 0.0, -0.2)),
        ("right_ear", (-0.98, 0.0, -0.2)),
    ):
        outward[_SPIN24.index(name)] = torch.tensor(direction)
    # The camera looks along +z: what faces it points to -z.
    facing: Tensor = -(head_rotations[:, None] @ outward[..., None]).squeeze(-1)[..., 2]
    edge = -0.12 + 0.14 * torch.randn(facing.shape, generator=generator)
    is_elsewhere: Tensor = outward.square().sum(-1) == 0
    return (facing > edge) | is_elsewhere


def hide_by_chance(labelled: Tensor, generator: Generator, settings: VisibilitySettings) -> Tensor:
    """Drop keypoints ``(B, 24)`` at random and by limb; who would keep too few keeps what he had."""
    count = len(labelled)
    share, rate = settings.sparse
    rates = torch.where(torch.rand(count, 1, generator=generator) < share, rate, settings.drop)
    kept = labelled & (torch.rand(labelled.shape, generator=generator) >= rates)
    limbs = _limb_masks()
    limb = limbs[torch.randint(0, len(limbs), (count,), generator=generator)]
    kept &= ~(limb & (torch.rand(count, 1, generator=generator) < settings.limb))
    return torch.where(kept.sum(1, keepdim=True) >= settings.least, kept, labelled)


def _limb_masks() -> Tensor:
    """Groups of joints that go missing together, ``(G, 24)``: arms, legs, both lower legs, the face."""
    arm, leg, face = {"elbow", "wrist"}, {"knee", "ankle"}, {"nose", "eye", "ear"}
    indices = range(len(_SPIN24))
    groups = [
        [_SPIN24.part(i) in parts and _SPIN24.side(i) == side for i in indices]
        for side in ("left", "right")
        for parts in (arm, leg)
    ]
    groups += [[_SPIN24.part(i) in parts for i in indices] for parts in (leg, {"ankle"}, face)]
    return torch.tensor(groups)
