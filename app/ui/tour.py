"""The first-run tour: seven steps at the real window, each goes on when it has been done or with Enter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.services.errors import ServiceError
from app.services.person_view import load_person_view
from app.services.project import Project
from app.ui.action_set import ActionSet
from app.ui.keymap import key_hint
from app.ui.pages.annotate import AnnotatePage
from app.ui.tour_bubble import TourBubble, TourFrame
from db.records import PersonId, RevisionId

_LOOK_MS = 150
_LOOKED_AT = 40
_JOINT_SIDE = 44
_DRAG = 2
_AT_THE_JOINT = (1, _DRAG)
"""Steps at which the bubble keeps clear of the person."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One step.

    Attributes:
        title: A few words.
        text: What to do and why.
        target: What is pointed at, in the window's pixels; None for nothing.
        is_done: Whether the user has done it.
        next_text: On the button; the action it stands for runs first, if one is named.
        action_id: Action that the button and Enter run.
    """

    title: str
    text: str
    target: Callable[[], QRect | None]
    is_done: Callable[[], bool] = lambda: False
    next_text: str = "Next (Enter)"
    action_id: str = ""


class Tour(QObject):
    """Runs on the page of a project with at least one fit.

    Args:
        window: The bubble floats over it.
        page: Of the open project.
        actions: Of the window.

    Signals:
        ended: The last step is over, or the user left.
    """

    ended = Signal()

    def __init__(self, window: QWidget, page: AnnotatePage, actions: ActionSet) -> None:
        super().__init__(page)
        self._window = window
        self._page = page
        self._actions = actions
        self._person: PersonId | None = None
        self._joint: int | None = None
        self._revision_id: RevisionId | None = None
        self._fit_id: int | None = None
        self._index = -1
        self.frame = TourFrame(window)
        self.bubble = TourBubble(window)
        self.bubble.next_wanted.connect(self.go_on)
        self.bubble.leave_wanted.connect(self.leave)
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_MS)
        self._clock.timeout.connect(self._look)
        self._steps = self._build_steps()

    @property
    def step(self) -> int:
        """Number of the step on show, from 0; -1 before the first."""
        return self._index

    @property
    def count(self) -> int:
        """Number of steps."""
        return len(self._steps)

    @property
    def joint(self) -> int | None:
        """The joint that the tour has repaired."""
        return self._joint

    def start(self) -> None:
        """Look for the person with the worst joint, show it, and begin."""
        project = self._page.context.project
        self._page.context.reads.run(lambda: find_worst_joint(project), self._on_found)

    def go_on(self) -> None:
        """Run what the button stands for, then the next step."""
        action_id = self._steps[self._index].action_id
        if action_id:
            self._actions[action_id].trigger()
            return  # the step ends when it is seen to be done
        self._show(self._index + 1)

    def leave(self) -> None:
        """End the tour."""
        if not self._clock.isActive():
            return
        self._clock.stop()
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        for widget in (self.bubble, self.frame):
            widget.hide()
            widget.deleteLater()
        self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Qt's hook on every event: while the window is in front, Enter goes on and Esc leaves."""
        if not isinstance(event, QKeyEvent) or QApplication.activeWindow() is not self._window:
            return super().eventFilter(watched, event)
        key = event.key()
        ours = key == Qt.Key.Key_Escape or (
            key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self._steps[self._index].action_id
        )
        if not ours or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            if key == Qt.Key.Key_Escape:
                self.leave()
            else:
                self.go_on()
        return event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)

    def _on_found(self, found: tuple[PersonId, int] | None) -> None:
        if found is None:
            self._page.tell(self.tr("The tour needs a person with a fit; take it on the demo project."), "warning")
            self.ended.emit()
            return
        self._person, self._joint = found
        self._page.context.set_person(self._person)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        self._clock.start()
        self._show(0)

    def _show(self, index: int) -> None:
        if index >= len(self._steps):
            self.leave()
            return
        self._index = index
        view = self._page.view
        if view is not None and index <= _DRAG:
            self._revision_id = view.revision.id
            self._fit_id = None if view.fit is None else view.fit.id
        step = self._steps[index]
        number = self.tr("{0} of {1}").format(index + 1, len(self._steps))
        self.bubble.say(step.title, step.text, number, self.tr(step.next_text))
        self._place()
        self.frame.raise_()
        self.bubble.show()
        self.bubble.raise_()

    def _look(self) -> None:
        """Go on when the step has been done; follow what is pointed at."""
        if self._steps[self._index].is_done():
            self._show(self._index + 1)
        else:
            self._place()

    def _place(self) -> None:
        target = self._steps[self._index].target()
        self.frame.setVisible(target is not None)
        if target is not None:
            self.frame.setGeometry(target.adjusted(-4, -4, 4, 4).intersected(self._window.rect()))
        self.bubble.point_at(target, self._person_rect() if self._index in _AT_THE_JOINT else None)

    # ---- what is pointed at, and what has been done

    def _rect(self, widget: QWidget) -> QRect | None:
        if not widget.isVisible():
            return None
        return QRect(widget.mapTo(self._window, QPoint(0, 0)), widget.size())

    def _person_rect(self) -> QRect | None:
        """The person on the canvas; the joint belongs somewhere in there."""
        view = self._page.view
        if view is None or view.person.id != self._person:
            return None
        x, y, width, height = view.person.bbox_xywh
        low = self._page.canvas.viewport_map().to_screen(x, y)
        high = self._page.canvas.viewport_map().to_screen(x + width, y + height)
        corners = (self._page.canvas.viewport().mapTo(self._window, QPoint(round(u), round(v))) for u, v in (low, high))
        return QRect(*corners)

    def _joint_rect(self) -> QRect | None:
        view, joint = self._page.view, self._joint
        if view is None or joint is None or view.person.id != self._person or view.revision.keypoints[joint, 2] == 0:
            return self._rect(self._page.canvas)
        return self._around(*map(float, view.revision.keypoints[joint, :2]))

    def _around(self, x_px: float, y_px: float) -> QRect:
        x, y = self._page.canvas.viewport_map().to_screen(x_px, y_px)
        place = QRect(0, 0, _JOINT_SIDE, _JOINT_SIDE)
        place.moveCenter(self._page.canvas.viewport().mapTo(self._window, QPoint(round(x), round(y))))
        return place

    def _is_moved(self) -> bool:
        return self._page.view is not None and self._page.view.revision.id != self._revision_id

    def _is_fitted(self) -> bool:
        view = self._page.view
        return view is not None and not view.stale and view.fit is not None and view.fit.id != self._fit_id

    def _is_decided(self) -> bool:
        view = self._page.view
        return view is not None and (view.person.id != self._person or view.state == "accepted")

    def _build_steps(self) -> tuple[_Step, ...]:
        page = self._page
        refit, accept = key_hint("fit.refit"), key_hint("decide.accept")
        return (
            _Step(
                self.tr("The people"),
                self.tr(
                    "Everybody in the project, with a state each. Your job: look at each person once, repair what is "
                    "wrong, then accept or reject. Everything is saved as you do it."
                ),
                lambda: self._rect(page.people_column),
            ),
            _Step(
                self.tr("A joint in the wrong place"),
                self.tr("A line leads from the joint in the frame to where the body puts it. Click the joint."),
                self._joint_rect,
                lambda: self._page.canvas.selected_joint() == self._joint,
            ),
            _Step(
                self.tr("Drag it"),
                self.tr(
                    "Drag the joint to where it belongs in the picture; the body follows your hand. {0} takes it back."
                ).format(key_hint("edit.undo")),
                self._joint_rect,
                self._is_moved,
            ),
            _Step(
                self.tr("A new fit"),
                self.tr(
                    "When you let go the body is fitted to the new place. After other edits the fit is stale, made "
                    "from the old joints: then press {0}."
                ).format(refit),
                lambda: self._rect(self._window.findChild(QWidget, "refit") or page.canvas),
                self._is_fitted,
            ),
            _Step(
                self.tr("Look from the side"),
                self.tr(
                    "A body can cover the person in the picture and still lean or bend the wrong way in depth. "
                    "So always look here before you decide."
                ),
                lambda: self._rect(page.column.side_view),
            ),
            _Step(
                self.tr("Accept"),
                self.tr("Front and side are right? {0} accepts and shows the next undecided person.").format(accept),
                lambda: self._rect(self._window.findChild(QWidget, "accept") or page.canvas),
                self._is_decided,
                next_text=self.tr("Accept ({0})").format(accept),
                action_id="decide.accept",
            ),
            _Step(
                self.tr("That is all it takes"),
                self.tr(
                    "{0} opens the handbook, {1} lists every key. Change the keys in Edit, Keyboard shortcuts. "
                    "The demo has three more faults to find."
                ).format(key_hint("help.handbook"), key_hint("help.shortcuts")),
                lambda: None,
                next_text="Done (Enter)",
            ),
        )


def find_worst_joint(project: Project) -> tuple[PersonId, int] | None:
    """The undecided person, among the first, whose worst joint is farthest from the body, and that joint.

    Distances are compared as shares of the person's box. Decided people are taken where nobody else is left.
    """
    with project.store.read() as reader:
        people = [person.id for person, _ in zip(reader.people.iter_all(), range(_LOOKED_AT), strict=False)]
    best: tuple[bool, float, PersonId, int] | None = None
    for person_id in people:
        try:
            view = load_person_view(project, person_id)
        except ServiceError:
            continue  # without keypoints there is nothing to repair
        if view.fit is None or view.stale or not np.isfinite(view.residuals_px).any():
            continue
        joint = int(np.nanargmax(view.residuals_px))
        share = float(view.residuals_px[joint]) / max(view.person.bbox_xywh[2:])
        entry = (view.state == "fitted", share, person_id, joint)
        if best is None or entry[:2] > best[:2]:
            best = entry
    return None if best is None else (best[2], best[3])
