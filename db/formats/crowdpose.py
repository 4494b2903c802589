"""CrowdPose (``crowdpose_train.json`` and the like): COCO's shape with 14 joints of its own.

The joints are taken by the names of the category; its ``head`` is the top of the head. Visibility is COCO's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from db.formats.base import ImportRecord, OnShare, no_share
from db.formats.evidence import Evidence
from db.formats.parts.coco_header import OURS
from db.formats.parts.coco_reading import Dialect, read_coco_like

_DIALECT = Dialect("a CrowdPose file", layouts=frozenset({"crowdpose14"}), default="crowdpose14")


def recognises(evidence: Evidence) -> bool:
    """Whether a file is one of CrowdPose's (a :class:`~db.formats.evidence.Recogniser`)."""
    return (
        evidence.is_json
        and evidence.mentions("images", "annotations", "categories")
        and not evidence.mentions(OURS)  # written by us, as COCO has it
        and (
            evidence.mentions("crowdIndex")
            or (evidence.says("left_shoulder", "head", "neck") and not evidence.says("nose"))
        )
    )


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people (a :class:`~db.formats.base.Reader`).

    Args:
        source: The file.
        images: Folder of the pictures.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is none of CrowdPose's, or the folder of images does not exist.
    """
    return read_coco_like(source, images, _DIALECT, on_share)
