"""What an example of a format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Example:
    """A way to write a small dataset.

    Attributes:
        write: Writes source and pictures into an empty folder and gives the source.
        people: How many people its reader must find.
        joints: How many labelled joints these have.
        images: How many pictures it lists that are there.
        files: The annotation files below the folder, by which faults are planted; the source itself if empty.
    """

    write: Callable[[Path], Path]
    people: int
    joints: int
    images: int = 1
    files: tuple[str, ...] = ()

    def list_files(self, folder: Path, source: Path) -> list[Path]:
        """The annotation files of what was written."""
        return [folder / name for name in self.files] or [source]
