"""What raters' work can run into besides the troubles of any store; one sentence that names the item and the cure."""

from __future__ import annotations

from db.errors import StoreError


class PackageError(StoreError):
    """A folder is no rater package, or not one this program opens."""


class SeatError(StoreError):
    """A rater cannot have a seat, or a seat cannot be given, freed or taken."""


class OldTicketError(SeatError):
    """Somebody has sat down at the seat since: this window's votes are not taken any more."""


class VoteRefusedError(StoreError):
    """A vote was not stored: out of turn, too soon, not an answer of this study."""


class VotesStoppedError(VoteRefusedError):
    """The study is closed: no vote is taken any more."""
