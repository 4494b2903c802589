"""The body in the place of the picture: turned, stripped to its bones, and set beside another fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from app.ui.key_tips import set_key_tip
from app.ui.widgets.body_panel import PanelLayers
from app.ui.widgets.fit_selector import QuietBox
from app.ui.widgets.side_view import BodyPane
from app.ui.widgets.view_buttons import BUTTON_SHEET, ViewButtons
from fitting.spec import Viewpoint

_ACTIONS: Final = {"mesh": "layer.body", "joints": "layer.joints", "wire": "layer.wire", "floor": "layer.floor"}
LAYERS: Final = tuple(_ACTIONS)


@dataclass(frozen=True, slots=True)
class BodyChoice:
    """One line of a picker; ``key`` is what is reported when it is chosen."""

    key: object
    text: str
    tip: str = ""


Choices: TypeAlias = Sequence[BodyChoice]


class ComparedPane(BodyPane):
    """A pane with a picker above it, while bodies are compared.

    Signals:
        chosen: ``object``, the key of another body.
    """

    chosen = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picker = QuietBox(self)
        self.picker.setAccessibleName(name)
        self.picker.activated.connect(lambda place: self.chosen.emit(self.picker.itemData(place)))
        self.panel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.panel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.picker)
        layout.addWidget(self.panel, 1)

    def set_choices(self, choices: Choices, chosen: object) -> None:
        """List bodies and choose one without telling anybody."""
        self.picker.clear()
        for place, choice in enumerate(choices):
            self.picker.addItem(choice.text, choice.key)
            self.picker.setItemData(place, choice.tip, Qt.ItemDataRole.ToolTipRole)
        keys = [choice.key for choice in choices]
        self.picker.setCurrentIndex(keys.index(chosen) if chosen in keys else -1)
        self.picker.setEnabled(len(choices) > 1)


class LargeView(QWidget):
    """Named views, layers and opacity over one pane, or two while bodies are compared.

    Signals:
        view_requested: ``str``, a named view.
        reset_requested: Back to the named view.
        layers_changed: :class:`PanelLayers`, as people want them.
        comparing_changed: ``bool``, people want two panes or one.
    """

    view_requested = Signal(str)
    reset_requested = Signal()
    layers_changed = Signal(object)
    comparing_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers = PanelLayers()
        self.left = ComparedPane(self.tr("Body on the left"), self)
        self.right = ComparedPane(self.tr("Body on the right"), self)
        self._views = ViewButtons(self)
        self._reset = self._build_button(self.tr("Reset"), self.tr("Back to the named view"), "view.reset")
        self._reset.clicked.connect(self.reset_requested)
        self._compare = self._build_button(
            self.tr("Side by side"),
            self.tr("Two bodies of this person, seen from the same side"),
            "compare.side_by_side",
        )
        self._compare.setCheckable(True)
        self._compare.clicked.connect(self.comparing_changed)
        self._switches = {name: self._build_switch(name) for name in LAYERS}
        self.opacity = self._build_opacity()
        self._difference = QLabel(self)
        self._difference.setWordWrap(True)
        self._difference.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._views.view_requested.connect(self.view_requested)
        self.setFocusProxy(self.left)
        self.setAccessibleName(self.tr("Body in three dimensions"))
        self.set_comparing(False)
        self.set_layers(self._layers)

    @property
    def is_comparing(self) -> bool:
        """Whether there are two panes."""
        return not self.right.isHidden()

    @property
    def difference(self) -> str:
        """What is said of the two bodies."""
        return self._difference.text()

    def panes(self) -> list[QWidget]:
        """What the keyboard goes through: the body, and the pickers where there are two."""
        pickers: list[QWidget] = [self.left.picker, self.right.picker] if self.is_comparing else []
        return [self.left.panel, *pickers]

    def set_comparing(self, comparing: bool) -> None:
        """Show two panes or one."""
        self._compare.setChecked(comparing)
        for widget in (self.right, self.left.picker, self._difference):
            widget.setVisible(comparing)

    def set_viewpoint(self, viewpoint: Viewpoint) -> None:
        """Show which named view it is, if any."""
        self._views.set_viewpoint(viewpoint)
        self._reset.setEnabled(not viewpoint.is_home)

    def set_layers(self, layers: PanelLayers) -> None:
        """Show which layers are on, without asking for them."""
        self._layers = layers
        for name, button in self._switches.items():
            button.setChecked(bool(getattr(layers, name)))
        self.opacity.blockSignals(True)
        self.opacity.setValue(round(100 * layers.opacity))
        self.opacity.blockSignals(False)

    def set_difference(self, text: str) -> None:
        """Say how far the two bodies are apart."""
        self._difference.setText(text)

    def _lay_out(self) -> None:
        first, second, panes = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in (first, second, panes):
            row.setSpacing(6)
        first.addWidget(self._views, 4)
        first.addWidget(self._reset, 1)
        first.addWidget(self._compare, 1)
        for button in self._switches.values():
            second.addWidget(button, 1)
        caption = QLabel(self.tr("Opacity"), self)
        caption.setBuddy(self.opacity)
        second.addSpacing(8)
        second.addWidget(caption)
        second.addWidget(self.opacity, 2)
        panes.addWidget(self.left, 1)
        panes.addWidget(self.right, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addLayout(panes, 1)
        layout.addWidget(self._difference)

    def _build_button(self, title: str, tip: str, action_id: str) -> QPushButton:
        button = QPushButton(title, self)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setStyleSheet(BUTTON_SHEET)
        set_key_tip(button, tip, action_id)
        button.setAccessibleName(title)
        return button

    def _build_switch(self, name: str) -> QPushButton:
        title, tip = {
            "mesh": (self.tr("Mesh"), self.tr("The surface of the body")),
            "joints": (self.tr("Joints"), self.tr("Balls and sticks: left filled, right a ring")),
            "wire": (self.tr("Wire"), self.tr("The edges of the surface")),
            "floor": (
                self.tr("Floor"),
                self.tr("A grid of 25 cm under the lowest point; its arrow leads to the camera"),
            ),
        }[name]
        button = self._build_button(title, tip, _ACTIONS[name])
        button.setCheckable(True)
        button.clicked.connect(
            lambda on: self.layers_changed.emit(dataclasses.replace(self._layers, **{name: bool(on)}))
        )
        return button

    def _build_opacity(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(0, 100)
        slider.setPageStep(10)
        slider.setMinimumWidth(60)
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        slider.setToolTip(self.tr("<b>Opacity of the surface</b><br>In the views of the body."))
        slider.setAccessibleName(self.tr("Opacity of the surface, percent"))
        slider.valueChanged.connect(
            lambda value: self.layers_changed.emit(dataclasses.replace(self._layers, opacity=value / 100))
        )
        return slider
