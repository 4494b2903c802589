"""A zip for a report of a bug: made on request, kept on this machine, sent by nobody but the person who made it."""

from __future__ import annotations

import dataclasses
import json
import platform
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.services.doctor import look_around
from app.services.places import usable

CONTENTS = (
    "the error, the log files of this program, the versions of the program's parts and what this machine has, and "
    "the last things that were asked for in the window. No images, no annotations, no database; names of people only "
    "where they are part of a path."
)
"""What is in a bundle, for the dialog and for the file itself."""

_LOG_BYTES = 2_000_000


def write_bundle(path: Path, details: str, actions: Sequence[str], log_path: Path | None) -> None:
    """Write the bundle.

    Args:
        path: The zip, replaced if it is there.
        details: Traceback of the error.
        actions: What was asked for lately, one line each.
        log_path: The log; older files beside it are taken too.

    Raises:
        ServiceError: It cannot be written.
    """
    with usable(path), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(
            "README.txt", f"Bug report of Exemplar, {datetime.now():%Y-%m-%d %H:%M}.\n\nIt holds {CONTENTS}\n"
        )
        bundle.writestr("error.txt", details)
        bundle.writestr("actions.txt", "\n".join(actions) + "\n")
        bundle.writestr("machine.json", json.dumps(_describe_machine(path.parent), indent=2))
        for log in _iter_logs(log_path):
            bundle.writestr(f"log/{log.name}", _read_end(log))


def _describe_machine(folder: Path) -> dict[str, object]:
    findings = [dataclasses.asdict(finding) for finding in look_around(folder)]
    return {"platform": platform.platform(), "machine": platform.machine(), "findings": findings}


def _iter_logs(log_path: Path | None) -> list[Path]:
    if log_path is None or not log_path.parent.is_dir():
        return []
    return sorted(log_path.parent.glob(f"{log_path.name}*"))


def _read_end(log: Path) -> bytes:
    with log.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _LOG_BYTES))
        return stream.read()
