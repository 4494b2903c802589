"""COCO person keypoints, in and out (cocodataset.org, "Data format", Keypoint Detection).

``keypoints`` holds 17 x (x, y, v): v = 0 not labelled, 1 labelled but occluded, 2 visible. ``num_keypoints`` repeats
what the keypoints say and is not read. People without any labelled keypoint and crowd regions are read like all
others: what to do with them is decided elsewhere.

The feet of COCO-WholeBody (``foot_kpts``) are joined to the 17 as coco23; its hands and faces are kept as details. A
category may also name the joints of any other layout we know, as our own exports do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from db.formats.base import ImportedImage, ImportedPerson, ImportRecord, OnShare, no_share
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.coco_ids import parse_id
from db.formats.parts.coco_names import list_other_names
from db.formats.parts.coco_reading import Annotation, Dialect, Points, list_file_names, read_coco_like, take_keypoints
from db.formats.parts.coco_writing import write_people_as_coco
from db.formats.people_export import ExportedImage, ExportedPerson, PeopleSource, WrittenPeople

CONVENTIONS: Mapping[str, object] = {
    "units": "pixels of the picture as annotated; origin at the top-left corner of the top-left pixel, x right, y down",
    "keypoints": "x, y, visibility in the order of the category's names: 0 not labelled, 1 occluded, 2 visible",
    "bbox": "left, top, width, height",
    "exemplar": {
        "id": "the dataset's id, where another was given",
        "state": "of the person in the project; decided by people where it is accepted or rejected",
        "fit": {
            "pose": "72 numbers, axis-angle of SMPL's 24 joints in radians, the root in the camera frame "
            "(x right, y down, z forward)",
            "betas": "10 shape coefficients",
            "camera": "[s, tx, ty] of the box: u = cx + 100 b (s X + tx), v = cy + 100 b (s Y + ty), b = box_scale",
        },
    },
}
SKELETON = "coco17"


def recognises(evidence: Evidence) -> bool:
    """Whether a file is one of COCO's with keypoints (a :class:`~db.formats.evidence.Recogniser`)."""
    return evidence.is_json and evidence.mentions("images", "annotations", "categories")


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of a COCO keypoint file (a :class:`~db.formats.base.Reader`).

    Args:
        source: The annotation file, for example ``person_keypoints_val2017.json``.
        images: Folder that ``file_name`` is relative to, or one above or below it.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is no COCO keypoint file, or the folder of images does not exist.
    """
    return read_coco_like(source, images, _DIALECT, on_share)


def list_names(source: Path, limit: int) -> list[str]:
    """The first file names of a COCO keypoint file, to look for its pictures by; malformed entries are left out.

    Raises:
        FormatError: The file is no COCO keypoint file.
    """
    return list_file_names(source, _DIALECT, limit)


def find_further_names(file_name: str) -> tuple[str, ...]:
    """What a picture is called in other editions of COCO."""
    return list_other_names(file_name.replace("\\", "/").rsplit("/", 1)[-1])


def write_people(path: Path, source: PeopleSource) -> WrittenPeople:
    """Write pictures and people (a :class:`~db.formats.people_export.PeopleWriter`)."""
    return write_people_as_coco(path, source)


def write_coco(path: Path, images: Iterable[ImportedImage], people: Iterable[ImportedPerson]) -> None:
    """Write records as a reader yields them.

    Args:
        path: The file.
        images: Pictures; their external ids become the COCO ids and must be whole numbers.
        people: People of these pictures; likewise.

    Raises:
        FormatError: A record does not fit the format, or the disk refuses.
    """
    write_people_as_coco(path, _Records(list(images), list(people)))


class _Records:
    """Records of a reader as something to be written."""

    datasets: Sequence[tuple[str, bytes]] = ()

    def __init__(self, images: list[ImportedImage], people: list[ImportedPerson]) -> None:
        self._images = images
        self._people = people
        self._keys = {image.path: key for key, image in enumerate(images)}
        for item, external_id in (
            *((f"image {image.path}", image.external_id) for image in images),
            *((f"person {person.external_id} of {person.image_path}", person.external_id) for person in people),
        ):
            if parse_id(external_id) is None:
                raise FormatError(f"{item} has the id {external_id!r}; COCO ids are whole numbers")

    def iter_image_ids(self) -> Iterator[tuple[int, str | None]]:
        return ((key, image.external_id) for key, image in enumerate(self._images))

    def iter_person_ids(self) -> Iterator[str | None]:
        return (person.external_id for person in self._people)

    def iter_images(self) -> Iterator[ExportedImage]:
        for key, image in enumerate(self._images):
            yield ExportedImage(key, image.path, image.width or 0, image.height or 0, image.external_id)

    def iter_people(self) -> Iterator[ExportedPerson]:
        for person in self._people:
            yield ExportedPerson(
                self._keys.get(person.image_path, -1),
                person.external_id,
                person.bbox_xywh,
                person.area,
                person.is_crowd,
                person.skeleton,
                person.keypoints,
            )


def _take_points(annotation: Annotation, skeleton: str) -> Points:
    if skeleton != SKELETON or annotation.foot_kpts is None or annotation.keypoints is None:
        return take_keypoints(annotation, skeleton)
    # Some converters put a certainty in the place of the feet's visibility.
    feet = list(annotation.foot_kpts)
    feet[2::3] = [2 if value is not None and value > 0 and value != 1 else value for value in feet[2::3]]
    return Points("coco23", (*annotation.keypoints, *feet), ("keypoints", "foot_kpts"))


_DIALECT = Dialect("a COCO file", _take_points, find_further_names)
