"""Images, the people in them, and the people who annotate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db.records.ids import AnnotatorId, ImageId, PersonId


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image to be stored.

    Attributes:
        path: Posix path relative to ``root``.
        root: Absolute folder of the images.
        width: Pixels.
        height: Pixels.
        dataset: Name of the dataset the image came with.
        external_id: The dataset's own id of the image.
        exif_honoured: Whether keypoints and sizes are those of the EXIF-rotated picture.
    """

    path: str
    root: str
    width: int
    height: int
    dataset: str
    external_id: str | None = None
    exif_honoured: bool = False


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """A stored image; the fields are those of :class:`NewImage`."""

    id: ImageId
    path: str
    root: str
    width: int
    height: int
    dataset: str
    external_id: str | None
    exif_honoured: bool


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be stored.

    Attributes:
        image_id: Image the person is in.
        ordinal: Order within the image, from 0.
        bbox_xywh: Annotated box, pixels: left, top, width, height.
        box_center_px: Centre of the square crop for fitting.
        box_scale: Side of that crop / 200.
        skeleton: Keypoint layout of the source, e.g. ``coco17``.
        source: File name of the dataset.
        external_id: The dataset's annotation id.
        is_crowd: The annotation stands for a group.
        area: Segmented area, square pixels.
    """

    image_id: ImageId
    ordinal: int
    bbox_xywh: tuple[float, float, float, float]
    box_center_px: tuple[float, float]
    box_scale: float
    skeleton: str
    source: str
    external_id: str | None = None
    is_crowd: bool = False
    area: float | None = None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A stored person; the fields are those of :class:`NewPerson`."""

    id: PersonId
    image_id: ImageId
    ordinal: int
    external_id: str | None
    bbox_xywh: tuple[float, float, float, float]
    box_center_px: tuple[float, float]
    box_scale: float
    is_crowd: bool
    area: float | None
    skeleton: str
    source: str


@dataclass(frozen=True, slots=True)
class AnnotatorRecord:
    """Somebody who edits and decides."""

    id: AnnotatorId
    name: str
    created_at: datetime
