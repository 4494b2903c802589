"""The lower edge: how far the project is, what was saved last, what runs."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QWidget

from app.services.progress import Pace
from db.records import ChangeSet, PersonState

_SPACING = 8


class StatusLine(QStatusBar):
    """Progress on the left, the last commit on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._bar.setAccessibleName(self.tr("Share of people decided"))
        self._progress = QLabel(self)
        self._pace = QLabel(self)
        self._pace.setToolTip(self.tr("Your own day, and people an hour of your working time without breaks"))
        self._work = QLabel(self)
        self._saved = QLabel(self)
        self.addWidget(self._bar)
        self.addWidget(self._progress)
        self.addWidget(self._pace)
        self.addPermanentWidget(self._work)
        self.addPermanentWidget(self._saved)
        self.set_active(False)

    @property
    def progress_text(self) -> str:
        """Progress in words."""
        return self._progress.text()

    @property
    def pace_text(self) -> str:
        """The annotator's day in words, empty where there is no room."""
        return "" if self._pace.isHidden() else self._pace.text()

    @property
    def saved_text(self) -> str:
        """The last commit in words."""
        return self._saved.text()

    def set_active(self, active: bool) -> None:
        """Show or blank everything: there is a project, or none."""
        self._bar.setVisible(active)
        for label in (self._progress, self._pace, self._work, self._saved):
            label.setText("")

    def show_counts(self, counts: dict[PersonState, int]) -> None:
        """Progress of the whole project."""
        text, done, total = describe_progress(counts)
        self._progress.setText(text)
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(done)

    def show_pace(self, pace: Pace) -> None:
        """The annotator's own day, where there is room for it."""
        rate = "" if pace.rate is None else self.tr("  ·  {0:,.0f} / h").format(pace.rate)
        self._pace.setText(self.tr("you: {0:,} today{1}").format(pace.today, rate) if pace.today else "")
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """The pace gives way to what is more urgent."""
        super().resizeEvent(event)
        self._make_room()

    def show_saved(self, changeset: ChangeSet) -> None:
        """Every change is on the disk by the time it is told."""
        if changeset.outside:
            self.show_outside(changeset)
            return
        verb = {"do": "", "undo": self.tr("undone: "), "redo": self.tr("done again: ")}[changeset.kind]
        time = datetime.now().strftime("%H:%M:%S")
        self._saved.setText(self.tr("Saved {0}  ·  {1}{2}").format(time, verb, changeset.label))

    def show_outside(self, changeset: ChangeSet) -> None:
        """Another program has changed the project."""
        time = datetime.now().strftime("%H:%M:%S")
        self._saved.setText(self.tr("Changed by another program {0}  ·  {1}").format(time, changeset.label))

    def forget_saved(self) -> None:
        """Somebody else works from here on, who need not know what was done."""
        self._saved.setText("")

    def show_fits(self, count: int) -> None:
        """Fits under way."""
        if count == 0:
            self._work.setText("")
        elif count == 1:
            self._work.setText(self.tr("Fitting…"))
        else:
            self._work.setText(self.tr("Fitting {0} people…").format(count))

    def _make_room(self) -> None:
        shown = [child for child in self.findChildren(QWidget) if child.parent() is self and not child.isHidden()]
        needed = sum(child.sizeHint().width() + _SPACING for child in shown if child is not self._pace)
        wanted = self._pace.sizeHint().width() + _SPACING
        self._pace.setVisible(bool(self._pace.text()) and needed + wanted <= self.width())


def describe_progress(counts: dict[PersonState, int]) -> tuple[str, int, int]:
    """Progress in words, the number decided, the number that can be decided.

    People with too few keypoints for a fit are not waited for, but named.
    """
    if not any(counts.values()):
        return "nobody is in this project yet", 0, 0
    decided = counts["accepted"] + counts["rejected"] + counts["second_look"]
    total = sum(counts.values()) - counts["unfittable"]
    parts = [f"{decided:,} of {total:,} decided", f"{counts['accepted']:,} accepted"]
    titles: tuple[tuple[PersonState, str], ...] = (
        ("rejected", "rejected"),
        ("second_look", "for a second look"),
        ("in_review", "waiting for a second reviewer"),
        ("disputed", "disputed"),
        ("stale", "stale"),
        ("unfittable", "with too few keypoints"),
    )
    parts += [f"{counts[state]:,} {title}" for state, title in titles if counts[state]]
    return "  ·  ".join(parts), decided, total
