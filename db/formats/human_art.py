"""Human-Art (``training_humanart.json`` and the like): COCO's shape; paintings, sculptures and photographs.

``keypoints_21`` adds fingertips and toes to COCO's 17 and is taken where it is there. Visibility is 0 or 2: nothing is
said of what is occluded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from db.formats.base import ImportRecord, OnShare, no_share
from db.formats.evidence import Evidence
from db.formats.parts.coco_header import OURS
from db.formats.parts.coco_reading import Annotation, Dialect, Points, read_coco_like, take_keypoints


def recognises(evidence: Evidence) -> bool:
    """Whether a file is one of Human-Art's (a :class:`~db.formats.evidence.Recogniser`)."""
    return (
        evidence.is_json
        and evidence.mentions("images", "annotations", "categories")
        and not evidence.mentions(OURS)  # written by us, as COCO has it
        and (evidence.mentions("keypoints_21") or b'"HumanArt/' in evidence.head)
    )


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people (a :class:`~db.formats.base.Reader`).

    Args:
        source: The file.
        images: Folder that ``file_name`` counts from, or one above or below it.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is none of Human-Art's, or the folder of images does not exist.
    """
    return read_coco_like(source, images, _DIALECT, on_share)


def _take_points(annotation: Annotation, skeleton: str) -> Points:
    if skeleton != "coco17" or annotation.keypoints_21 is None:
        return take_keypoints(annotation, skeleton)
    return Points("humanart21", annotation.keypoints_21, ("keypoints_21",))


_DIALECT = Dialect("a Human-Art file", _take_points, layouts=frozenset({"coco17", "humanart21"}))
