"""Is a finished body plausible in size and in depth? What L2d cannot see, since it looks at labelled joints only.

Two questions, answered from the fit, its keypoints and the person's box; docs/sanity.md has the measured rates.

**Size.** Seen from afar no bone is longer in the picture than in the body, and hardly ever are all of them much
shorter: then the body has grown and turned its bones into depth. Box and keypoints bound what is known to be
shown, on sides that are not borders of the picture; parts without keypoints may be hidden and are let go.

**Trunk.** A trunk that is upright in the picture may still lean towards the camera, and then it is short. How short is
read from the other bones: where these leave it its full length, the picture does not ask for a lean, and a body that
leans all the same is doubted. A camera that looks down tilts everybody; so a lean of some degrees is always granted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitting.geometry.boxes import MARGIN
from fitting.geometry.camera import image_to_crop, project_to_crop
from fitting.spec import Box, FlagName, FloatArray, Rectangle
from resources.skeleton import get_skeleton

SIZE_NOISE = 0.03
"""Crop units (half sides of the box) that a bone's ends may be misplaced by in all before its length counts."""
LEAST_BONES = 3
LEAST_RATIO_FEW, LEAST_RATIO = 0.7, 0.85
"""The best-seen of 3-4, or of more, labelled bones shows at least this part of its length; 99 % of true people do."""
LARGEST_RATIO = 1.3
"""No bone is seen longer than this: noise and odd proportions explain 1.2 in 99.5 % of true people."""
LARGEST_OVERHANG = 0.25
"""Labelled parts reach beyond box and keypoints by less, in longer sides: clothes, hair and careless boxes do."""
LARGEST_WHOLE_OVERHANG = 0.5
"""The same for parts without keypoints of a person shown from head to foot: an arm's length behind something."""
LEAST_SPAN = 0.7
"""A body fills this part of its box in one direction at least; true people fill 0.87 in 99.5 %, without their flesh."""
BORDER_SHARE, BORDER_PX = 0.02, 2.0
"""A side of the box this near to the picture's border is where the picture ends, not where the person ends."""

UPRIGHT_DEGREES = 20.0
"""A trunk this near to the vertical is upright in the picture."""
LEG_DEGREES = 100.0
"""Thighs farther from straight down belong to people who lie, climb or kick: their lean is not judged."""
LEAN_DEGREES = 20.0
"""Granted to everybody: cameras look down by 5-10 degrees, and people do not stand like posts."""
LEAN_ASKED_DEGREES = 10.0
"""A trunk may lean this much more than its length in the picture asks for."""
LEAN_NOISE = 0.01
"""As ``SIZE_NOISE``, for comparing the trunk with other bones; at 0.02 twice as many true people are flagged."""
LEAN_UNSEEN_DEGREES = 35.0
"""Granted where hips or shoulders are not labelled: only the rest of the person says that it is upright."""
UPRIGHT_REST_DEGREES = 25.0
"""That rest, thighs below labelled hips or a face above labelled shoulders, is this near to the vertical."""

