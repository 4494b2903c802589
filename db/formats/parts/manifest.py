"""The manifest beside an export: what the file holds, in which units and frames, from which body and selection.

It names no time of its own, so that the same project exported twice gives the same bytes: instead of the clock it tells
the newest change of the project that the export saw.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import msgspec

from db.formats.errors import FormatError
from db.formats.parts.files import replacing


@dataclass(frozen=True, slots=True)
class WrittenExport:
    """A file that was written, read again and found equal.

    Attributes:
        path: The file.
        count: Samples in it.
        sha256: Hash of its bytes, hexadecimal; of a folder that of the list of its files.
        others: Hashes of files that belong to it and lie beside it, by name.
    """

    path: Path
    count: int
    sha256: str
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the samples of an export come from.

    Attributes:
        body_name: Body the parameters belong to; None for an export without parameters.
        body_hash: SHA-256 of its file.
        genders: Those of the samples.
        tool_version: Version of this tool.
        filters: What was asked for, for example ``{"decision": "accepted"}``.
        counts: People by state at the time, and samples left out with the reason.
        change_id: The newest change of the project that the export saw, None in a project without any.
        changed_at: When that change was made, with time zone.
    """

    body_name: str | None
    body_hash: str
    tool_version: str
    filters: Mapping[str, object]
    counts: Mapping[str, int]
    change_id: int | None
    changed_at: datetime | None
    genders: Sequence[str] = ()


WriteManifest: TypeAlias = Callable[[WrittenExport, Mapping[str, object], Provenance], None]

_ROOM = 1 << 16
"""More bytes than a manifest has."""


def manifest_path(export: Path) -> Path:
    """Where the manifest of an export lies: beside it, ``fits.json`` -> ``fits.manifest.json``."""
    return export.with_name(f"{export.stem}.manifest.json")


@contextmanager
def reserving_manifest(path: Path) -> Iterator[WriteManifest]:
    """Hold the place of a manifest and room for it on the disk, so that no export is left without one.

    Yields:
        Writes the manifest of what was exported within the block; the file appears, or is replaced, at its end. If the
        block ends otherwise, an older manifest stays.

    Raises:
        FormatError: No file can be there, the disk is full, or what is written is no manifest.
    """
    with replacing(path) as (file, _):
        file.write(b" " * _ROOM)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)

        def write(export: WrittenExport, conventions: Mapping[str, object], provenance: Provenance) -> None:
            file.write(_build_content(path, export, conventions, provenance))
            file.truncate()

        yield write


def write_manifest(
    path: Path, export: WrittenExport, conventions: Mapping[str, object], provenance: Provenance
) -> None:
    """Write the manifest of an export, whole or not at all.

    Args:
        path: The manifest, usually :func:`manifest_path` of the export.
        export: What was written.
        conventions: Units, frames and orders of the format, for example ``eft_json.CONVENTIONS``.
        provenance: Where the samples come from.

    Raises:
        FormatError: The time of the change has no zone, a filter is no JSON, or the disk refuses.
    """
    with reserving_manifest(path) as write:
        write(export, conventions, provenance)


def _build_content(
    path: Path, export: WrittenExport, conventions: Mapping[str, object], provenance: Provenance
) -> bytes:
    changed_at = provenance.changed_at
    if changed_at is not None and changed_at.tzinfo is None:
        raise FormatError("the manifest's time of the newest change has no time zone; pass an aware datetime")
    body = {"name": provenance.body_name, "sha256": provenance.body_hash, "model_type": "smpl"}
    document = {
        "file": export.path.name,
        "sha256": export.sha256,
        **({"other_files": dict(export.others)} if export.others else {}),
        "samples": export.count,
        "project": {
            "newest_change": provenance.change_id,
            "changed_at": None if changed_at is None else changed_at.astimezone(UTC).isoformat(),
        },
        "tool": {"name": "Exemplar", "version": provenance.tool_version},
        **({} if provenance.body_name is None else {"body": body | {"genders": list(provenance.genders)}}),
        "filters": dict(provenance.filters),
        "counts": dict(provenance.counts),
        "conventions": dict(conventions),
    }
    try:
        content = msgspec.json.format(msgspec.json.encode(document), indent=2)
    except (TypeError, ValueError) as error:
        raise FormatError(f"the manifest {path} has a value that JSON cannot hold: {error}") from error
    return content + b"\n"
