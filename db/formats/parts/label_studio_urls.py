"""Where the picture of a Label Studio task lies: addresses become names below the folder of images."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from db.formats.parts.checks import ItemError
from db.formats.parts.label_studio_regions import Task

_PICTURE_KEYS = ("image", "img", "picture", "photo", "image_url", "url", "ocr")
# Label Studio puts eight hexadecimal digits before the name of an uploaded file.
_UPLOADED = re.compile(r"[0-9a-f]{8}-(?=.)")
_LOCAL_FILES = "d"


def list_paths(task: Task) -> list[str]:
    """Names the picture of a task may have, the most particular first.

    Raises:
        ItemError: The task names no picture, or holds it itself.
    """
    address = _find_address(task)
    if address.startswith("data:"):
        raise ItemError("its picture is inside the export; save it as a file and import it from there")
    try:
        parts = urlsplit(address)
        asked = parse_qs(parts.query).get(_LOCAL_FILES)
    except ValueError as error:
        raise ItemError(f"{address[:80]!r} is no address of a picture") from error
    path = PurePosixPath((asked[0] if asked else unquote(parts.path)).replace("\\", "/").lstrip("/"))
    if not path.name:
        raise ItemError(f"{address[:80]!r} is no address of a picture")
    names = [path.as_posix(), path.name, _UPLOADED.sub("", path.name, count=1)]
    return list(dict.fromkeys(names))


def _find_address(task: Task) -> str:
    data = task.data
    texts = {key: value for key, value in data.items() if isinstance(value, str) and value.strip()}
    for key in _PICTURE_KEYS:
        if key in texts:
            return texts[key].strip()
    pictures = [text for text in texts.values() if re.search(r"\.(jpe?g|png|bmp|webp|tiff?|gif)\b", text.lower())]
    if not pictures:
        raise ItemError("its data names no picture")
    return pictures[0].strip()
