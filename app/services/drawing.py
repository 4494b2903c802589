"""People drawn from scratch: a box, then one joint after the other, then one change that stores the person.

The person is an ordinary one from then on: it has keypoints by a human, can be edited, fitted and decided on, and undo
takes the whole drawing back. Until it is stored a drawing is a :class:`Sketch` in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from app.services.errors import ServiceError
from app.services.project import Project
from db.formats.parts.boxes import coco_box
from db.presence import DRAWN_SOURCE
from db.records import (
    ChangeSet,
    FloatArray,
    ImageId,
    ImageRecord,
    KeypointSource,
    NewPerson,
    NewRevision,
    PersonId,
    PersonRecord,
)
from resources.skeleton import Skeleton, get_skeleton

Bbox: TypeAlias = tuple[float, float, float, float]
"""Left, top, width, height in pixels of the picture."""

SMALLEST_BOX_PX = 4.0
"""Nobody can be told in a box with a shorter side."""

_ORDER = (
    "head_top",
    "forehead",
    "face",
    "nose",
    "eye",
    "ear",
    "head",
    "jaw",
    "neck",
    "thorax",
    "collar",
    "shoulder",
    "elbow",
    "wrist",
    "hand",
    "finger",
    "belly",
    "spine",
    "mid_hip",
    "pelvis",
    "hip",
    "knee",
    "ankle",
    "heel",
    "big_toe",
    "small_toe",
    "toe",
    "foot",
)
"""Parts from head to foot; those of a limb follow each other along it."""
_LIMB_OF: Mapping[str, str] = {
    **dict.fromkeys(("collar", "shoulder", "elbow", "wrist", "hand", "finger"), "arm"),
    **dict.fromkeys(("hip", "knee", "ankle", "heel", "big_toe", "small_toe", "toe", "foot"), "leg"),
}
_HUMAN: KeypointSource = "human"
_SIDES = ("middle", "left", "right")


def placing_order(skeleton: Skeleton) -> tuple[int, ...]:
    """Joints in the order in which they are asked for: the head, the left arm, the right one, the trunk, the legs.

    A limb is gone along from the trunk outwards, so that the hand never jumps; unknown parts come last.
    """

    def key(joint: int) -> tuple[int, int, int]:
        part, side = skeleton.part(joint), _SIDES.index(skeleton.side(joint))
        place = _ORDER.index(part) if part in _ORDER else len(_ORDER)
        limb = _LIMB_OF.get(part)
        if limb is None:
            return place, side, joint
        first = min(_ORDER.index(other) for other, of in _LIMB_OF.items() if of == limb)
        return first, side, place

    return tuple(sorted(range(len(skeleton)), key=key))


class Sketch:
    """A person on the way: the box, and the joints placed so far.

    Args:
        skeleton: Layout of the keypoints.
        bbox_xywh: The box.
    """

    def __init__(self, skeleton: Skeleton, bbox_xywh: Bbox) -> None:
        self.skeleton = skeleton
        self.bbox_xywh = bbox_xywh
        self._order = placing_order(skeleton)
        self._asked = 0
        self._keypoints: FloatArray = np.zeros((len(skeleton), 3))

    @property
    def joint(self) -> int | None:
        """The joint that is asked for; None when all of them were."""
        return self._order[self._asked] if self._asked < len(self._order) else None

    @property
    def asked(self) -> int:
        """Joints that were placed or skipped."""
        return self._asked

    @property
    def placed(self) -> int:
        """Joints that have a place."""
        return int(np.count_nonzero(self._keypoints[:, 2]))

    @property
    def keypoints(self) -> FloatArray:
        """``(J, 3)`` as placed; zeros for the others."""
        return self._keypoints.copy()

    def place(self, x: float, y: float, *, occluded: bool = False) -> None:
        """Put the joint that is asked for at a pixel of the picture, which may lie outside it."""
        if self.joint is not None:
            self._keypoints[self.joint] = (x, y, 1.0 if occluded else 2.0)
            self._asked += 1

    def skip(self) -> None:
        """Leave the joint that is asked for not labelled."""
        if self.joint is not None:
            self._asked += 1

    def take_back(self) -> bool:
        """Ask again for the joint before, which loses its place; False when there is none."""
        if self._asked == 0:
            return False
        self._asked -= 1
        self._keypoints[self._order[self._asked]] = 0.0
        return True


@dataclass(frozen=True, slots=True)
class DrawnPerson:
    """Who was drawn, and the change that stored it."""

    person_id: PersonId
    changeset: ChangeSet


@dataclass(frozen=True, slots=True)
class ImageView:
    """An image and everybody in it, in order; perhaps nobody."""

    image: ImageRecord
    people: tuple[PersonRecord, ...]

    @property
    def image_file(self) -> Path:
        """File of the picture."""
        return Path(self.image.root) / self.image.path


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The image of a person, and whether the person is still there."""

    image_id: ImageId
    is_there: bool


