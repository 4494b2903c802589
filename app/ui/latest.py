"""Latest wins: of many requests for the same place only the newest is worth doing."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Channel = TypeVar("Channel", bound=Hashable)
Item = TypeVar("Item")


class LatestWins(Generic[Channel, Item]):
    """At most one item in flight for each channel, at most one waiting; a newer one takes the waiting one's place."""

    def __init__(self) -> None:
        self._in_flight: set[Channel] = set()
        self._waiting: dict[Channel, Item] = {}

    def offer(self, channel: Channel, item: Item) -> Item | None:
        """Ask for an item; returned when it can start now, None when it waits."""
        if channel in self._in_flight:
            self._waiting[channel] = item
            return None
        self._in_flight.add(channel)
        return item

    def finish(self, channel: Channel) -> Item | None:
        """The item in flight has ended; the one to start now, if any waits."""
        item = self._waiting.pop(channel, None)
        if item is None:
            self._in_flight.discard(channel)
        return item

    def drop_waiting(self, channel: Channel) -> None:
        """Forget the waiting item: nobody wants it any more."""
        self._waiting.pop(channel, None)

    def is_idle(self) -> bool:
        """Whether nothing is in flight."""
        return not self._in_flight
