"""Where messages to a running job wait: the newest update wins, and an end is final."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

from fitting.spec import LiveEnd, LiveMessage, LiveUpdate

Taken: TypeAlias = LiveMessage | None


class Inbox:
    """Messages to one live session. Any thread may put; the session takes."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._update: LiveUpdate | None = None
        self._end: LiveEnd | None = None

    def put(self, message: LiveMessage) -> None:
        """Leave a message; an update replaces one that was not taken yet."""
        with self._arrived:
            if isinstance(message, LiveEnd):
                self._end = message
            else:
                self._update = message
            self._arrived.notify_all()

    def wake(self) -> None:
        """Let whoever waits look about: the job may have been cancelled."""
        with self._arrived:
            self._arrived.notify_all()

    def take(self) -> Taken:
        """What is new, once: an end before an update, which then no longer matters; None when there is nothing."""
        with self._arrived:
            return self._take()

    def wait(self, is_cancelled: Callable[[], bool]) -> Taken:
        """Sleep until there is something to take, or the job is cancelled (None)."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._update is not None or self._end is not None or is_cancelled())
            return self._take()

    def _take(self) -> Taken:
        if self._end is not None:
            return self._end
        update, self._update = self._update, None
        return update
