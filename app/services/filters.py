"""The filters of fits as one table: the published ones (eft_method.md 6.3, annotation_anchors.md 6.3), and by flags.

L2d is divided by 49 joints whatever is labelled, so its thresholds loosen with fewer labelled joints. Each filter
therefore has a twin, ``…-rms``, that puts the same threshold, as RMS pixels of the 224 crop for a person with all
thirteen joints that COCO can label, to everybody (eft_method.md 1.4).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from app.services.errors import ServiceError
from app.services.keypoint_layouts import to_spin49
from db.records import FitFacts, FitRecord, KeypointRevision
from fitting.spec import JOINT_COUNT
from resources.skeleton import get_skeleton

CROP_PX = 224
"""Side of the crop that L2d's normalised coordinates span."""
COCO_ACTIVE_JOINTS = 13
"""Joints active in L2d of a person with all of COCO's labelled: seventeen without hips and ankles (1.3)."""
LIMB_JOINTS = 12

_SPIN49 = get_skeleton("spin49")
_LIMB_PARTS = ("ankle", "knee", "hip", "wrist", "elbow", "shoulder")
_LIMBS = [_SPIN49.index(f"{side}_{part}") for part in _LIMB_PARTS for side in ("left", "right")]
_ACTIVE = [
    index
    for index, name in enumerate(_SPIN49.joints)
    if not name.startswith("openpose_") and name != "pelvis" and _SPIN49.part(index) not in ("hip", "ankle")
]


@dataclass(frozen=True, slots=True)
class FitFigures:
    """What filters look at.

    Attributes:
        l2d: Unweighted 2D keypoint loss.
        l2d_initial: The same before fine-tuning.
        max_abs_beta: Largest absolute shape coefficient.
        rms_px: RMS distance over the active joints, pixels of the picture; None without any.
        rms_crop_px: The same in pixels of the 224 crop, from L2d.
        active_joints: Labelled joints that enter L2d.
        limb_joints: Labelled ones of the twelve limb joints.
        flags: What is odd about the fit, with how far it goes.
    """

    l2d: float
    l2d_initial: float
    max_abs_beta: float
    rms_px: float | None
    rms_crop_px: float | None
    active_joints: int
    limb_joints: int
    flags: Mapping[str, float] = field(default_factory=dict)

    @property
    def measured_l2d(self) -> float | None:
        """``l2d``, None without any active joint: it is zero then, and says nothing."""
        return self.l2d if self.active_joints else None


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter; a fit passes that is beyond none of its limits, None being no limit.

    Attributes:
        name: Name on the command line.
        title: What it is, for people.
        max_l2d: Largest L2d.
        max_l2d_initial: Largest L2d before fine-tuning.
        max_abs_beta: Largest absolute shape coefficient.
        needs_limbs: All twelve limb joints are labelled.
        by_rms: ``max_l2d`` is taken as the RMS pixels it means for a person with all of COCO's joints.
        flagged: Whether the fit has flags (docs/sanity.md); None lets pass both.
    """

    name: str
    title: str
    max_l2d: float | None = None
    max_l2d_initial: float | None = None
    max_abs_beta: float | None = None
    needs_limbs: bool = False
    by_rms: bool = False
    flagged: bool | None = None

    @property
    def max_rms_crop_px(self) -> float | None:
        """``max_l2d`` as RMS pixels of the crop, for a person with all of COCO's joints."""
        return None if self.max_l2d is None else rms_crop_px(self.max_l2d, COCO_ACTIVE_JOINTS)

    def passes(self, figures: FitFigures) -> bool:
        """Whether the fit is within every limit."""
        rms_limit = self.max_rms_crop_px if self.by_rms else None
        l2d_limit = None if self.by_rms else self.max_l2d
        return (
            _within(figures.rms_crop_px, rms_limit)
            and _within(figures.measured_l2d, l2d_limit)
            and _within(figures.l2d_initial, self.max_l2d_initial)
            and _within(figures.max_abs_beta, self.max_abs_beta)
            and (not self.needs_limbs or figures.limb_joints >= LIMB_JOINTS)
            and (self.flagged is None or (figures.active_joints > 0 and self.flagged == bool(figures.flags)))
        )

    def limits(self) -> dict[str, float | bool]:
        """The limits that are set, by name, for manifests."""
        rows: dict[str, float | bool | None] = {
            "max_l2d": None if self.by_rms else self.max_l2d,
            "max_rms_crop_px": self.max_rms_crop_px if self.by_rms else None,
            "max_l2d_initial": self.max_l2d_initial,
            "max_abs_beta": self.max_abs_beta,
            "needs_limbs": self.needs_limbs or None,
            "flagged": self.flagged,
        }
        return {name: limit for name, limit in rows.items() if limit is not None}


