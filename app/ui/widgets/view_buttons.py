"""A row of joined buttons, one for each named view of the body."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from app.ui.key_tips import set_key_tip
from fitting.spec import NamedView, Viewpoint

# The application's sheet makes push buttons too wide for a row of them.
BUTTON_SHEET: Final = """
QPushButton {
    background: palette(button); color: palette(button-text); border: 1px solid palette(mid); border-radius: 4px;
    padding: 4px 6px;
}
QPushButton:checked {
    background: palette(highlight); color: palette(highlighted-text); border-color: palette(highlight);
}
QPushButton:focus { border: 2px solid palette(text); padding: 3px 5px; }
"""

VIEWS: Final[tuple[NamedView, ...]] = ("front", "side", "back", "top")


class ViewButtons(QWidget):
    """Front, side, back, top; none is down while the body is turned freely.

    Signals:
        view_requested: People asked for a view: ``front``, ``side``, ``back`` or ``top``.
    """

    view_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for index, view in enumerate(VIEWS):
            button = QPushButton(_title(view), self)
            button.setCheckable(True)
            button.setAutoDefault(False)
            set_key_tip(button, describe_viewpoint(Viewpoint.of(view)), f"view.{view}")
            button.setAccessibleName(self.tr("{0} view").format(_title(view)))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setStyleSheet(BUTTON_SHEET)
            self._buttons.addButton(button, index)
            row.addWidget(button, 1)
        self._buttons.idClicked.connect(self._on_clicked)

    def set_viewpoint(self, viewpoint: Viewpoint) -> None:
        """Show which named view it is, if any, without asking for it."""
        for index, view in enumerate(VIEWS):
            button = self._buttons.button(index)
            down = viewpoint.is_home and viewpoint.home == view
            # An exclusive group refuses to have no button down.
            self._buttons.setExclusive(down)
            button.setChecked(down)
        self._buttons.setExclusive(False)

    def _on_clicked(self, index: int) -> None:
        self.set_viewpoint(Viewpoint.of(VIEWS[index]))
        self.view_requested.emit(VIEWS[index])


def describe_viewpoint(viewpoint: Viewpoint) -> str:
    """From where the body is seen, in a few words."""
    if viewpoint.is_home:
        return {
            "front": _tr("Front view · as the camera sees it"),
            "side": _tr("Side view · from the image's right"),
            "back": _tr("Back view · from behind"),
            "top": _tr("Top view · from above"),
        }[viewpoint.home]
    round_deg, height = round(viewpoint.yaw_deg) % 360, round(viewpoint.pitch_deg)
    if round_deg > 180:
        side = _tr("{0}° to the image's left").format(360 - round_deg)
    else:
        side = _tr("{0}° to the image's right").format(round_deg)
    above = _tr("{0}° above") if height >= 0 else _tr("{0}° below")
    return _tr("Turned · {0}, {1}").format(side, above.format(abs(height)))


def _title(view: NamedView) -> str:
    return {"front": _tr("Front"), "side": _tr("Side"), "back": _tr("Back"), "top": _tr("Top")}[view]


def _tr(text: str) -> str:
    return QCoreApplication.translate("ViewButtons", text)
