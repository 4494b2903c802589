"""Dataset formats, one module each; they do not know each other.

A new format is one module and one row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from db.formats.base import Reader
from db.formats.errors import FormatError


@dataclass(frozen=True, slots=True)
class Format:
    """A dataset format.

    Attributes:
        name: Name on the command line.
        title: Name for people.
        module: Module that reads and writes it, imported only when used.
        imports: The module has ``read``, a :class:`~db.formats.base.Reader` of images and people.
        exports: Reviewed fits can be written in it.
    """

    name: str
    title: str
    module: str
    imports: bool
    exports: bool


FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        Format("coco", "COCO person keypoints", "db.formats.coco", imports=True, exports=False),
        Format("eft-json", "EFT fits (JSON)", "db.formats.eft_json", imports=False, exports=True),
    )
}


def get_format(name: str) -> Format:
    """Format by name.

    Raises:
        FormatError: There is no such format.
    """
    if name not in FORMATS:
        raise FormatError(f"there is no format named '{name}'; known are {', '.join(FORMATS)}")
    return FORMATS[name]


def get_reader(name: str) -> Reader:
    """Reader of a format.

    Raises:
        FormatError: There is no such format, or it does not hold images and people to import.
    """
    if not get_format(name).imports:
        known = ", ".join(row.name for row in FORMATS.values() if row.imports)
        raise FormatError(f"people cannot be imported from '{name}'; formats that can be are {known}")
    return cast(Reader, import_module(FORMATS[name].module).read)
