"""COCO person keypoints as numbers, strictly: whatever is not as it should be is one sentence with the item's name."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fitting.errors import AssetError
from fitting.spec import FloatArray

_KEYPOINTS = 17


@dataclass(frozen=True, slots=True, eq=False)
class Annotation:
    """One annotated person.

    Attributes:
        annotation_id: Id in the file.
        image_id: Id of the picture.
        ordinal: Zero-based place among the people of the picture.
        file_name: The picture's file, as the file has it.
        picture_size_px: Width and height.
        rectangle: x, y, width, height, pixels.
        keypoints_px: ``(17, 3)`` x, y, visibility.
    """

    annotation_id: int
    image_id: int
    ordinal: int
    file_name: str
    picture_size_px: tuple[int, int]
    rectangle: tuple[float, float, float, float]
    keypoints_px: FloatArray


def read_annotations(content: bytes, path: Path, *, everybody: bool = False) -> list[Annotation]:
    """People of a COCO keypoint file in its order.

    Args:
        content: Content of the file.
        path: The file, for messages.
        everybody: Keep crowd regions and entries without keypoints, which are otherwise left out.

    Raises:
        AssetError: It is no such file, or one entry is malformed.
    """
    try:
        document = json.loads(content)
        images = {int(image["id"]): image for image in document["images"]}
        entries = list(document["annotations"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise AssetError(f"{path} is not a COCO keypoint file ({error!r}); name another file.") from error
    people: list[Annotation] = []
    ordinals: dict[int, int] = {}
    for place, entry in enumerate(entries):
        try:
            if not everybody and (entry.get("iscrowd") or not any(entry.get("keypoints", ())[2::3])):
                continue
            image = images[int(entry["image_id"])]
            ordinal = ordinals.get(int(image["id"]), 0)
            people.append(_read_annotation(entry, image, ordinal))
            ordinals[int(image["id"])] = ordinal + 1
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
            raise AssetError(f"annotations[{place}] of {path} is malformed ({error!r}); correct the file.") from error
    return people


def _read_annotation(entry: Mapping[str, Any], image: Mapping[str, Any], ordinal: int) -> Annotation:
    keypoints = np.array(entry["keypoints"], dtype=np.float64).reshape(_KEYPOINTS, 3)
    rectangle = tuple(float(number) for number in entry["bbox"])
    if len(rectangle) != 4 or not all(math.isfinite(number) for number in rectangle) or max(rectangle[2:]) <= 0:
        raise ValueError(f"bbox {entry['bbox']}")
    if not np.isfinite(keypoints).all() or not np.isin(keypoints[:, 2], (0, 1, 2)).all():
        raise ValueError("keypoints that are no numbers, or a visibility other than 0, 1, 2")
    size = (int(image["width"]), int(image["height"]))
    name = image["file_name"]
    if not isinstance(name, str) or Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"file_name {name!r} leads out of the folder of images")
    return Annotation(
        int(entry["id"]), int(image["id"]), ordinal, name, size, (*rectangle[:2], *rectangle[2:4]), keypoints
    )
