"""A new package: filled beside its place and renamed at the end, so that there is never half of one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.copying import settle_database
from db.rater_package.database import Database, check_trials
from db.rater_package.files import STIMULI, Pictures, check_free, set_times, translated_disk, write_file
from db.rater_package.manifest import DATABASE, MANIFEST, encode_manifest
from db.rater_package.records import PackageInfo, PackageTrial
from db.records.studies import StudyVote

_BUSY_S = 5.0


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a package besides pictures: raters and votes only if seats that are begun move."""

    info: PackageInfo
    trials: Sequence[PackageTrial]
    raters: Mapping[int, str]
    votes: Sequence[StudyVote]


def make_package(folder: Path, contents: Contents, pictures: Iterable[bytes], address: str | None = None) -> None:
    """Make a package as a whole, or not at all.

    Args:
        folder: A new or empty folder.
        contents: What goes in.
        pictures: PNG files, one after the other.
        address: Of an empty PostgreSQL database; by default the database is a file in the folder.

    Raises:
        PackageError: Something is in the place, or trials and pictures do not belong together.
        StoreError: Disk or database refuse.
    """
    manifest = encode_manifest(contents.info, address)
    check_free(folder)
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        with translated_disk(beside):
            (beside / STIMULI).mkdir(parents=True)
        store = Pictures(beside)
        check_trials(contents.trials, {store.write(picture) for picture in pictures})
        write_file(beside / MANIFEST, manifest)
        database = Database.at(beside, DATABASE, address, _BUSY_S)
        try:
            database.create(contents.info, contents.trials, contents.raters, contents.votes)
            if address is None:
                database.close()
                settle_database(beside / DATABASE)
            _put_in_place(beside, folder, database if address else None)
        finally:
            database.close()
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _put_in_place(beside: Path, folder: Path, server: Database | None) -> None:
    try:
        set_times(beside)
        with translated_disk(folder):
            if folder.exists():
                folder.rmdir()
            beside.rename(folder)
    except BaseException:
        if server is not None:
            server.drop()
        raise
