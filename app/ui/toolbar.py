"""The row of buttons over the review page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QSlider, QToolBar, QToolButton, QWidget

from app.ui.action_set import ActionSet
from app.ui.actions import ACTIONS, FIT_WITH, TOOLBAR, get_action
from app.ui.keymap import key_hint, tooltip
from app.ui.theme import Theme, build_icon

_ICON = QSize(18, 18)
_ICON_ONLY = frozenset(
    {
        "person.previous_undecided",
        "person.previous",
        "person.next",
        "person.next_undecided",
        "edit.undo",
        "edit.redo",
    }
)


class ReviewToolbar(QToolBar):
    """Buttons of the table's toolbar rows, the opacity of the body, the layers.

    Accept and Cancel have buttons of their own: their keys must answer even while the buttons are off, Enter with the
    reason, Esc by leaving the selection.

    Signals:
        opacity_changed: ``float``, 0-1.
    """

    opacity_changed = Signal(float)

    def __init__(self, actions: ActionSet, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Review"))
        self.setObjectName("reviewToolbar")
        self.setMovable(False)
        self.setIconSize(_ICON)
        self.toggleViewAction().setEnabled(False)
        self._actions = actions
        self._yielding: list[QToolButton] = []
        self._obstacle: str | None = None
        self.accept = self._build_button("decide.accept")
        self.cancel = self._build_button("fit.cancel")
        for group in TOOLBAR:
            if self.actions():
                self.addSeparator()
            for action_id in group:
                self._add_button(action_id)
        spacer = QWidget(self)
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self._layers = self._build_layers()
        self.opacity = self._build_opacity()
        actions.keys_changed.connect(self._show_keys)
        self._show_keys()

    def set_obstacles(self, obstacle: str | None, *, fitting: bool) -> None:
        """Switch the accept button off with the reason as its tooltip, or on; Cancel is on while a fit runs."""
        self._obstacle = obstacle
        self.cancel.setEnabled(fitting)
        self.accept.setEnabled(obstacle is None)
        self._show_keys()

    def apply_theme(self, theme: Theme) -> None:
        """Colour the symbols."""
        self.accept.setIcon(build_icon(get_action("decide.accept").icon, theme, theme.on_success))
        self.cancel.setIcon(build_icon(get_action("fit.cancel").icon, theme))
        self._layers.setIcon(build_icon("mdi6.layers-outline", theme))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Where there is no room for words, what is rarely clicked keeps its symbol alone."""
        super().resizeEvent(event)
        self._set_compact(False)
        self._set_compact(self.sizeHint().width() > self.width())

    def _show_keys(self) -> None:
        self.accept.setToolTip(self._obstacle or tooltip(self._actions.spec("decide.accept")))
        self.cancel.setToolTip(tooltip(self._actions.spec("fit.cancel")))
        hold = self.tr("Hold {0} to see the bare picture.").format(key_hint("layer.hide"))
        self.opacity.setToolTip(f"<b>{self.tr('Opacity of the body')}</b><br>{hold}")

    def _set_compact(self, compact: bool) -> None:
        style = Qt.ToolButtonStyle
        for button in self._yielding:
            button.setToolButtonStyle(style.ToolButtonIconOnly if compact else style.ToolButtonTextBesideIcon)

    def _add_button(self, action_id: str) -> None:
        own = {"decide.accept": self.accept, "fit.cancel": self.cancel}.get(action_id)
        if own is not None:
            self.addWidget(own)
            if own is self.cancel:
                self._yielding.append(own)
            return
        action = self._actions[action_id]
        self.addAction(action)
        button = self.widgetForAction(action)
        assert isinstance(button, QToolButton)
        button.setObjectName(action_id.partition(".")[2])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(get_action(action_id).title.rstrip("…"))
        if action_id not in _ICON_ONLY:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        if action_id == "fit.refit":
            self._add_methods(button)
        if action_id in ("person.add", "decide.skip", "decide.second_look"):
            self._yielding.append(button)

    def _add_methods(self, button: QToolButton) -> None:
        menu = QMenu(self.tr(FIT_WITH), self)
        menu.setToolTipsVisible(True)
        for spec in ACTIONS:
            if spec.submenu == FIT_WITH:
                menu.addAction(self._actions[spec.id])
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)

    def _build_button(self, action_id: str) -> QToolButton:
        spec = get_action(action_id)
        button = QToolButton(self)
        button.setObjectName(action_id.partition(".")[2])
        button.setText(self.tr(spec.title))
        button.setIconSize(_ICON)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self._actions[action_id].trigger)
        return button

    def _build_layers(self) -> QToolButton:
        menu = QMenu(self)
        for spec in ACTIONS:
            if spec.id.startswith("layer.") and spec.kind == "toggle":
                menu.addAction(self._actions[spec.id])
        button = QToolButton(self)
        button.setText(self.tr("Layers"))
        button.setToolTip(self.tr("<b>Layers</b><br>What is drawn over the picture."))
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addWidget(button)
        return button

    def _build_opacity(self) -> QSlider:
        caption = QLabel(self.tr("Body"), self)
        caption.setObjectName("toolbarCaption")
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(0, 100)
        slider.setPageStep(10)
        slider.setFixedWidth(130)
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        slider.setAccessibleName(self.tr("Opacity of the body, percent"))
        caption.setBuddy(slider)
        slider.valueChanged.connect(lambda value: self.opacity_changed.emit(value / 100))
        self.addWidget(caption)
        self.addWidget(slider)
        return slider