def load_image_view(project: Project, image_id: ImageId) -> ImageView:
    """Read an image and its people.

    Raises:
        NotFoundError: There is no such image.
    """
    with project.store.read() as reader:
        return ImageView(reader.images.get(image_id), tuple(reader.people.of_image(image_id)))


def clip_box(bbox_xywh: Bbox, width: int, height: int) -> Bbox | None:
    """The part of a box within a picture; None if nothing to look at is left."""
    left, top, box_width, box_height = bbox_xywh
    right, bottom = min(left + box_width, float(width)), min(top + box_height, float(height))
    left, top = max(left, 0.0), max(top, 0.0)
    if min(right - left, bottom - top) < SMALLEST_BOX_PX:
        return None
    return left, top, right - left, bottom - top


def draw_person(
    project: Project, image_id: ImageId, bbox_xywh: Bbox, skeleton_name: str, keypoints: FloatArray
) -> DrawnPerson:
    """Store a person who was drawn by hand, with the keypoints, in one change.

    Args:
        project: Open project.
        image_id: The image.
        bbox_xywh: Box around the person, pixels of the picture; what reaches beyond it is cut off. The crop for fits
            follows from it as from a dataset's box (eft_method.md 6.2).
        skeleton_name: Layout of the keypoints.
        keypoints: ``(J, 3)`` x, y and visibility; joints without a place are zero, as COCO has it.

    Raises:
        NotFoundError: There is no such image.
        ServiceError: The box holds no part of the picture to look at.
    """
    skeleton = get_skeleton(skeleton_name)
    with project.store.read() as reader:
        image = reader.images.get(image_id)
    box = clip_box(bbox_xywh, image.width, image.height)
    if box is None:
        raise ServiceError(f"The box lies outside {image.path} or is too small; drag it around the person.")
    center, scale = coco_box(box)
    with project.store.change("Draw person", annotator_id=project.annotator_id) as change:
        person = change.people.draw(
            NewPerson(
                image_id=image_id,
                ordinal=0,
                bbox_xywh=box,
                box_center_px=center,
                box_scale=scale,
                skeleton=skeleton.name,
                source=DRAWN_SOURCE,
            )
        )
        change.keypoints.add(NewRevision(person.id, skeleton.name, keypoints, (_HUMAN,) * len(skeleton)))
    return DrawnPerson(person.id, change.changeset)


def is_drawn(person: PersonRecord) -> bool:
    """Whether somebody drew the person, who can therefore be removed again."""
    return person.source == DRAWN_SOURCE


def remove_person(project: Project, person_id: PersonId) -> ChangeSet:
    """Take a person who was drawn by hand away again; undo brings them back, with everything they had.

    Raises:
        NotFoundError: There is no such person (any more).
        StoreError: The person came with a dataset.
    """
    with project.store.change("Remove person", annotator_id=project.annotator_id) as change:
        change.people.take_away(person_id)
    return change.changeset


def find_whereabouts(project: Project, person_id: PersonId) -> Whereabouts | None:
    """Where a person is, or was; None for an id that nobody ever had."""
    with project.store.read() as reader:
        person = reader.people.find_ever(person_id)
        if person is None:
            return None
        return Whereabouts(person.image_id, reader.people.find(person_id) is not None)
