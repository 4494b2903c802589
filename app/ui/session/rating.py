"""A rater at a package, without widgets: sits down, gets trials with their pictures, has answers stored.

The package is touched on one thread, pictures are decoded on another. An answer is kept until it is stored; the next
trial is only told after that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.session.clock import Looked
from app.ui.session.pictures import LoadedTrial, load_trial
from app.ui.tasks import Tasks
from db.rater_package.errors import OldTicketError, VotesStoppedError
from db.rater_package.package import RaterPackage
from db.rater_package.records import PackageTrial, Place
from db.records.studies import VoteChoice

log = logging.getLogger(__name__)

_HEARTBEAT_MS: Final = 60_000


class Rating(QObject):
    """One sitting.

    Args:
        package: Open; closed by :meth:`close`.
        tile_px: Device pixels a tile will have, for scaling ahead; 0 while that is not known.
        parent: The window.

    Signals:
        seated: :class:`Place`; :attr:`practice` is known.
        refused: ``str``, why the rater has no seat.
        arrived: :class:`LoadedTrial`, can be shown at once.
        stored: The answer is on the disk.
        not_stored: ``str``; the answer is kept, :meth:`retry` tries again.
        pictures_missing: ``str``; nothing was answered, :meth:`retry` looks again.
        over: ``str``, why this window takes no answers any more.
        done: Every trial of the seat is answered.
        crashed: ``Exception``, a bug.
    """

    seated = Signal(object)
    refused = Signal(str)
    arrived = Signal(object)
    stored = Signal()
    not_stored = Signal(str)
    pictures_missing = Signal(str)
    over = Signal(str)
    done = Signal()
    crashed = Signal(object)

    def __init__(self, package: RaterPackage, tile_px: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.package = package
        self.place: Place | None = None
        self.practice = 0
        self._tile_px = tile_px
        self._writes = Tasks("answers", self)
        self._reads = Tasks("pictures", self)
        self._trial: PackageTrial | None = None
        self._ahead: LoadedTrial | None = None
        self._loading: int | None = None
        self._wanted = False
        self._retry: Callable[[], None] | None = None
        self._unstored = False
        self._closed = False
        self._heart = QTimer(self)
        self._heart.setInterval(_HEARTBEAT_MS)
        self._heart.timeout.connect(self._beat)
        for tasks in (self._writes, self._reads):
            tasks.crashed.connect(self.crashed)

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self._writes.busy or self._reads.busy

    @property
    def unstored(self) -> bool:
        """Whether an answer waits for being stored."""
        return self._unstored

    def sit_down(self, rater: str) -> None:
        """Take the rater's seat, or a free one."""
        package = self.package

        def take() -> tuple[Place, int, PackageTrial | None]:
            place = package.sit_down(rater)
            practice = 0
            while (trial := package.peek(place, practice)) is not None and trial.practice_answer is not None:
                practice += 1
            return place, practice, package.next_trial(place)

        self._writes.run(take, self._on_seated, lambda error: self.refused.emit(str(error)))

    def ask_next(self) -> None:
        """Have the next trial told as soon as its pictures are there."""
        self._wanted = True
        self._deliver()

    def vote(self, trial: PackageTrial, choice: VoteChoice, looked: Looked) -> None:
        """Store an answer; kept until that has happened."""
        self._unstored = True
        self._store(trial, choice, looked, again=False)

    def retry(self) -> None:
        """Try again what went wrong last."""
        retry, self._retry = self._retry, None
        if retry is not None:
            retry()

    def write_votes(self, path: Path, on_done: Callable[[], None], on_error: Callable[[Exception], None]) -> None:
        """Write the votes to a file to send back."""
        self._writes.run(lambda: self.package.write_votes(path), lambda _none: on_done(), on_error)

    def close(self) -> None:
        """Store what is on its way, leave the seat to its rater, close the package."""
        if self._closed:
            return
        self._closed = True
        self._heart.stop()
        place = self.place
        if place is not None:
            # A window that has lost its seat, or its disk, leaves all the same.
            self._writes.run(lambda: self.package.stand_up(place), None, lambda error: log.warning("%s", type(error)))
        self._reads.close()
        self._writes.close()
        self.package.close()

    def _on_seated(self, taken: tuple[Place, int, PackageTrial | None]) -> None:
        self.place, self.practice, self._trial = taken
        log.info("seat %d: %d of %d trials are answered", self.place.seat + 1, self.place.done, self.place.trials)
        self._heart.start()
        self.seated.emit(self.place)
        self._load(self._trial)

    def _store(self, trial: PackageTrial, choice: VoteChoice, looked: Looked, *, again: bool) -> None:
        place, package = self._place(), self.package

        def store() -> PackageTrial | None:
            if again:
                # The answer may have been stored although the word of it was lost.
                following = package.next_trial(place)
                if following is None or following.position > trial.position:
                    return following
            package.vote(
                place,
                trial,
                choice,
                response_s=looked.response_s,
                focus_losses=looked.focus_losses,
                enlarged_s=looked.enlarged_s,
                shown_at=looked.shown_at,
            )
            return package.next_trial(place)

        def on_error(error: Exception) -> None:
            if self._ends(error):
                return
            log.error("seat %d, trial %d: the answer is not stored yet", trial.seat + 1, trial.position + 1)
            self._retry = lambda: self._store(trial, choice, looked, again=True)
            self.not_stored.emit(str(error))

        self._writes.run(store, self._on_stored, on_error)

    def _on_stored(self, following: PackageTrial | None) -> None:
        self._unstored = False
        self._trial = following
        self._load(following)
        self.stored.emit()

    def _load(self, trial: PackageTrial | None) -> None:
        """Decode a trial's pictures unless they are, or are about to be."""
        if trial is None or self._loading == trial.position:
            return
        if self._ahead is not None and self._ahead.trial == trial:
            return
        views, side_px = self.package.info.views, self._tile_px()
        self._loading = trial.position

        def on_error(error: Exception) -> None:
            self._loading = None
            if trial == self._trial:
                self._retry = lambda: self._load(trial)
                self.pictures_missing.emit(str(error))

        self._reads.run(lambda: load_trial(self.package.picture, trial, views, side_px), self._on_loaded, on_error)

    def _on_loaded(self, loaded: LoadedTrial) -> None:
        self._loading = None
        self._ahead = loaded
        self._deliver()
        if self._trial is not None and loaded.trial.position < self._trial.position:
            self._load(self._trial)

    def _deliver(self) -> None:
        if not self._wanted or self._writes_pending:
            return
        if self._trial is None:
            self._wanted = False
            self.done.emit()
            return
        ahead = self._ahead
        if ahead is None or ahead.trial != self._trial:
            self._load(self._trial)
            return
        self._wanted = False
        self._ahead = None
        self.arrived.emit(ahead)
        self._look_ahead(ahead.trial)

    @property
    def _writes_pending(self) -> bool:
        return self.place is None or self._unstored

    def _look_ahead(self, trial: PackageTrial) -> None:
        place, package = self._place(), self.package
        # What goes wrong here is told when the trial's turn has come.
        self._writes.run(
            lambda: package.peek(place, trial.position + 1),
            self._load,
            lambda error: log.info("seat %d: no look ahead (%s)", trial.seat + 1, type(error).__name__),
        )

    def _beat(self) -> None:
        place = self._place()
        self._writes.run(lambda: self.package.heartbeat(place), None, self._on_no_heartbeat)

    def _on_no_heartbeat(self, error: Exception) -> None:
        if not self._ends(error):
            log.warning("seat %d: no heartbeat (%s)", self._place().seat + 1, type(error).__name__)

    def _ends(self, error: Exception) -> bool:
        if not isinstance(error, OldTicketError | VotesStoppedError):
            return False
        self._heart.stop()
        self._wanted = False
        self._unstored = False
        self.over.emit(str(error))
        return True

    def _place(self) -> Place:
        assert self.place is not None
        return self.place
