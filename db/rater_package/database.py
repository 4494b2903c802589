"""A package's database: made, opened after a look at what is in it, read and written one at a time."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import URL, Connection, event, insert, inspect, select, text, update

from db.engine import (
    build_engine,
    describe,
    enter_wal_mode,
    find_database_file,
    parse_place,
    translated_errors,
    writing,
)
from db.errors import CorruptStoreError, SchemaTooNewError
from db.file_faults import find_file_faults
from db.rater_package.errors import PackageError
from db.rater_package.names import fold_pseudonym, is_picture_name
from db.rater_package.records import PackageInfo, PackageTrial
from db.rater_package.tables import METADATA, PACKAGE, SEATS, TRIALS, VERSION, VOTES
from db.rater_package.voting import vote_values
from db.records.studies import StudyVote

_ORDER: Final = random.SystemRandom()
_MOST_PICTURES: Final = 200
"""Pictures of one side of a trial; a turntable may have many."""


class Database:
    """An open database of a package."""

    def __init__(self, url: URL, busy_timeout_s: float) -> None:
        self.location = describe(url)
        self._url = url
        self._engine = build_engine(url, busy_timeout_s)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", self._distrust)
        self._writing = writing(self._engine)

    @classmethod
    def at(cls, folder: Path, name: str, address: str | None, busy_timeout_s: float) -> Database:
        """The database of a package in a folder: a file there, or at a server's address."""
        return cls(parse_place(folder / name if address is None else address), busy_timeout_s)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @property
    def is_file(self) -> bool:
        """Whether it lies in the package's folder, not on a server."""
        return find_database_file(self._url) is not None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view."""
        with translated_errors(self.location), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One change: committed at the block's end, or nothing of it."""
        with translated_errors(self.location), self._writing.begin() as connection:
            yield connection

    def create(
        self,
        info: PackageInfo,
        trials: Sequence[PackageTrial],
        raters: Mapping[int, str] = MappingProxyType({}),
        votes: Iterable[StudyVote] = (),
    ) -> None:
        """Make the tables of a new package and fill in its trials.

        Args:
            info: Whose package it is.
            trials: Of all seats.
            raters: Who has which seat already.
            votes: Cast on them before.

        Raises:
            PackageError: The database has tables already.
        """
        with translated_errors(self.location), self._engine.connect() as connection:
            if find_database_file(self._url) is not None:
                enter_wal_mode(connection)
        lengths: dict[int, int] = {}
        for trial in trials:
            lengths[trial.seat] = lengths.get(trial.seat, 0) + 1
        rows = [_build_trial(trial) for trial in trials]
        _ORDER.shuffle(rows)
        with self.write() as connection:
            if inspect(connection).get_table_names():
                raise PackageError(f"{self.location} holds tables already; name an empty database for the package.")
            METADATA.create_all(connection)
            connection.execute(
                insert(PACKAGE),
                {"id": 1, "version": VERSION, "study_uid": info.study_uid, "plan_hash": info.plan_hash},
            )
            connection.execute(insert(SEATS), [{"seat": seat, "trials": n} for seat, n in sorted(lengths.items())])
            connection.execute(insert(TRIALS), rows)
            for seat, rater in raters.items():
                own = {"rater": rater, "rater_key": fold_pseudonym(rater)}
                connection.execute(update(SEATS).where(SEATS.c.seat == seat).values(own))
            values = [vote_values(vote) for vote in votes]
            if values:
                connection.execute(insert(VOTES), values)

    def drop(self) -> None:
        """Take the tables away again."""
        with self.write() as connection:
            METADATA.drop_all(connection)

    def check(self, info: PackageInfo, owner: str | None = None) -> set[str]:
        """Look at everything in the database before any of it is used.

        Args:
            info: What the package's manifest says.
            owner: What errors name instead of the database, where that is a copy.

        Returns:
            Names of all pictures of its trials.

        Raises:
            PackageError: It is damaged, of another study, or holds what no package holds.
            SchemaTooNewError: A later program wrote it.
        """
        self.location = owner or self.location
        try:
            return self._check(info)
        except (CorruptStoreError, UnicodeDecodeError) as error:  # the latter: SQLite's own words quote what is damaged
            raise self._fault("it is damaged, or no database") from error

    def _check(self, info: PackageInfo) -> set[str]:
        file = find_database_file(self._url)
        with self.read() as connection:
            # A locked or foreign file is found here, with a sentence of its own.
            if file is None:
                tables = set(inspect(connection).get_table_names())
            else:
                tables = set(connection.execute(text("SELECT name FROM sqlite_master")).scalars())
        missing = sorted(set(METADATA.tables) - tables)
        if missing:
            raise self._fault(f"its table {missing[0]} is missing")
        if file is not None:
            for fault in find_file_faults(file):
                raise self._fault(f"{fault.item}: {fault.reason}")
        with self.read() as connection:
            if file is not None:
                self._check_schema(connection)
                self._check_values(connection)
            self._check_owner(connection, info)
            names = self._check_trials(connection)
        if file is not None:
            with translated_errors(self.location), self._engine.connect() as connection:
                enter_wal_mode(connection)
        return names

    def _check_schema(self, connection: Connection) -> None:
        entries = connection.execute(text("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master")).all()
        for kind, name, table, sql in entries:
            known = table in METADATA.tables and (
                name == table if kind == "table" else kind == "index" and name.startswith("sqlite_autoindex_")
            )
            if not known or any(word in sql.upper() for word in ("CHECK", "GENERATED", "VIRTUAL", "COLLATE")):
                raise self._fault(f"it holds the {kind} '{str(name)[:60]}', which no package has")
        for table in METADATA.tables.values():
            columns = connection.execute(text(f"PRAGMA table_xinfo('{table.name}')")).all()
            if [(row[1], row[6]) for row in columns] != [(column.name, 0) for column in table.columns]:
                raise self._fault(f"its table {table.name} has other columns than a package's")

    def _check_values(self, connection: Connection) -> None:
        # SQLite stores anything anywhere; from here on a column holds what it says.
        for table in METADATA.tables.values():
            wrong = " OR ".join(f"typeof({column.name}) NOT IN ({_kinds_of(column)})" for column in table.columns)
            found = connection.execute(text(f"SELECT count(*) FROM {table.name} WHERE {wrong}")).scalar_one()
            if found:
                raise self._fault(f"{found} rows of {table.name} hold values of another kind")

    def _check_owner(self, connection: Connection, info: PackageInfo) -> None:
        rows = connection.execute(select(PACKAGE.c.version, PACKAGE.c.study_uid, PACKAGE.c.plan_hash)).all()
        if len(rows) != 1:
            raise self._fault("it does not say whose it is")
        if rows[0].version > VERSION:
            raise SchemaTooNewError(
                f"{self.location} was made by a newer version of this program (package {rows[0].version}, this one"
                f" knows up to {VERSION}); install that version to open it."
            )
        if (rows[0].study_uid, rows[0].plan_hash) != (info.study_uid, info.plan_hash):
            raise self._fault("it belongs to another package than the file beside it")

    def _check_trials(self, connection: Connection) -> set[str]:
        lengths = {row.seat: row.trials for row in connection.execute(select(SEATS.c.seat, SEATS.c.trials))}
        found: dict[int, set[int]] = {seat: set() for seat in lengths}
        names: set[str] = set()
        for row in connection.execute(select(TRIALS)):
            trial = build_trial(row._mapping, self.location)
            if trial.seat not in found:
                raise self._fault(f"a trial is of seat {trial.seat + 1}, which does not exist")
            found[trial.seat].add(trial.position)
            names.update(trial.left, trial.right)
        for seat, positions in found.items():
            if positions != set(range(lengths[seat])) or not positions:
                raise self._fault(f"the trials of seat {seat + 1} are not all there")
        return names

    def _distrust(self, connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.text_factory = self._decode

    def _decode(self, content: bytes) -> str:
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise self._fault("it holds text that is none") from error

    def _fault(self, reason: str) -> PackageError:
        return PackageError(f"{self.location} cannot be used: {reason}; get another copy of the package.")


def check_trials(trials: Sequence[PackageTrial], pictures: set[str]) -> None:
    """Make sure that trials can be those of a package.

    Raises:
        PackageError: They cannot; the sentence names the first that is wrong.
    """
    positions: dict[int, set[int]] = {}
    for trial in trials:
        owner = f"Trial {trial.position + 1} of seat {trial.seat + 1}"
        _check_sides(owner, trial)
        missing = [name for name in (*trial.left, *trial.right) if name not in pictures]
        if missing:
            raise PackageError(f"{owner} shows {missing[0]}, which is not among the pictures.")
        seat = positions.setdefault(trial.seat, set())
        if trial.position in seat:
            raise PackageError(f"{owner} is there twice.")
        seat.add(trial.position)
    if not positions:
        raise PackageError("A package needs trials.")
    for number, seat in positions.items():
        if seat != set(range(len(seat))) or number < 0:
            raise PackageError(f"The positions of seat {number + 1} are not 0 to {len(seat) - 1}.")


def build_trial(row: Any, location: str) -> PackageTrial:
    """A trial from its row.

    Raises:
        PackageError: The row is damaged.
    """
    owner = f"{location}: trial {row['position'] + 1} of seat {row['seat'] + 1}"
    try:
        left, right = json.loads(row["left_pictures"]), json.loads(row["right_pictures"])
    except (ValueError, RecursionError) as error:
        raise PackageError(f"{owner} cannot be read; get another copy of the package.") from error
    if not all(isinstance(side, list) and all(isinstance(name, str) for name in side) for side in (left, right)):
        raise PackageError(f"{owner} cannot be read; get another copy of the package.")
    trial = PackageTrial(row["seat"], row["position"], tuple(left), tuple(right), row["practice_answer"])
    _check_sides(owner, trial)
    return trial


def _check_sides(owner: str, trial: PackageTrial) -> None:
    if not 0 < len(trial.left) == len(trial.right) <= _MOST_PICTURES:
        raise PackageError(f"{owner} has {len(trial.left)} pictures on the left and {len(trial.right)} on the right.")
    strange = [name for name in (*trial.left, *trial.right) if not is_picture_name(name)]
    if strange:
        raise PackageError(f"{owner} names {strange[0][:80]!r}, which is no name of a picture (<SHA-256>.png).")
    if trial.practice_answer not in (None, "left", "right"):
        raise PackageError(f"{owner} has the answer {str(trial.practice_answer)[:40]!r}, which is none.")


def _build_trial(trial: PackageTrial) -> dict[str, Any]:
    return {
        "seat": trial.seat,
        "position": trial.position,
        "left_pictures": json.dumps(trial.left),
        "right_pictures": json.dumps(trial.right),
        "practice_answer": trial.practice_answer,
    }


def _kinds_of(column: Any) -> str:
    kinds = {int: "'integer'", float: "'real'", str: "'text'"}
    kind = kinds[int if column.type.__class__.__name__ == "UtcTime" else column.type.python_type]
    return f"{kind}, 'null'" if column.nullable else kind
