"""The widgets of the review page and how they share the window: people, picture or body, fit."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.ui.context import Context
from app.ui.handbook import SECTION_PROPERTY
from app.ui.image_list import ImagesColumn
from app.ui.models.images import ImagesModel
from app.ui.models.people import PeopleModel
from app.ui.pages.fit_column import FitColumn
from app.ui.pages.list_column import ListColumn
from app.ui.pages.person_header import PersonHeader
from app.ui.people_list import PeopleColumn
from app.ui.scrolled import build_scrolled
from app.ui.widgets.large_view import LargeView
from app.ui.widgets.person_canvas import PersonCanvas

_COLUMNS = (290, 930, 380)
_PEOPLE_MIN_WIDTH = 170
_MIDDLE_MIN_WIDTH = 240


class ReviewFrame(QWidget):
    """Three columns with a splitter between them; in the middle the picture, or the body in its place.

    Signals:
        body_large_changed: ``bool``, the body has taken the place of the picture, or given it back.
    """

    body_large_changed = Signal(bool)

    def __init__(self, context: Context, people: PeopleModel, images: ImagesModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.people_column = PeopleColumn(context, people, self)
        self.images_column = ImagesColumn(context, images, self)
        self.lists = ListColumn(self.people_column, self.images_column, self)
        self.header = PersonHeader(self)
        self.canvas = PersonCanvas(self)
        self.large_view = LargeView(self)
        self.column = FitColumn(self)
        self._above_picture = QVBoxLayout()
        self.people_column.setProperty(SECTION_PROPERTY, "whom-to-look-at")
        self.images_column.setProperty(SECTION_PROPERTY, "people-drawn-from-scratch")
        self.large_view.setProperty(SECTION_PROPERTY, "the-body-from-every-side")
        self._middle = QStackedWidget(self)
        self._middle.addWidget(self.canvas)
        self._middle.addWidget(self.large_view)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._fill_splitter(self._build_center())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    @property
    def body_is_large(self) -> bool:
        """Whether the body has the place of the picture."""
        return self._middle.currentWidget() is self.large_view

    def set_body_large(self, large: bool) -> None:
        """Put the body view in the place of the picture, or the picture back."""
        shown = self.large_view if large else self.canvas
        self.column.show_picture(large)
        self._middle.setCurrentWidget(shown)
        shown.setFocus()
        self.body_large_changed.emit(large)

    def add_above_picture(self, widget: QWidget) -> None:
        """Room between header and picture, for what must be read before the picture is judged."""
        self._above_picture.addWidget(widget)

    def focus_next_pane(self) -> None:
        """Move the keyboard focus to the next part of the page."""
        middle: list[QWidget] = self.large_view.panes() if self.body_is_large else [self.canvas]
        panes = [*middle, *self.lists.panes(), self.column.joints.focusProxy() or self.column.joints]
        focused = [place for place, pane in enumerate(panes) if pane.hasFocus()]
        panes[(focused[0] + 1) % len(panes) if focused else 0].setFocus(Qt.FocusReason.TabFocusReason)

    def splitter_state(self) -> str:
        """Widths of the columns, for the settings."""
        return bytes(self._splitter.saveState().toBase64().data()).decode("ascii")

    def restore_splitter(self, state: str) -> None:
        """Widths of the columns as they were."""
        self._splitter.restoreState(QByteArray.fromBase64(state.encode("ascii")))

    def _build_center(self) -> QWidget:
        center = QWidget(self)
        center.setMinimumWidth(_MIDDLE_MIN_WIDTH)
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addLayout(self._above_picture)
        layout.addWidget(self._middle, 1)
        return center

    def _fill_splitter(self, center: QWidget) -> None:
        self._splitter.setHandleWidth(1)
        for widget, stretch in ((self.lists, 0), (center, 1), (build_scrolled(self.column), 0)):
            self._splitter.addWidget(widget)
            self._splitter.setStretchFactor(self._splitter.count() - 1, stretch)
            self._splitter.setCollapsible(self._splitter.count() - 1, False)
        self.lists.setMinimumWidth(_PEOPLE_MIN_WIDTH)
        self._splitter.setSizes(list(_COLUMNS))
