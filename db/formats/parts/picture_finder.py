"""Where a dataset's picture lies below the folder of images: as the file says, or a few folders deeper or higher.

Published files name pictures from the root of a release (``images/val/000001/000000.jpg``) or bare, and people unpack
releases as they like. What is not where the file says is looked for by its name and as many of the folders before it as
agree; nothing outside the folder is ever looked at, and a name that fits two pictures fits none.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from db.formats.parts.checks import ItemError, NoFileError

_ID_DIGITS = 9
"""Numbers this long are ids of pictures, as COCO's 12 digits are, and not places in a clip."""
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".ppm", ".jp2"})
"""Suffixes of files that are taken for pictures, in small letters."""


class PictureFinder:
    """Finds pictures below one folder. The folder is walked through once, at the first picture that is not in place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # A hundred thousand pictures of one folder share its tuple.
        self._folders: dict[str, tuple[str, ...]] | None = None

    def find(self, name: str, *others: str) -> str:
        """Posix path of a picture, relative to the folder.

        Args:
            name: As the file says it.
            others: Further names the same picture may have.

        Raises:
            NoFileError: No such picture is there, or several are.
            ItemError: The name leads out of the folder, or is none.
        """
        first = _check_name(name)
        if self._is_file(first, name):
            return first.as_posix()
        paths = [first, *map(_check_name, others)]
        if self._folders is None:
            self._folders = self._walk()
        for path in paths[1:]:
            if _in_words(path.parent) in self._folders.get(path.name, ()):
                return path.as_posix()
        for path in paths:
            found = self._look_for(path, self._folders.get(path.name, ()))
            if len(found) == 1:
                return found[0]
            if found:
                raise NoFileError(
                    f"{path} fits {len(found)} pictures in {self._folder}, {found[0]} and {found[1]} among them; give "
                    "the folder that the names count from"
                )
        raise NoFileError(f"{paths[0]} is not in {self._folder}; put it there or give another folder of images")

    def _is_file(self, path: PurePosixPath, name: str) -> bool:
        try:
            return (self._folder / path).is_file()
        except (OSError, ValueError) as error:
            raise ItemError(f"file_name {name[:80]!r} is no file name on this machine") from error

    def _look_for(self, path: PurePosixPath, folders: tuple[str, ...]) -> list[str]:
        """The pictures of that name, in these folders, of which most of the folders before it agree."""
        found = [f"{folder}/{path.name}" if folder else path.name for folder in folders]
        if len(found) == 1 and not _is_another_frame(path, PurePosixPath(found[0])):
            return found
        agreeing = [_common_tail(path, PurePosixPath(candidate)) for candidate in found]
        best = max(agreeing, default=0)
        if best == 1 and all(_is_another_frame(path, PurePosixPath(candidate)) for candidate in found):
            return []
        return [candidate for candidate, parts in zip(found, agreeing, strict=True) if parts == best]

    def _walk(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for folder, folders, files in os.walk(self._folder):
            folders.sort()
            alone = (_in_words(PurePosixPath(Path(folder).relative_to(self._folder).as_posix())),)
            for file in sorted(files):
                if os.path.splitext(file)[1].lower() in PICTURE_SUFFIXES:  # noqa: PTH122 -- of a million names
                    found[file] = found[file] + alone if file in found else alone
        return found


def _in_words(folder: PurePosixPath) -> str:
    return "" if folder == PurePosixPath() else folder.as_posix()


def _is_another_frame(path: PurePosixPath, found: PurePosixPath) -> bool:
    """Whether a picture is a number in a folder, as frames are, and was found in another folder than it should be."""
    both_in_folders = len(path.parts) > 1 and len(found.parts) > 1
    return both_in_folders and path.stem.isdigit() and len(path.stem) < _ID_DIGITS and _common_tail(path, found) == 1


def check_clip(name: str, found: str) -> None:
    """Raise NoFileError unless a frame was found in the folder of its clip; others have frames of the same name."""
    clip = _check_name(name).parent.name
    if clip and PurePosixPath(found).parent.name != clip:
        raise NoFileError(f"{name} is not in the folder of images; give the folder that holds the clips")


def _check_name(text: str) -> PurePosixPath:
    path = PurePosixPath(text.replace("\\", "/"))
    drive = path.parts[0].endswith(":") if path.parts else False
    if path.is_absolute() or ".." in path.parts or not path.parts or drive:
        raise ItemError(f"file_name {text[:80]!r} does not lead into the folder of images")
    return path


def _common_tail(one: PurePosixPath, other: PurePosixPath) -> int:
    common = 0
    for first, second in zip(reversed(one.parts), reversed(other.parts), strict=False):
        if first != second:
            break
        common += 1
    return common