_PUBLISHED = (
    Filter("export", "the published JSON export", max_l2d=5e-4, max_abs_beta=3.0),
    Filter("normal", "IsValid", max_l2d=1e-3, max_l2d_initial=0.03, max_abs_beta=3.0, needs_limbs=True),
    Filter("strict", "IsValid_strict", max_l2d=3e-4, max_l2d_initial=0.04, max_abs_beta=1.0, needs_limbs=True),
)


def _by_rms(row: Filter) -> Filter:
    title = f"{row.title}, its L2d as RMS pixels over the labelled joints"
    return dataclasses.replace(row, name=f"{row.name}-rms", title=title, by_rms=True)


_BY_FLAGS = (
    Filter("unflagged", "nothing odd about the body's size and trunk", flagged=False),
    Filter("flagged", "the body's size or trunk is odd", flagged=True),
)
FILTERS: Mapping[str, Filter] = {row.name: row for row in (*_PUBLISHED, *map(_by_rms, _PUBLISHED), *_BY_FLAGS)}


def get_filter(name: str) -> Filter:
    """Filter by name.

    Raises:
        ServiceError: There is no such filter.
    """
    if name not in FILTERS:
        raise ServiceError(f"There is no filter named '{name}'; known are {', '.join(FILTERS)}.")
    return FILTERS[name]


def build_figures(fit: FitRecord | FitFacts, revision: KeypointRevision) -> FitFigures:
    """Figures of a fit; ``revision`` are the keypoints it belongs to."""
    confidence = to_spin49(revision)[:, 2]
    active = confidence[_ACTIVE]
    return FitFigures(
        l2d=fit.l2d,
        l2d_initial=fit.l2d_initial,
        max_abs_beta=fit.max_abs_beta,
        rms_px=fit.rms_px,
        rms_crop_px=rms_crop_px(fit.l2d, float(active.sum())),
        active_joints=int(np.count_nonzero(active)),
        limb_joints=int(np.count_nonzero(confidence[_LIMBS])),
        flags=fit.flags,
    )


def judge(figures: FitFigures) -> dict[str, bool]:
    """What each filter says of a fit, by name."""
    return {name: row.passes(figures) for name, row in FILTERS.items()}


def passes(fit: FitRecord, revision: KeypointRevision) -> dict[str, bool]:
    """What each filter says of a fit; ``revision`` are the keypoints it belongs to."""
    return judge(build_figures(fit, revision))


def rms_crop_px(l2d: float, joints: float) -> float | None:
    """RMS distance in pixels of the 224 crop that an L2d means: ``112 sqrt(98 L2d / N)`` (eft_method.md 1.4).

    Args:
        l2d: Unweighted 2D keypoint loss.
        joints: Active joints, or the sum of their confidences; None comes back for none.
    """
    if joints <= 0:
        return None
    return float(CROP_PX / 2 * np.sqrt(2 * JOINT_COUNT * l2d / joints))


def _within(value: float | None, limit: float | None) -> bool:
    return limit is None or (value is not None and value <= limit)
