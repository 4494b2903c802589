"""``package.json``: what all trials of a package share, and where its database is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from db.errors import SchemaTooNewError
from db.rater_package.errors import PackageError
from db.rater_package.files import read_small_file
from db.rater_package.records import PackageInfo
from db.rater_package.tables import VERSION

MANIFEST: Final = "package.json"
DATABASE: Final = "session.db"
_KIND: Final = "Exemplar rater package"
_LARGEST: Final = 1 << 20
_SERVER_OPTIONS: Final = frozenset({"host", "port", "options", "sslmode", "connect_timeout", "application_name"})
"""What a database's address may ask of the driver; others name files of whoever opens the package."""


class _Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: str
    version: int
    study: str
    plan: str
    question: str
    views: tuple[str, ...]
    cannot_decide: bool
    min_exposure_s: float
    break_every: int
    database: str


class _Version(msgspec.Struct, frozen=True):
    kind: str
    version: int


def encode_manifest(info: PackageInfo, database: str | None) -> bytes:
    """The file's content.

    Raises:
        PackageError: The values or the database's address could not be read back.
    """
    manifest = _Manifest(
        kind=_KIND,
        version=VERSION,
        study=info.study_uid,
        plan=info.plan_hash,
        question=info.question,
        views=info.views,
        cannot_decide=info.cannot_decide,
        min_exposure_s=info.min_exposure_s,
        break_every=info.break_every,
        database=database or DATABASE,
    )
    _check(manifest, "The package")
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read_manifest(folder: Path) -> tuple[PackageInfo, str | None]:
    """What a folder's file says, and the address of the database if it is not in the folder.

    Raises:
        PackageError: It is missing, no file of this kind, or says something impossible.
        SchemaTooNewError: A later program wrote it.
    """
    path = folder / MANIFEST
    content = read_small_file(path, _LARGEST)
    try:
        version = msgspec.json.decode(content, type=_Version)
        if version.kind != _KIND:
            raise PackageError(f"{folder} is no rater package ({MANIFEST} is of another kind); choose another folder.")
        if version.version > VERSION:
            raise SchemaTooNewError(
                f"{folder} was made by a newer version of this program (package {version.version}, this one knows up to"
                f" {VERSION}); install that version to open it."
            )
        manifest = msgspec.json.decode(content, type=_Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PackageError(f"{path} cannot be read ({error}); ask for the package again.") from error
    _check(manifest, str(folder))
    info = PackageInfo(
        study_uid=manifest.study,
        plan_hash=manifest.plan,
        question=manifest.question,
        views=manifest.views,
        cannot_decide=manifest.cannot_decide,
        min_exposure_s=manifest.min_exposure_s,
        break_every=manifest.break_every,
    )
    return info, None if manifest.database == DATABASE else manifest.database


def _check(manifest: _Manifest, owner: str) -> None:
    fault = _find_fault(manifest)
    if fault is not None:
        raise PackageError(f"{owner} cannot be used: {fault}; get another copy of the package.")


def _find_fault(manifest: _Manifest) -> str | None:
    faults = (
        (manifest.version != VERSION, f"{MANIFEST} is of version {manifest.version}, which never was"),
        (not _is_identifier(manifest.study), f"its study {manifest.study[:40]!r} is no identifier"),
        (not _is_identifier(manifest.plan), f"its plan {manifest.plan[:40]!r} is no identifier"),
        (
            not 0 < len(manifest.question.strip()) <= 2000,
            "its question is empty or longer than 2,000 characters",
        ),
        (
            not 0 < len(manifest.views) <= 20 or any(not 0 < len(view) <= 40 for view in manifest.views),
            "its views are none",
        ),
        (
            not 0 <= manifest.min_exposure_s <= 600,
            f"its minimum exposure of {manifest.min_exposure_s:g} s is none",
        ),
        (not 1 <= manifest.break_every <= 1_000_000, f"a break every {manifest.break_every} trials is none"),
    )
    found = next((sentence for is_wrong, sentence in faults if is_wrong), None)
    return found or _find_fault_of_address(manifest.database)


def _is_identifier(text: str) -> bool:
    return re.fullmatch(r"[0-9A-Za-z_.:-]{1,100}", text) is not None


def _find_fault_of_address(address: str) -> str | None:
    if address == DATABASE:
        return None
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return f"its database is neither {DATABASE} nor the address of a server"
    if url.get_backend_name() != "postgresql":
        return f"its database has to be {DATABASE} or a PostgreSQL server's, not '{url.drivername}'"
    strange = sorted(set(url.query) - _SERVER_OPTIONS)
    return f"its database's address has the option '{strange[0]}', which is not allowed" if strange else None
