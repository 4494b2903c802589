"""JHMDB and sub-JHMDB, in: a folder of ``ACTION/CLIP/joint_positions.mat``, one of these files, or mmpose's json.

``pos_img`` is 2 x 15 x T, counted from 1 as the json is, and 1 is taken off, as mmpose does. A file has no visibility:
its puppets have all their joints, the hidden ones too, so that every joint counts as visible, which is what the json
says in so many words (2.0). Pictures are ``ACTION/CLIP/00001.png`` … of ``Rename_Images``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from db.formats.base import ImportRecord, OnShare, no_share
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.coco_reading import Dialect, read_coco_like
from db.formats.parts.jhmdb_clips import CLIP_FILE, FIRST_PIXEL, SKELETON, read_clips
from db.formats.parts.matlab import list_variables

_LOOKED_INTO = 50
_DIALECT = Dialect(
    "a json of JHMDB", layouts=frozenset({SKELETON}), default=SKELETON, clips=True, first_pixel=FIRST_PIXEL
)


def recognises(evidence: Evidence) -> bool:
    """Whether a file or folder is JHMDB's (a :class:`~db.formats.evidence.Recogniser`)."""
    if evidence.is_folder:
        return _holds_clips(evidence.path)
    if evidence.is_matlab:
        return "pos_img" in list_variables(evidence.path)
    return (
        evidence.is_json
        and evidence.mentions("images", "annotations", "categories")
        and evidence.says("neck", "belly", "right_shoulder")
    )


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of JHMDB (a :class:`~db.formats.base.Reader`).

    Args:
        source: The folder ``joint_positions`` or one above or below it, a ``joint_positions.mat``, or a ``.json``.
        images: Folder ``Rename_Images``, or the one above it.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The source is none of these, or the folder of images does not exist.
    """
    try:
        is_json = source.is_file() and Evidence(source).is_json
    except OSError as error:
        raise FormatError(f"{source} cannot be read ({error.strerror or error}); check its permissions") from error
    return read_coco_like(source, images, _DIALECT, on_share) if is_json else read_clips(source, images, on_share)


def _holds_clips(folder: Path) -> bool:
    """Whether a file of joints lies in the folder or up to three deeper, looking into few."""
    level = [folder]
    for _ in range(4):
        if any((place / CLIP_FILE).is_file() for place in level):
            return True
        entries = itertools.chain.from_iterable(itertools.islice(place.iterdir(), _LOOKED_INTO) for place in level)
        level = list(itertools.islice((entry for entry in entries if entry.is_dir()), _LOOKED_INTO))
    return False
