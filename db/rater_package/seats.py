"""Who sits where: one rater one seat, one window a seat, and nobody at a seat that was handed out."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from db.rater_package.errors import OldTicketError, SeatError, VotesStoppedError
from db.rater_package.names import clean_pseudonym, fold_pseudonym
from db.rater_package.records import Place, SeatStatus
from db.rater_package.tables import PACKAGE, SEATS, VOTES

LEASE: Final = timedelta(minutes=5)
"""A window that has shown no sign of life for so long is not there any more."""
_FREE = SEATS.c.rater_key.is_(None) & SEATS.c.away.is_(None)


def take_seat(connection: Connection, name: str, ticket: str | None, now: datetime) -> Place:
    """The rater's own seat, or a free one, within a change."""
    rater = clean_pseudonym(name)
    check_running(connection)
    key = fold_pseudonym(rater)
    row = connection.execute(select(SEATS).where(SEATS.c.rater_key == key)).one_or_none()
    if row is None:
        seat = _choose_seat(connection, rater, key)
    else:
        seat, rater = row.seat, row.rater
        if row.away is not None:
            raise SeatError(
                f"The seat of '{rater}' was handed out as '{row.away}'; go on in that package, or ask the researcher to"
                " take it back."
            )
        if ticket is not None and ticket != row.ticket:
            raise _old_ticket(rater)
    fresh = ticket if row is not None and ticket is not None else secrets.token_hex(16)
    values = {"rater": rater, "rater_key": key, "ticket": fresh, "seen_at": now}
    connection.execute(update(SEATS).where(SEATS.c.seat == seat).values(**values))
    trials = connection.execute(select(SEATS.c.trials).where(SEATS.c.seat == seat)).scalar_one()
    return Place(seat, rater, fresh, trials, count_done(connection, seat))


def leave_seat(connection: Connection, place: Place) -> None:
    """Nobody is at the window any more; the seat stays the rater's. Nothing happens if another window has it."""
    connection.execute(update(SEATS).where(*_held_by(place)).values(seen_at=None))


def show_life(connection: Connection, place: Place, now: datetime) -> None:
    """Note that the window is still there.

    Raises:
        OldTicketError: Another window has the seat.
    """
    if connection.execute(update(SEATS).where(*_held_by(place)).values(seen_at=now)).rowcount != 1:
        raise _old_ticket(place.rater)


def check_ticket(connection: Connection, place: Place) -> None:
    """Raise OldTicketError unless a place is the newest of its seat, VotesStoppedError if the study is closed."""
    check_running(connection)
    if connection.execute(select(SEATS.c.seat).where(*_held_by(place))).one_or_none() is None:
        raise _old_ticket(place.rater)


def check_running(connection: Connection) -> None:
    """Raise VotesStoppedError if the study is closed."""
    if connection.execute(select(PACKAGE.c.stopped_at)).scalar_one() is not None:
        raise VotesStoppedError("The study is closed and takes no votes any more; thank you for taking part.")


def count_done(connection: Connection, seat: int) -> int:
    """Trials of a seat that have been answered: votes come in order, so it is the next position too."""
    newest = connection.execute(select(func.max(VOTES.c.position)).where(VOTES.c.seat == seat)).scalar_one()
    return 0 if newest is None else int(newest) + 1


def read_status(connection: Connection, now: datetime) -> list[SeatStatus]:
    """Every seat, in order."""
    votes = (
        select(VOTES.c.seat, func.count().label("done"), func.max(VOTES.c.voted_at).label("last"))
        .group_by(VOTES.c.seat)
        .subquery()
    )
    statement = (
        select(SEATS, func.coalesce(votes.c.done, 0).label("done"), votes.c.last)
        .outerjoin(votes, votes.c.seat == SEATS.c.seat)
        .order_by(SEATS.c.seat)
    )
    return [
        SeatStatus(
            seat=row.seat,
            rater=row.rater,
            trials=row.trials,
            done=row.done,
            present=is_present(row, now),
            away=row.away,
            last_vote_at=row.last,
        )
        for row in connection.execute(statement)
    ]


def free_seat(connection: Connection, seat: int, now: datetime) -> str:
    """Let somebody new continue at a seat; gives who had it.

    Raises:
        SeatError: There is no such seat, nobody has it, it is away, or its rater is at the window.
    """
    row = get_idle(connection, seat, now)
    if row.rater is None:
        raise SeatError(f"Nobody has seat {seat + 1}; it is free already.")
    connection.execute(
        update(SEATS).where(SEATS.c.seat == seat).values(rater=None, rater_key=None, ticket=None, seen_at=None)
    )
    return str(row.rater)


