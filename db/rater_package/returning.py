"""Packages that come back: their votes are read without a trace in the folder, which may come from anybody.

The database is copied to a place of ours and opened there: a folder on a stick that cannot be written is read too, and
so is one that a rater still works in.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from db.copying import copy_database
from db.errors import CorruptStoreError, StoreAccessError, StoreLockedError
from db.rater_package import voting
from db.rater_package.database import Database
from db.rater_package.errors import PackageError
from db.rater_package.files import check_layout, translated_disk
from db.rater_package.manifest import DATABASE, read_manifest
from db.rater_package.votes_file import VotesFile

_LARGEST: Final = 1 << 30
_BUSY_S: Final = 5.0


def read_returned(folder: Path) -> VotesFile:
    """The votes of a package's folder; its pictures are not needed.

    Raises:
        PackageError: It is no package, is damaged, or its votes are on a server.
        SchemaTooNewError: A later program made it.
        StoreError: It cannot be read.
    """
    folder = folder.absolute()
    if not folder.is_dir():
        raise PackageError(f"There is no rater package at {folder}; check the path.")
    info, address = read_manifest(folder)
    if address is not None:
        raise PackageError(
            f"The votes of {folder} are on a server, not in the folder; whoever can open it writes them into a file"
            " with 'study votes', and that file can be collected."
        )
    check_layout(folder, DATABASE, with_pictures=False)
    with tempfile.TemporaryDirectory(prefix="exemplar-votes-") as scratch:
        _copy(folder, Path(scratch))
        database = Database.at(Path(scratch), DATABASE, None, _BUSY_S)
        try:
            database.check(info, str(folder))
            with database.read() as connection:
                return VotesFile(info.study_uid, info.plan_hash, voting.read_votes(connection))
        finally:
            database.close()


def _copy(folder: Path, scratch: Path) -> None:
    names = [f"{DATABASE}{suffix}" for suffix in ("", "-wal")]
    with translated_disk(folder):
        size = sum((folder / name).lstat().st_size for name in names if (folder / name).exists())
    if size > _LARGEST:
        raise PackageError(f"{folder / DATABASE} has {size:,} bytes, more than a package ever has.")
    try:
        copy_database(folder / DATABASE, scratch / DATABASE)
    except (CorruptStoreError, UnicodeDecodeError) as error:  # the latter: SQLite's own words quote what is damaged
        raise PackageError(
            f"{folder / DATABASE} is damaged, or no database; ask the rater for the package again, or a file of votes."
        ) from error
    except (StoreAccessError, StoreLockedError):
        # Nobody writes where nothing can be written, so the files are whole as they are.
        (scratch / DATABASE).unlink(missing_ok=True)
        for name in names:
            if (folder / name).exists():
                with translated_disk(folder / name):
                    shutil.copyfile(folder / name, scratch / name)
