"""Votes as a file that can be mailed: JSON, one vote a line, with the study and the plan they belong to."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from db.errors import SchemaTooNewError
from db.formats.parts.files import replacing
from db.rater_package.errors import PackageError
from db.rater_package.files import translate
from db.records.studies import StudyVote

_KIND: Final = "Exemplar votes"
_VERSION: Final = 1
_LARGEST: Final = 512 << 20
"""Bytes; a million votes have some 230 million."""


@dataclass(frozen=True, slots=True)
class VotesFile:
    """What such a file holds."""

    study_uid: str
    plan_hash: str
    votes: Sequence[StudyVote]


class _Header(msgspec.Struct, frozen=True):
    kind: str
    version: int


class _Content(msgspec.Struct, frozen=True):
    study: str
    plan: str
    votes: list[StudyVote]


def write_votes(path: Path, file: VotesFile) -> None:
    """Write votes, whole or not at all; an older file is replaced.

    Raises:
        FormatError: The disk refuses; what was at the place is as it was.
    """
    encoder = msgspec.json.Encoder()
    head = {"kind": _KIND, "version": _VERSION, "study": file.study_uid, "plan": file.plan_hash}
    with replacing(path) as (target, _):
        target.write(msgspec.json.format(encoder.encode(head), indent=1).removesuffix(b"\n}"))
        target.write(b',\n "votes": [')
        for number, vote in enumerate(file.votes):
            target.write(b",\n  " if number else b"\n  ")
            target.write(encoder.encode(vote))
        target.write(b"\n ]\n}\n")


def read_votes(path: Path) -> VotesFile:
    """Read a file of votes, whoever it comes from; what single votes say is not judged.

    Raises:
        PackageError: It is none, truncated, or too large.
        SchemaTooNewError: A later program wrote it.
        StoreError: The disk refuses.
    """
    content = _read(path)
    try:
        header = msgspec.json.decode(content, type=_Header)
        if header.kind != _KIND:
            raise PackageError(f"{path} holds no votes of raters ({header.kind[:40]!r}); choose another file.")
        if header.version > _VERSION:
            raise SchemaTooNewError(
                f"{path} was written by a newer version of this program (votes {header.version}, this one knows up to"
                f" {_VERSION}); install that version to read it."
            )
        found = msgspec.json.decode(content, type=_Content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PackageError(
            f"{path} is no whole file of votes ({error}); ask the rater to send it again, or the package's folder."
        ) from error
    return VotesFile(found.study, found.plan, found.votes)


def _read(path: Path) -> bytes:
    try:
        mode = path.stat()
        if not stat.S_ISREG(mode.st_mode):
            raise PackageError(f"{path} is a folder, a device or a pipe, not a file of votes; choose another.")
        if mode.st_size > _LARGEST:
            raise PackageError(f"{path} has {mode.st_size:,} bytes, more than votes ever have; choose another file.")
        with path.open("rb") as file:
            return file.read(_LARGEST).removeprefix(b"\xef\xbb\xbf")
    except FileNotFoundError as error:
        raise PackageError(f"{path} does not exist; check the name.") from error
    except (OSError, ValueError) as error:
        raise translate(error, path) from error