def mark_away(connection: Connection, seats: Collection[int], label: str, now: datetime) -> None:
    """Nobody can sit at these seats until they are taken back.

    Raises:
        SeatError: One does not exist, is away already, or its rater is at the window.
    """
    for seat in seats:
        get_idle(connection, seat, now)
    connection.execute(update(SEATS).where(SEATS.c.seat.in_(seats)).values(away=label, ticket=None, seen_at=None))


def unmark_away(connection: Connection, seats: Collection[int]) -> None:
    """The seats were not handed out after all."""
    connection.execute(update(SEATS).where(SEATS.c.seat.in_(seats)).values(away=None))


def mark_back(connection: Connection, seats: Collection[int]) -> None:
    """The seats are here again; whoever voted last at one has it.

    Raises:
        SeatError: One does not exist or was not away.
    """
    for seat in seats:
        if _get_seat(connection, seat).away is None:
            raise SeatError(f"Seat {seat + 1} was not handed out.")
        newest = select(VOTES.c.rater).where(VOTES.c.seat == seat).order_by(VOTES.c.position.desc()).limit(1)
        rater = connection.execute(newest).scalar_one_or_none()
        values = {"rater": rater, "rater_key": None if rater is None else fold_pseudonym(rater), "away": None}
        elsewhere = select(SEATS.c.seat).where(SEATS.c.rater_key == values["rater_key"], SEATS.c.seat != seat)
        if rater is not None and connection.execute(elsewhere).first() is not None:
            values.update(rater=None, rater_key=None)
        connection.execute(update(SEATS).where(SEATS.c.seat == seat).values(values))


def get_idle(connection: Connection, seat: int, now: datetime) -> Any:
    """The row of a seat that is here and that nobody sits at.

    Raises:
        SeatError: There is no such seat, it is away, or its rater is at the window.
    """
    row = _get_seat(connection, seat)
    if row.away is not None:
        raise SeatError(f"Seat {seat + 1} was handed out as '{row.away}'; take it back first.")
    if is_present(row, now):
        raise SeatError(f"'{row.rater}' is working at seat {seat + 1} right now; wait until the window is closed.")
    return row


def is_present(row: Any, now: datetime) -> bool:
    """Whether somebody is at the window of a seat."""
    return row.seen_at is not None and now - row.seen_at <= LEASE


def _choose_seat(connection: Connection, rater: str, key: str) -> int:
    answered = select(func.count()).where(VOTES.c.seat == SEATS.c.seat).scalar_subquery()
    free = {
        int(seat): done < trials
        for seat, trials, done in connection.execute(select(SEATS.c.seat, SEATS.c.trials, answered).where(_FREE))
    }
    # Whoever has voted at a seat that was freed since would judge the same items again at another.
    for seat, name in connection.execute(select(VOTES.c.seat, VOTES.c.rater).distinct()):
        if fold_pseudonym(name) == key:
            if seat in free:
                return int(seat)
            raise SeatError(
                f"'{rater}' has voted at seat {seat + 1}, which somebody else has by now; one rater works at one"
                " seat, so that nobody judges the same twice."
            )
    if unfinished := sorted(seat for seat, has_trials in free.items() if has_trials):
        return secrets.choice(unfinished)
    raise SeatError(
        f"There is no free seat for '{rater}': every seat has its rater; ask the researcher, who can free the seat of"
        " somebody who will not come back."
    )


def _get_seat(connection: Connection, seat: int) -> Any:
    row = connection.execute(select(SEATS).where(SEATS.c.seat == seat)).one_or_none()
    if row is None:
        last = connection.execute(select(func.max(SEATS.c.seat))).scalar_one()
        raise SeatError(f"There is no seat {seat + 1} in this package; its last one is {last + 1}.")
    return row


def _held_by(place: Place) -> tuple[Any, ...]:
    return SEATS.c.seat == place.seat, SEATS.c.ticket == place.ticket, SEATS.c.away.is_(None)


def _old_ticket(rater: str) -> OldTicketError:
    return OldTicketError(
        f"'{rater}' has sat down in another window since, or the seat was given away; this window takes no votes any"
        " more, close it."
    )
