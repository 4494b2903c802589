"""Looks at a design while it is being made: faults, power and who can take part, beside the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.services.study.candidates import Candidates, find_candidates
from app.study.checks import find_faults, find_warnings
from app.study.design import StudyDesign
from app.study.power import PowerEstimate, estimate_power
from app.ui.context import Context
from app.ui.latest import LatestWins
from app.ui.study.design_words import describe_catches
from app.ui.tasks import Tasks

PAUSE_MS: Final = 150


@dataclass(frozen=True, slots=True)
class DesignFound:
    """What was found about a design.

    Attributes:
        design: The design.
        faults: What cannot be.
        warnings: What a reviewer could object to.
        estimate: Width and power; None with faults.
        catches: How likely somebody passes who does not look.
    """

    design: StudyDesign
    faults: tuple[str, ...]
    warnings: tuple[str, ...]
    estimate: PowerEstimate | None
    catches: str


class DesignChecks(QObject):
    """Asks as often as people edit, and tells about the newest design only.

    Args:
        context: Of the open project; people are counted on its reading thread.
        tasks: Thread of the arithmetic.

    Signals:
        found: :class:`DesignFound`.
        counted: ``(StudyDesign, Candidates)``.
        not_counted: ``(StudyDesign, str)``, why people cannot be counted, a sentence.
    """

    found = Signal(object)
    counted = Signal(object, object)
    not_counted = Signal(object, str)

    def __init__(self, context: Context, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._tasks = tasks
        self._queue: LatestWins[str, StudyDesign] = LatestWins()
        self._wanted: StudyDesign | None = None
        self._counted_for: object = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether something is still to be told."""
        return self._pause.isActive() or not self._queue.is_idle()

    def ask(self, design: StudyDesign) -> None:
        """Look at a design, once people pause."""
        self._wanted = design
        self._pause.start()

    def ask_at_once(self, design: StudyDesign) -> None:
        """Look at a design now, and count people anew."""
        self._wanted = design
        self._counted_for = None
        self._pause.stop()
        self._begin()

    def stop(self) -> None:
        """Nobody wants to know any more."""
        self._pause.stop()
        self._wanted = None
        for channel in ("look", "count"):
            self._queue.drop_waiting(channel)

    def _begin(self) -> None:
        design = self._wanted
        if design is None:
            return
        if (ready := self._queue.offer("look", design)) is not None:
            self._look(ready)
        matters = design.people, design.methods, design.primary
        if matters != self._counted_for:
            self._counted_for = matters
            if (ready := self._queue.offer("count", design)) is not None:
                self._count(ready)

    def _look(self, design: StudyDesign) -> None:
        self._tasks.run(lambda: look_at_design(design), self._on_looked)

    def _on_looked(self, found: DesignFound) -> None:
        if (waiting := self._queue.finish("look")) is not None:
            self._look(waiting)
        elif self._wanted is not None:
            self.found.emit(found)

    def _count(self, design: StudyDesign) -> None:
        project = self._context.project
        self._context.reads.run(
            lambda: find_candidates(project, design),
            lambda candidates: self._on_counted(design, candidates),
            lambda error: self._on_counted(design, str(error)),
        )

    def _on_counted(self, design: StudyDesign, told: Candidates | str) -> None:
        if (waiting := self._queue.finish("count")) is not None:
            self._count(waiting)
        elif self._wanted is None:
            return
        elif isinstance(told, str):
            self.not_counted.emit(design, told)
        else:
            self.counted.emit(design, told)


def look_at_design(design: StudyDesign) -> DesignFound:
    """Everything that can be said about a design without the project."""
    faults = tuple(find_faults(design))
    estimate = None if faults else estimate_power(design)
    return DesignFound(design, faults, tuple(find_warnings(design)), estimate, describe_catches(design))
