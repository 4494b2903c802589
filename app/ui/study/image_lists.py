"""Lists of images that a study leaves out, as people have them: a text file with a name a line."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from app.services.errors import ServiceError

_LARGEST: Final = 16 * 1024 * 1024


def read_image_list(path: Path) -> tuple[str, ...]:
    """File names in a text file, one a line; folders before them and what follows a comma are passed over.

    Raises:
        ServiceError: It cannot be read, is too large, or names nothing.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ServiceError(f"{path.name} is larger than 16 MB, which no list of images is; choose another file.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ServiceError(f"{path.name} cannot be read as a list of images ({error}); choose a text file.") from error
    lines = (line.partition(",")[0].strip().strip('"').replace("\\", "/") for line in text.splitlines())
    names = dict.fromkeys(PurePosixPath(line).name for line in lines if line and not line.startswith("#"))
    names.pop("", None)
    if not names:
        raise ServiceError(f"{path.name} names no image; write one file name a line.")
    return tuple(names)
