"""What the files of JHMDB have in common."""

from __future__ import annotations

from pathlib import PurePosixPath

from db.formats.checks import NoFileError
from db.formats.picture_finder import PictureFinder

SKELETON = "jhmdb15"

FROM_ONE = 1
"""The first pixel, as MATLAB counts."""

NAMES_ELSEWHERE = {"head": "face"}
"""Joints that others call otherwise."""


def find_frame(finder: PictureFinder, name: str, *others: str) -> str:
    """Posix path of a frame; every clip has pictures of the same names, so that the clip's folder must agree.

    Raises:
        NoFileError: It is not there.
        ItemError: The name leads out of the folder of images.
    """
    path, folder = finder.find(name, *others), PurePosixPath(name).parent.name
    if folder and PurePosixPath(path).parent.name != folder:
        raise NoFileError(f"{name} is not in the folder of images; give the folder that holds the clips")
    return path
