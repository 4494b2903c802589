"""Pages in the place of the review page: opened and left by one key, one of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.ui.actions import get_action

if TYPE_CHECKING:
    from app.ui.review.attachments import Place


class SidePage(QWidget):
    """A page that Esc leaves.

    Signals:
        left: Back to the person.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.left)


class SideDoor(QObject):
    """Shows a page instead of the review page, and goes back.

    While a page is open the keys of the review do nothing: nobody decides on a person who is not on screen.

    Signals:
        opened: The page is on screen.
        closed: The person is on screen again.
    """

    opened = Signal()
    closed = Signal()

    def __init__(self, place: Place, page: SidePage, parent: QObject) -> None:
        super().__init__(parent)
        self._place = place
        self._page = page
        self._resting: list[str] = []
        self._is_open = False
        page.left.connect(self.leave)

    @property
    def is_open(self) -> bool:
        """Whether the page is on screen."""
        return self._is_open

    def toggle(self) -> None:
        """Open the page, or go back to the person."""
        if self._is_open:
            self.leave()
        else:
            self.open()

    def open(self) -> None:
        """Show the page; another one that is open is left first."""
        stack = self._place.page.parentWidget()
        if self._is_open or not isinstance(stack, QStackedWidget):
            return
        other = stack.currentWidget()
        if isinstance(other, SidePage):
            other.left.emit()
        if stack.indexOf(self._page) < 0:
            stack.addWidget(self._page)
        actions = self._place.actions
        self._resting = [name for name in actions.ids() if _rests(name) and actions[name].isEnabled()]
        for name in self._resting:
            actions[name].setEnabled(False)
        self._place.toolbar.hide()
        stack.setCurrentWidget(self._page)
        self._page.setFocus()
        self._is_open = True
        self.opened.emit()

    def leave(self) -> None:
        """Go back to the person."""
        if not self._is_open:
            return
        self._is_open = False
        self.closed.emit()
        for name in self._resting:
            self._place.actions[name].setEnabled(True)
        self._place.toolbar.show()
        stack = self._place.page.parentWidget()
        if isinstance(stack, QStackedWidget):
            stack.setCurrentWidget(self._place.page)
        self._place.page.canvas.setFocus()

    def close(self) -> None:
        """The project is closing."""
        self.leave()
        self._page.setParent(None)
        self._page.deleteLater()


def _rests(action_id: str) -> bool:
    """Whether an action has nothing to act on while a page is open."""
    return get_action(action_id).scope == "E" or action_id == "program.next_pane"