_SPIN49 = get_skeleton("spin49")
_SIDES = ("left", "right")
_FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
_LIMBS = tuple(
    (f"{side}_{start}", f"{side}_{end}")
    for side in _SIDES
    for start, end in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
)
_ACROSS = ("left_shoulder", "right_shoulder")
_TRUNK = tuple((f"{side}_shoulder", f"{side}_hip") for side in _SIDES)


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A finished body and what is known of the person it stands for.

    Attributes:
        joints_cam: ``(49, 3)`` joints of the body, camera frame, metres.
        camera: ``(3,)`` weak-perspective ``[s, tx, ty]``.
        box: Box the camera belongs to.
        keypoints_px: ``(49, 3)`` x, y in image pixels and confidence.
        rectangle_px: The person's annotated rectangle; None takes the one that a box of the usual margin stands for.
        image_size_px: ``(width, height)``; None where nobody knows: then a rectangle bounds nothing.
    """

    joints_cam: FloatArray
    camera: FloatArray
    box: Box
    keypoints_px: FloatArray
    rectangle_px: Rectangle | None = None
    image_size_px: tuple[float, float] | None = None


def find_flags(sighting: Sighting) -> dict[FlagName, float]:
    """What is odd about a body, with how far it goes; empty for a plausible one, and for one without a camera."""
    flags: dict[FlagName, float] = {}
    if not (np.isfinite(sighting.camera).all() and sighting.camera[0] > 0):
        return flags
    view = _View(sighting)
    too_large, too_small = _sizes(view, sighting)
    if too_large > 1:
        flags["too_large"] = too_large
    if too_small < 1:
        flags["too_small"] = too_small
    lean = _find_odd_lean(view)
    if lean is not None:
        flags["trunk_tilted"] = lean
    return flags


class _View:
    """Keypoints in crop units and the body, by name of joint; a joint of either block of spin49 counts."""

    def __init__(self, sighting: Sighting) -> None:
        self.joints_cam = sighting.joints_cam
        self.scale = float(sighting.camera[0])
        self.labelled = sighting.keypoints_px[:, 2] > 0
        self.keypoints = image_to_crop(sighting.keypoints_px[:, :2], sighting.box)

    def find(self, name: str) -> int | None:
        """Index of a joint that is labelled."""
        return next((index for index in _INDICES[name] if self.labelled[index]), None)

    def has(self, *names: str) -> bool:
        """Whether all these joints are labelled."""
        return all(self.find(name) is not None for name in names)

    def span(self, start: str, end: str) -> FloatArray | None:
        """From one labelled joint to another in the picture, ``(2,)`` crop units."""
        first, last = self.find(start), self.find(end)
        return None if first is None or last is None else self.keypoints[last] - self.keypoints[first]

    def lengths(self, bones: Sequence[tuple[str, str]]) -> FloatArray:
        """``(N, 2)`` lengths of the labelled ones of these bones: in the picture, and unforeshortened in the body."""
        ends = ((self.find(start), self.find(end)) for start, end in bones)
        known = np.array([pair for pair in ends if None not in pair], dtype=np.intp).reshape(-1, 2)
        seen = self.keypoints[known[:, 1]] - self.keypoints[known[:, 0]]
        body = self.scale * (self.joints_cam[known[:, 1]] - self.joints_cam[known[:, 0]])
        return np.stack((np.linalg.norm(seen, axis=-1), np.linalg.norm(body, axis=-1)), -1)


def _sizes(view: _View, sighting: Sighting) -> tuple[float, float]:
    """How many times too large and too small the body is; 1 for neither."""
    too_large, too_small = 1.0, 1.0
    seen = view.lengths((*_LIMBS, *_TRUNK, _ACROSS))
    if len(seen):
        longest = float(((seen[:, 0] + SIZE_NOISE) / seen[:, 1]).max())
        surely = float(((seen[:, 0] - SIZE_NOISE) / seen[:, 1]).max())
        least = LEAST_RATIO_FEW if len(seen) < LEAST_BONES + 2 else LEAST_RATIO
        if len(seen) >= LEAST_BONES and longest < least:
            too_large = 1 / longest
        if surely > LARGEST_RATIO:
            too_small = 1 / surely
    overhang, span = _measure_box(view, sighting)
    too_large = max(too_large, 1 + overhang)
    return too_large, min(too_small, span) if span < LEAST_SPAN else too_small


def _measure_box(view: _View, sighting: Sighting) -> tuple[float, float]:
    """How far the body reaches beyond its rectangle where that is doubtful, else 0, and which part of it it fills."""
    rectangle = sighting.rectangle_px or _rectangle_of(sighting.box)
    size = np.array(rectangle[2:])
    if not size.max() > 0:
        return 0.0, 1.0
    # Keypoints of hidden parts may lie outside the rectangle, which COCO draws around what is seen.
    labelled = sighting.keypoints_px[view.labelled, :2]
    low = np.minimum(rectangle[:2], labelled.min(0, initial=np.inf))
    high = np.maximum(np.add(rectangle[:2], size), labelled.max(0, initial=-np.inf))
    side = float((high - low).max())
    joints = 100 * sighting.box.scale * project_to_crop(sighting.joints_cam, sighting.camera)
    joints = joints + np.asarray(sighting.box.center_px)
    closed = _closed_sides(low, high, sighting.image_size_px)
    shown = (_BEARERS & view.labelled).any(1)
    overhang = 0.0
    whole = closed.all() and any(view.has(name) for name in _FACE) and any(view.has(f"{s}_ankle") for s in _SIDES)
    for points, limit in ((joints[shown], LARGEST_OVERHANG), (joints if whole else joints[:0], LARGEST_WHOLE_OVERHANG)):
        if len(points):
            beyond = np.stack((low - points.min(0), points.max(0) - high)) / side
            reach = float(beyond[closed].max(initial=0.0))
            overhang = max(overhang, reach if reach > limit else 0.0)
    extent = np.ptp(joints, axis=0)
    filled = extent / size if sighting.rectangle_px is not None and size.min() > 0 else extent / size.max()
    return overhang, float(filled.max())


def _rectangle_of(box: Box) -> Rectangle:
    """The square a box was drawn around; the person may be narrower."""
    side = 200 * box.scale / MARGIN
    left, top = (float(value) - side / 2 for value in box.center_px)
    return left, top, side, side


def _closed_sides(low: FloatArray, high: FloatArray, image_size_px: tuple[float, float] | None) -> NDArray[np.bool_]:
    """Which sides ``(2, 2)``, low x, y and high x, y, are not borders of the picture; none where it is unknown."""
    if image_size_px is None:
        return np.zeros((2, 2), dtype=bool)
    near = BORDER_PX + BORDER_SHARE * float((high - low).max())
    return np.stack((low > near, high < np.array(image_size_px) - near))


def _find_odd_lean(view: _View) -> float | None:
    """Degrees the trunk leans in depth, when the picture gives no reason for it."""
    mid = {part: view.joints_cam[[_SPIN49.index(f"{side}_{part}") for side in _SIDES]].mean(0) for part in _ENDS}
    trunk = mid["shoulder"] - mid["hip"]
    lean = float(np.degrees(np.arctan2(trunk[2], -trunk[1])))
    hips, shoulders = (any(view.has(f"{side}_{part}") for side in _SIDES) for part in ("hip", "shoulder"))
    if abs(lean) <= LEAN_DEGREES:
        return None
    if hips and shoulders:
        return lean if _stands_upright(view) and abs(lean) > _lean_asked(view) + LEAN_ASKED_DEGREES else None
    if abs(lean) <= LEAN_UNSEEN_DEGREES:
        return None
    upright = (hips and _hangs_below(view)) or (shoulders and _face_above(view))
    return lean if upright else None


def _stands_upright(view: _View) -> bool:
    """Whether the trunk is upright in the picture, and the thighs hang as far as they are labelled."""
    trunks = [span for bone in _TRUNK if (span := view.span(*bone)) is not None]
    if not trunks or _degrees_from_vertical(np.mean(trunks, axis=0)) > UPRIGHT_DEGREES:
        return False
    return all(angle <= LEG_DEGREES for angle in _iter_thighs(view))


def _hangs_below(view: _View) -> bool:
    thighs = list(_iter_thighs(view))
    return bool(thighs) and max(thighs) <= UPRIGHT_REST_DEGREES


def _face_above(view: _View) -> bool:
    faces = [index for name in _FACE if (index := view.find(name)) is not None]
    shoulders = [index for name in _ACROSS if (index := view.find(name)) is not None]
    if not faces or len(shoulders) < len(_ACROSS):
        return False
    up = view.keypoints[faces].mean(0) - view.keypoints[shoulders].mean(0)
    return _degrees_from_vertical(-up) <= UPRIGHT_REST_DEGREES


def _iter_thighs(view: _View) -> Iterator[float]:
    """Degrees of the labelled thighs from straight down."""
    for side in _SIDES:
        thigh = view.span(f"{side}_hip", f"{side}_knee")
        if thigh is not None:
            yield _degrees_from_vertical(thigh)


def _lean_asked(view: _View) -> float:
    """Degrees the trunk leans at least, either way, if another bone is seen in its full length."""
    trunk, others = view.lengths(_TRUNK), view.lengths((*_LIMBS, _ACROSS))
    if not len(trunk) or not len(others):
        return 0.0
    seen = float(((trunk[:, 0] + LEAN_NOISE) / trunk[:, 1]).mean())
    best = float(((others[:, 0] - LEAN_NOISE) / others[:, 1]).max())
    return float(np.degrees(np.arccos(np.clip(seen / best, 0, 1)))) if best > 0 else 0.0


def _degrees_from_vertical(down: FloatArray) -> float:
    """Angle of a direction ``(2,)``, y down, from straight down."""
    return float(np.degrees(np.arctan2(abs(down[0]), down[1])))


_ENDS = ("shoulder", "hip")


def _indices_of(name: str) -> tuple[int, ...]:
    return tuple(_SPIN49.index(each) for each in (name, f"openpose_{name}") if each in _SPIN49.joints)


def _bearers_of(joint: str) -> NDArray[np.bool_]:
    """Which joints ``(49,)`` show a joint of the body when one of them is labelled."""
    name = joint.removeprefix("openpose_")
    side = name.partition("_")[0]
    part = name.removeprefix("left_").removeprefix("right_")
    if part in ("big_toe", "small_toe", "heel"):
        names: tuple[str, ...] = (f"{side}_ankle", name)
    elif part in ("nose", "eye", "ear", "head_top", "jaw", "head"):
        names = (*_FACE, name)
    elif part in ("neck", "thorax"):
        names = (*_ACROSS, name)
    elif part in ("pelvis", "mid_hip", "spine"):
        names = ("left_hip", "right_hip", name)
    else:
        names = (name,)
    bearing = np.zeros(len(_SPIN49), dtype=bool)
    bearing[[index for each in names for index in _indices_of(each)]] = True
    return bearing


_INDICES = {name: _indices_of(name) for name in (*_FACE, *(joint for bone in _LIMBS for joint in bone))}
_BEARERS = np.stack([_bearers_of(joint) for joint in _SPIN49.joints])
