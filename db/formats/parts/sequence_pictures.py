"""Where the frames of sequences lie below the folder of images.

Thousands of frames are called ``frame_000001.jpg``, and only the folders before tell them apart: one that is not where
the file says is taken only if the folders agree as far as there are any. Files name frames as their makers' machines
did, from the root of a disk too.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath

from db.formats.parts.checks import ItemError, NoFileError
from db.formats.parts.coco_names import list_other_names, to_plain_name
from db.formats.parts.picture_finder import PictureFinder

_COUNTED = re.compile(r"[a-z]*[_-]?\d{1,8}", re.IGNORECASE)
_LONGEST = 4096


class SequencePictures:
    """Finds pictures of a file's rows below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._finder = PictureFinder(folder)

    def find(self, name: str) -> str:
        """Posix path of a picture, relative to the folder.

        Raises:
            NoFileError: No such picture is there, or several are.
            ItemError: The name leads out of the folder, or is none.
        """
        if "\0" in name or len(name) > _LONGEST or not name.isprintable():
            raise ItemError(f"the name of its picture, {name[:80]!r}, is no file name")
        path = _drop_root(name)
        base_name = PurePosixPath(path).name
        others = [str(PurePosixPath(path).with_name(other)) for other in list_other_names(base_name)]
        found = self._finder.find(path, *others)
        if _COUNTED.fullmatch(PurePosixPath(path).stem) and not agree(path, found):
            raise NoFileError(
                f"{path} is not in {self._folder}, only a picture of that name in another folder ({found}); put it "
                "there or give another folder of images"
            )
        return found


def _drop_root(name: str) -> str:
    windows = PureWindowsPath(name)
    path = PurePosixPath(windows.as_posix() if "\\" in name or windows.drive else name)
    if windows.drive:
        path = PurePosixPath(*path.parts[1:])
    return str(path.relative_to("/")) if path.is_absolute() else str(path)


def agree(one: str, other: str) -> bool:
    """Whether one path is the end of the other, as far as its folders go; editions of COCO count as the same."""
    first, second = _list_parts(one), _list_parts(other)
    common = min(len(first), len(second))
    return first[-common:] == second[-common:]


def _list_parts(path: str) -> tuple[str, ...]:
    whole = PurePosixPath(_drop_root(path))
    return whole.with_name(to_plain_name(whole.name)).parts
