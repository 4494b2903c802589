"""The body seen from another side, beside the overlay: what looks right from the front can be wrong in depth."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.fit_texts import say_no_fit_yet
from app.ui.widgets.body_panel import BodyPanel, PanelLayers
from app.ui.widgets.view_buttons import ViewButtons, describe_viewpoint
from fitting.spec import RenderResult, Viewpoint


class BodyPane(QWidget):
    """A body panel as a place where a body is shown, with the words about it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel = BodyPanel(self)
        self._about = ""
        self._viewpoint = Viewpoint.of("side")
        self.set_message(say_no_fit_yet())

    def viewpoint(self) -> Viewpoint:
        """From where the body shall be seen."""
        return self._viewpoint

    def set_viewpoint(self, viewpoint: Viewpoint) -> None:
        """Say from where the body is seen; a body on screen keeps its own words until it is drawn from there."""
        self._viewpoint = viewpoint
        if not self.panel.has_layer():
            self._describe()

    def set_about(self, about: str) -> None:
        """Say to those who cannot see it which body it is."""
        self._about = about
        self._describe()

    def set_body(self, drawn: RenderResult | None) -> None:
        """Show a layer; None shows the message."""
        self.panel.show_body(drawn)
        self._describe()

    def set_layers(self, layers: PanelLayers) -> None:
        """Show or hide what lies beside the surface."""
        self.panel.show_layers(layers)

    def set_message(self, message: str) -> None:
        """Sentence shown while there is no body."""
        self.panel.show_message(message)

    def set_stale(self, stale: bool) -> None:
        """Mark the body as fitted to earlier keypoints."""
        self.panel.show_stale(stale)

    def set_notice(self, text: str) -> None:
        """Mark the body as not the one that is decided about; empty takes the mark away."""
        self.panel.show_tag(self.tr("NOT CURRENT") if text else "")
        self.panel.setToolTip(text)

    def layer_size(self) -> tuple[int, int]:
        """Width and height a layer should have to fill the panel pixel for pixel."""
        return self.panel.layer_size()

    def _describe(self) -> None:
        drawn = self.panel.drawn
        seen = drawn.view if drawn is not None and isinstance(drawn.view, Viewpoint) else self._viewpoint
        caption = describe_viewpoint(seen)
        self.panel.show_caption(caption)
        named = ", ".join(part for part in (self._about, caption) if part)
        self.panel.setAccessibleName(named if self.panel.has_layer() else self.tr("No body"))


class SideView(BodyPane):
    """The pane beside the picture, with a button for each named view.

    Signals:
        view_requested: People asked for a view: ``front``, ``side``, ``back`` or ``top``.
    """

    view_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = ViewButtons(self)
        self._buttons.view_requested.connect(self.view_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._buttons)
        layout.addWidget(self.panel, 1)
        self.setAccessibleName(self.tr("Body from another side"))
        self.set_message(self.tr("No fit yet"))
        self.panel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_viewpoint(self.viewpoint())

    def set_viewpoint(self, viewpoint: Viewpoint) -> None:
        """Say from where the body is seen."""
        super().set_viewpoint(viewpoint)
        self._buttons.set_viewpoint(viewpoint)
