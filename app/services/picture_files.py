"""Pictures of ours onto the disk; the pictures of a project are never written."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PIL import Image

from db.formats.parts.files import replacing
from fitting.spec import ByteImage


def write_picture(path: Path, picture: ByteImage, kind: Literal["PNG", "JPEG"] = "PNG", quality: int = 92) -> None:
    """Write a picture ``(H, W, 3)``, whole or not at all; an older one at its place is replaced.

    Raises:
        FormatError: The disk refuses; what was at the place is as it was.
    """
    with replacing(path) as (file, _):
        Image.fromarray(picture).save(file, format=kind, quality=quality)
