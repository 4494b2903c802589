"""A column that scrolls where the window is too low for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class ScrolledColumn(QScrollArea):
    """Scrolls up and down only; as wide as the column needs at least."""

    def __init__(self, column: QWidget, min_width: int) -> None:
        super().__init__()
        self._min_width = min_width
        self._column = column
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(column)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Qt's hook on the column: what it needs may change with what it shows."""
        if watched is self._column and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        column = self._column
        bar = self.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(max(self._min_width, column.minimumSizeHint().width() + bar))


def build_scrolled(column: QWidget, min_width: int = 300) -> ScrolledColumn:
    """The column in a frame that scrolls."""
    return ScrolledColumn(column, min_width)
