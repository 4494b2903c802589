"""Pictures of a study that are drawn already: a folder on the researcher's side, which raters never see.

A picture is a file named by the SHA-256 of its bytes. What was drawn of one person lies beside it as a small JSON file
named by everything that went into the drawing, so that opening a study again, after Ctrl-C or with another question,
draws only what is not there yet. A picture that is damaged counts as one that is not there.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from app.services.errors import ServiceError
from app.services.places import make_folder, usable
from db.rater_package.names import name_picture

PictureNames: TypeAlias = dict[str, tuple[str, ...]]
"""File names of the pictures of each body, one for each view."""
_ENDING: Final = ".png"
_PART: Final = ".part"


class PictureStore:
    """Keeps drawn pictures in a folder; made if absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = make_folder(folder)
        self._used: set[str] = set()

    def find(self, key: str) -> PictureNames | None:
        """What was drawn for a key, if every picture of it is there as it was written."""
        try:
            known = json.loads(self._place(key).read_text(encoding="utf-8"))
            names = {str(body): tuple(map(str, files)) for body, files in known.items()}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, AttributeError, TypeError):  # damaged, or written by hand
            return None
        if not all(self._is_sound(name) for name in {name for files in names.values() for name in files}):
            return None
        self._note(key, names)
        return names

    def add(self, key: str, pictures: Mapping[str, Sequence[bytes]]) -> PictureNames:
        """Keep what was drawn; each file appears whole, the key's last.

        Raises:
            ServiceError: The disk refuses.
        """
        names = {body: tuple(self._write(content) for content in contents) for body, contents in pictures.items()}
        self._replace(self._place(key), json.dumps(names).encode())
        self._note(key, names)
        return names

    def read(self, name: str) -> bytes:
        """Bytes of a picture.

        Raises:
            ServiceError: It cannot be read, or is not what was written.
        """
        with usable(self._folder / name):
            content = (self._folder / name).read_bytes()
        if name_picture(content) != name:
            raise ServiceError(f"{self._folder / name} was damaged meanwhile; open the study again to draw it anew.")
        return content

    def forget_unused(self) -> None:
        """Delete whatever was neither found nor added since this store was made."""
        with usable(self._folder):
            for path in list(self._folder.iterdir()):
                if path.suffix in (_ENDING, ".json", _PART) and path.name not in self._used:
                    path.unlink(missing_ok=True)

    def _note(self, key: str, names: PictureNames) -> None:
        self._used |= {self._place(key).name, *(name for files in names.values() for name in files)}

    def _place(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _is_sound(self, name: str) -> bool:
        if Path(name).name != name:
            return False
        try:
            return name_picture((self._folder / name).read_bytes()) == name
        except OSError:
            return False

    def _write(self, content: bytes) -> str:
        name = name_picture(content)
        if not self._is_sound(name):
            self._replace(self._folder / name, content)
        return name

    def _replace(self, path: Path, content: bytes) -> None:
        """Without waiting for the disk: what a power cut damages is noticed by its name and drawn again."""
        temporary = path.with_name(f".{secrets.token_hex(8)}{_PART}")
        with usable(path):
            try:
                temporary.write_bytes(content)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)


def count_bytes(folder: Path, names: Collection[str]) -> int:
    """Size of pictures together."""
    with usable(folder):
        return sum((folder / name).stat().st_size for name in names)
