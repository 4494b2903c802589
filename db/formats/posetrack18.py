"""PoseTrack18, and PoseTrack21 which is like it: a json for every clip, in COCO's shape, or a folder of them.

The 17 joints are taken by the names of the category: nose, ``head_bottom`` (the neck), ``head_top``, then the ears left
before right, which published converters exchange; nobody labelled them. Visibility is 0 or 1, labelled or not, so that
1 becomes COCO's visible. A frame without labels is a picture without people. Head boxes, tracks, clips and regions to
ignore are kept as details.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from db.formats.base import DatasetDetails, ImportProblem, ImportRecord, OnShare, no_share
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.checks import translate_visibility
from db.formats.parts.coco_header import OURS
from db.formats.parts.coco_reading import Annotation, Dialect, Pictures, Points, read_coco_like
from resources.skeleton import get_skeleton

SKELETON = "posetrack17"


def recognises(evidence: Evidence) -> bool:
    """Whether a file, or the first of a folder, is one of PoseTrack's (a :class:`~db.formats.evidence.Recogniser`)."""
    if evidence.is_folder:
        first = evidence.first(".json")
        return first is not None and recognises(first)
    return (
        evidence.is_json
        and evidence.mentions("images", "annotations", "categories")
        and not evidence.mentions(OURS)  # written by us, as COCO has it
        and (evidence.says("head_bottom") or evidence.mentions("vid_id", "frame_id"))
    )


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people (a :class:`~db.formats.base.Reader`).

    Args:
        source: A clip, or a folder of clips.
        images: Folder that ``images/train/...`` counts from, or one above or below it.
        on_share: Called with the share of the file, or of the files, that has been read.

    Raises:
        FormatError: The file is none of PoseTrack's, the folder has none, or that of images does not exist.
    """
    if not source.is_dir():
        return read_coco_like(source, images, _DIALECT, on_share)
    clips = sorted(file for file in source.iterdir() if file.suffix.lower() == ".json" and file.is_file())
    if not clips:
        raise FormatError(f"{source} has no .json in it; name the folder that holds PoseTrack's clips")
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_clips(clips, images, on_share)


def _iter_clips(clips: list[Path], images: Path, on_share: OnShare) -> Iterator[ImportRecord]:
    said = False
    pictures = Pictures(images, clips=True)
    for place, clip in enumerate(clips):

        def show(share: float, place: int = place) -> None:
            on_share((place + share) / len(clips))

        try:
            for record in read_coco_like(clip, images, _DIALECT, show, pictures):
                if isinstance(record, DatasetDetails):
                    if said:
                        continue
                    said = True  # all clips say the same of themselves
                yield record
        except FormatError as error:
            yield ImportProblem(clip.name, str(error))


def _take_points(annotation: Annotation, skeleton: str) -> Points:
    numbers = list(annotation.keypoints or ())
    if not numbers:  # somebody whose box alone was labelled
        numbers = [0.0] * (3 * len(get_skeleton(skeleton)))
    return Points(skeleton, translate_visibility(numbers, {1: 2}))


_DIALECT = Dialect("a PoseTrack file", _take_points, layouts=frozenset({SKELETON}), default=SKELETON, clips=True)
