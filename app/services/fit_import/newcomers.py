"""People made from the samples of a file of fits: published fits and their pictures are enough for a project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from app.services.errors import ImageError
from app.services.images import ImageSize, read_size
from app.services.keypoint_layouts import points_to_spin49
from db.formats.fits import FitSample
from db.formats.parts.boxes import Bbox, coco_box, find_keypoint_bbox
from db.formats.parts.checks import ItemError, NoFileError, check_keypoints, check_picture
from db.formats.parts.coco_names import list_other_names
from db.records import FloatArray, ImageId, KeypointSource, NewImage, NewPerson, NewRevision, PersonId
from resources.skeleton import get_skeleton

_OPENPOSE_JOINTS = len(get_skeleton("openpose25"))
_MARGIN = 1.2
_IMPORTED: KeypointSource = "imported"


@dataclass(frozen=True, slots=True, eq=False)
class Newcomer:
    """A person to be stored with the picture and the keypoints of a sample.

    Attributes:
        image_path: Posix path of the picture in the folder of images.
        size: Its size.
        bbox_xywh: Annotated box, or that of the keypoints, pixels.
        box_center_px: Centre of the square box.
        box_scale: Its side / 200.
        annotation_id: The dataset's id.
        skeleton: Layout of the keypoints: the 24-set, or OpenPose's joints where the file has no others.
        keypoints: ``(J, 3)`` x, y, 0 or 2: a file of fits does not say which joints are hidden.
        confidence: ``(J,)`` validity as the file has it.
    """

    image_path: str
    size: ImageSize
    bbox_xywh: Bbox
    box_center_px: tuple[float, float]
    box_scale: float
    annotation_id: int | None
    skeleton: str
    keypoints: FloatArray
    confidence: FloatArray

    @property
    def spin49_px(self) -> FloatArray:
        """Keypoints ``(49, 3)`` x, y and confidence, order spin49."""
        return points_to_spin49(get_skeleton(self.skeleton), self.keypoints, self.confidence)

    def build_image(self, root: Path, dataset: str) -> NewImage:
        """Draft of the picture."""
        return NewImage(self.image_path, str(root), self.size.width, self.size.height, dataset)

    def build_person(self, image_id: ImageId, ordinal: int, source: str) -> NewPerson:
        """Draft of the person."""
        return NewPerson(
            image_id=image_id,
            ordinal=ordinal,
            bbox_xywh=self.bbox_xywh,
            box_center_px=self.box_center_px,
            box_scale=self.box_scale,
            skeleton=self.skeleton,
            source=source,
            external_id=None if self.annotation_id is None else str(self.annotation_id),
        )

    def build_revision(self, person_id: PersonId, source: str) -> NewRevision:
        """Draft of the keypoints."""
        return NewRevision(
            person_id=person_id,
            skeleton=self.skeleton,
            keypoints=self.keypoints,
            sources=(_IMPORTED,) * len(self.keypoints),
            confidence=self.confidence,
            label=f"Import {source}",
        )


def build_newcomer(sample: FitSample, images: Path) -> Newcomer:
    """A person from a sample whose picture lies in the folder ``images``.

    Raises:
        ItemError: The picture is not there or cannot be read, or the sample has no keypoints or no box.
    """
    path = _find_picture(sample.image_name, images)
    skeleton, points = _labelled_block(sample.keypoints_px)
    try:
        size = read_size(images / path)
    except ImageError as error:
        raise ItemError(str(error)) from error
    confidence = np.clip(points[:, 2], 0, 1)
    keypoints = points.copy()
    keypoints[:, 2] = np.where(confidence > 0, 2, 0)
    keypoints[confidence == 0] = 0
    keypoints = check_keypoints(keypoints.ravel().tolist(), get_skeleton(skeleton), size.width, size.height)
    bbox, center, scale = _boxes(sample, keypoints)
    return Newcomer(path, size, bbox, center, scale, sample.annotation_id, skeleton, keypoints, confidence)


def _find_picture(name: str, images: Path) -> str:
    """Path of a picture below ``images``: as the file names it, its base name there, or as other editions name it."""
    path = PurePosixPath(name)
    others = [path.with_name(other) for other in list_other_names(path.name)]
    candidates = dict.fromkeys((name, path.name, *map(str, others), *(other.name for other in others)))
    for candidate in candidates:
        try:
            return check_picture(candidate, images)
        except NoFileError:
            continue
        except ItemError:
            if candidate == path.name:
                raise  # no name at all, whatever its folder
    return check_picture(path.name, images)


def _labelled_block(keypoints_px: FloatArray) -> tuple[str, FloatArray]:
    openpose, spin = keypoints_px[:_OPENPOSE_JOINTS], keypoints_px[_OPENPOSE_JOINTS:]
    if (spin[:, 2] > 0).any():
        return "spin24", spin
    if (openpose[:, 2] > 0).any():
        return "openpose25", openpose
    raise ItemError("the file holds no keypoints to make a person of; import the keypoints first")


def _boxes(sample: FitSample, keypoints: FloatArray) -> tuple[Bbox, tuple[float, float], float]:
    bbox = sample.bbox_xywh or find_keypoint_bbox(keypoints)
    if sample.box_center_px is not None and sample.box_scale is not None:
        x, y = (float(value) for value in sample.box_center_px)
        side = 200 * sample.box_scale / _MARGIN
        return bbox or (x - side / 2, y - side / 2, side, side), (x, y), float(sample.box_scale)
    if bbox is None:
        raise ItemError("the file holds no box, and too few keypoints are labelled to stand in for it")
    center, scale = coco_box(bbox)
    return bbox, center, scale
