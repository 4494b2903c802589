"""A rater package: opened by whoever rates, and by the researcher to hand out seats and to fetch votes.

What it promises:

* :meth:`RaterPackage.vote` is one transaction, synced to the disk before the call returns; a seat's votes come in the
  order of its trials, one for each, from the newest window of its rater alone.
* Any number of processes may have the same package open; one at a time writes.
* Opening looks at every row and name first: the folder may have come from anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, select, update

from db.rater_package import voting
from db.rater_package.database import Database, build_trial
from db.rater_package.errors import PackageError, SeatError
from db.rater_package.files import Pictures, check_free, check_layout
from db.rater_package.making import Contents, make_package
from db.rater_package.manifest import DATABASE, read_manifest
from db.rater_package.records import PackageInfo, PackageTrial, Place, SeatStatus
from db.rater_package.seats import (
    check_running,
    check_ticket,
    count_done,
    free_seat,
    get_idle,
    leave_seat,
    mark_away,
    mark_back,
    read_status,
    show_life,
    take_seat,
    unmark_away,
)
from db.rater_package.tables import METADATA, PACKAGE, SEATS, TRIALS
from db.rater_package.votes_file import VotesFile, write_votes
from db.records.studies import StudyVote, VoteChoice

BUSY_TIMEOUT_S: Final = 30.0
"""How long a vote waits for the votes of others."""


def _now() -> datetime:
    return datetime.now(UTC)


class RaterPackage:
    """An open package. Made by :meth:`create` or :meth:`open`; close it, or use it in a ``with``.

    Attributes:
        folder: Where it lies.
        info: What all its trials share.
    """

    def __init__(self, folder: Path, info: PackageInfo, database: Database, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self.info = info
        self._database = database
        self._pictures = Pictures(folder)
        self._clock = clock

    @classmethod
    def create(
        cls,
        folder: Path,
        info: PackageInfo,
        trials: Sequence[PackageTrial],
        pictures: Iterable[bytes],
        database: str | None = None,
        *,
        clock: Callable[[], datetime] = _now,
    ) -> Self:
        """Make a package as a whole, or not at all.

        Args:
            folder: A new or empty folder.
            info: What all trials share.
            trials: Of all seats; each seat's positions are 0, 1, 2 …
            pictures: PNG files, one after the other; their names in trials are
                :func:`~db.rater_package.names.name_picture`'s.
            database: Address of an empty PostgreSQL database; by default a file in the folder.
            clock: For tests.

        Raises:
            PackageError: Something is in the place, or trials and pictures do not belong together.
            StoreError: Disk or database refuse.
        """
        contents = Contents(info, trials, {}, ())
        make_package(folder.absolute(), contents, pictures, database)
        return cls.open(folder, clock=clock)

    @classmethod
    def open(cls, folder: Path, *, clock: Callable[[], datetime] = _now) -> Self:
        """Open a package, whoever it comes from.

        Raises:
            PackageError: It is none, damaged or changed; pictures are missing, or something leads out of the folder.
            SchemaTooNewError: A later program made it.
            StoreError: It is locked, cannot be written, or its server cannot be reached.
        """
        folder = folder.absolute()
        check_layout(folder, None)
        info, address = read_manifest(folder)
        check_layout(folder, DATABASE if address is None else None)
        database = Database.at(folder, DATABASE, address, BUSY_TIMEOUT_S)
        try:
            names = database.check(info)
            package = cls(folder, info, database, clock)
            missing = package._pictures.find_missing(names)
            if missing:
                raise PackageError(
                    f"{len(missing)} pictures of {folder} are missing, {missing[0]} first; ask for the package again."
                )
        except BaseException:
            database.close()
            raise
        return package

    def close(self) -> None:
        """Close every connection. Closing twice is allowed."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def sit_down(self, rater: str, ticket: str | None = None) -> Place:
        """A rater's own seat, or a free one by lot; from now on no older window can vote at it.

        Args:
            rater: Pseudonym, 1 to 40 printable characters.
            ticket: Of a place the same window had: it goes on with that one, unless another window has the seat by now.

        Raises:
            SeatError: The pseudonym is none, there is no free seat, or the rater's is away.
            OldTicketError: Another window has sat down with this pseudonym since.
            VotesStoppedError: The study is closed.
        """
        with self._database.write() as connection:
            return take_seat(connection, rater, ticket, self._clock())

    def stand_up(self, place: Place) -> None:
        """Say that nobody is at the window any more; the seat stays the rater's."""
        with self._database.write() as connection:
            leave_seat(connection, place)

    def heartbeat(self, place: Place) -> None:
        """Say that the rater is still at the window; to be called each minute or so.

        Raises:
            OldTicketError: Another window has the seat.
        """
        with self._database.write() as connection:
            show_life(connection, place, self._clock())

    def next_trial(self, place: Place) -> PackageTrial | None:
        """The first trial of the seat without a vote; None when all are answered.

        Raises:
            OldTicketError: Another window has the seat.
            VotesStoppedError: The study is closed.
        """
        with self._database.read() as connection:
            check_ticket(connection, place)
            position = count_done(connection, place.seat)
            return self._find_trial(connection, place.seat, position)

    def peek(self, place: Place, position: int) -> PackageTrial | None:
        """A trial that comes later, so that its pictures can be read ahead; None after the last."""
        with self._database.read() as connection:
            return self._find_trial(connection, place.seat, position)

    def picture(self, name: str) -> bytes:
        """A picture's bytes.

        Raises:
            PackageError: It is missing, or is not what its name says.
        """
        return self._pictures.read(name)

    def vote(
        self,
        place: Place,
        trial: PackageTrial,
        choice: VoteChoice,
        *,
        response_s: float,
        focus_losses: int,
        enlarged_s: float,
        shown_at: datetime,
    ) -> None:
        """Store an answer; once this returns it is on the disk.

        Args:
            place: The rater's.
            trial: The one that is next.
            choice: The answer.
            response_s: From the first paint of both sides to the key; may be too short by
                :data:`~db.rater_package.voting.EXPOSURE_TOLERANCE_S`.
            focus_losses: Times the window was left meanwhile.
            enlarged_s: How long a view was enlarged.
            shown_at: When both sides were on screen.

        Raises:
            OldTicketError: Another window has the seat.
            VoteRefusedError: Out of turn, too soon, no answer of this study, or the study is closed.
            StoreError: Locked, disk full …; nothing was stored, and the same vote can be tried again.
        """
        now = self._clock()
        vote = StudyVote(
            trial.seat, trial.position, place.rater, choice, response_s, focus_losses, enlarged_s, shown_at, now
        )
        with self._database.write() as connection:
            voting.store_vote(connection, self.info, place, trial, vote)

    def votes(self) -> list[StudyVote]:
        """Every vote, by seat and position."""
        with self._database.read() as connection:
            return voting.read_votes(connection)

    def status(self) -> list[SeatStatus]:
        """How far every seat is."""
        with self._database.read() as connection:
            return read_status(connection, self._clock())

    def free_seat(self, seat: int) -> str:
        """Let somebody new continue at the seat of somebody who will not come back; gives who that is.

        Raises:
            SeatError: Nobody has it, it is away, or its rater is at the window.
        """
        with self._database.write() as connection:
            return free_seat(connection, seat, self._clock())

    def take_out(
        self,
        seats: Collection[int],
        folder: Path,
        on_done: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Make a package of some seats, to be handed to somebody; nobody can sit at them here meanwhile.

        The seats are marked away first, then copied, and the folder gets its name last. So nothing is ever twice: a
        program that is killed in between leaves seats away and no package, until they are taken back. What fails or is
        cancelled takes them back itself.

        Args:
            seats: Whom to take, with their raters and votes, if they have any.
            folder: A new or empty folder.
            on_done: Called with the pictures copied and in all; what it raises cancels.

        Raises:
            SeatError: A seat does not exist, is away already, or its rater is at the window.
            VotesStoppedError: The study is closed.
            PackageError: Something is in the place, or a picture is missing or changed.
            StoreError: Disk or database refuse.
        """
        folder = folder.absolute()
        check_free(folder)
        wanted = sorted(set(seats))
        if not wanted:
            raise SeatError("No seat was named to be handed out; name one.")
        with self._database.write() as connection:
            check_running(connection)
            mark_away(connection, wanted, folder.name, self._clock())
            contents = self._read_contents(connection, wanted)
        try:
            names = sorted({name for trial in contents.trials for name in (*trial.left, *trial.right)})
            make_package(folder, contents, self._iter_pictures(names, on_done))
        except BaseException:
            with self._database.write() as connection:
                unmark_away(connection, wanted)
            raise

    def take_back(self, seats: Collection[int], votes: Iterable[StudyVote] = ()) -> int:
        """Let seats that were handed out be worked at here again; gives the number of votes that came with them.

        Args:
            seats: Whose package came back, was lost, or was never made.
            votes: What was voted there; whoever sits down here goes on behind them.

        Raises:
            SeatError: A seat does not exist or was not handed out.
        """
        with self._database.write() as connection:
            stored = voting.continue_seats(connection, votes, seats)
            mark_back(connection, seats)
        return stored

    def write_votes(self, path: Path) -> int:
        """Write all votes into a file that can be sent to the researcher; gives their number.

        Raises:
            FormatError: The file cannot be written.
        """
        votes = self.votes()
        write_votes(path, VotesFile(self.info.study_uid, self.info.plan_hash, votes))
        return len(votes)

    def stop(self) -> None:
        """Take no votes any more; stopping again changes nothing."""
        with self._database.write() as connection:
            connection.execute(update(PACKAGE).where(PACKAGE.c.stopped_at.is_(None)).values(stopped_at=self._clock()))

    @property
    def is_stopped(self) -> bool:
        """Whether the study is closed to raters."""
        with self._database.read() as connection:
            return connection.execute(select(PACKAGE.c.stopped_at)).scalar_one() is not None

    @property
    def lies_in_folder(self) -> bool:
        """Whether its database is a file beside its pictures, not on a server."""
        return self._database.is_file

    def retire(self) -> bool:
        """Take no votes any more, provided that there is none: another package is to take this one's place.

        On a server the tables go too, to make room for it. With votes nothing changes, and the answer is False.

        Raises:
            SeatError: A seat was handed out, where there may be votes, or somebody is at the window.
        """
        with self._database.write() as connection:
            if voting.read_votes(connection):
                return False
            for seat in read_status(connection, self._clock()):
                get_idle(connection, seat.seat, self._clock())
            connection.execute(update(PACKAGE).where(PACKAGE.c.stopped_at.is_(None)).values(stopped_at=self._clock()))
            if not self._database.is_file:
                METADATA.drop_all(connection)
        return True

    def _read_contents(self, connection: Connection, wanted: Collection[int]) -> Contents:
        trials = connection.execute(select(TRIALS).where(TRIALS.c.seat.in_(wanted))).mappings()
        raters = connection.execute(select(SEATS.c.seat, SEATS.c.rater).where(SEATS.c.seat.in_(wanted)))
        return Contents(
            self.info,
            [build_trial(row, self._database.location) for row in trials],
            {row.seat: row.rater for row in raters if row.rater is not None},
            voting.read_votes(connection, wanted),
        )

    def _iter_pictures(self, names: Sequence[str], on_done: Callable[[int, int], None]) -> Iterator[bytes]:
        for done, name in enumerate(names):
            on_done(done, len(names))
            yield self.picture(name)
        on_done(len(names), len(names))

    def _find_trial(self, connection: Connection, seat: int, position: int) -> PackageTrial | None:
        statement = select(TRIALS).where(TRIALS.c.seat == seat, TRIALS.c.position == position)
        row = connection.execute(statement).one_or_none()
        return None if row is None else build_trial(row._mapping, self._database.location)
