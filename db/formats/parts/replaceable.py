"""What an export may take the place of: nothing that is there already, but for an earlier export of the same name."""

from __future__ import annotations

from pathlib import Path

import msgspec

from db.formats.errors import FormatError
from db.formats.parts.files import read_bytes
from db.formats.parts.manifest import manifest_path


class _Manifest(msgspec.Struct):
    file: str
    sha256: str


def check_replaceable_export(path: Path) -> None:
    """Raise FormatError if an export to ``path``, or its manifest, would replace a file that is not the same export.

    An earlier export is known by the manifest beside it. Folders look after themselves
    (:func:`~db.formats.parts.files.check_replaceable`).
    """
    if not path.name:
        raise FormatError(f"{path} is no place for an export; name a file")
    manifest = manifest_path(path)
    if manifest.exists() and not manifest.is_file():
        return  # whoever writes the manifest says so
    if manifest.is_file():
        owner = _find_owner(manifest)
        if owner is None:
            raise FormatError(f"{manifest} is there already and no manifest of an export; name another file")
        if owner != path.name and (path.parent / owner).exists():
            raise FormatError(f"{manifest} belongs to {owner}, which would lose it; name the export otherwise")
        if owner == path.name:
            return
    if path.is_file():
        raise FormatError(
            f"{path} is there already and no earlier export ({manifest.name} does not name it); name another file"
        )


def _find_owner(manifest: Path) -> str | None:
    try:
        return msgspec.json.decode(read_bytes(manifest), type=_Manifest).file
    except msgspec.DecodeError:
        return None
