"""How the photograph is shown on the review page: its tone, the overview, loupe and crosshair, all remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.services.person_view import PersonView
from app.ui.action_set import tooltip
from app.ui.actions import get_action
from app.ui.widgets.picture_tone import PictureTone
from app.ui.widgets.tone_panel import ToneButton, TonePanel
from db.records import ImageId

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.review.attachments import Place

_STEP = 4


class PictureDesk(QObject):
    """Tone and aids of the canvas.

    Args:
        place: Where it lives.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._canvas = place.page.canvas
        self._actions = place.actions
        self._settings = place.settings
        self._image_id: ImageId | None = None
        self.panel = TonePanel(self._canvas)
        self.button = ToneButton(self._canvas)
        self.button.setToolTip(tooltip(get_action("tone.adjust")))
        self.button.clicked.connect(self._open_panel)
        self.button.show()
        self.panel.tone_chosen.connect(self._set_tone)
        self.panel.auto_wanted.connect(self._set_auto)
        self.panel.reset_wanted.connect(self._reset)
        self.panel.keep_chosen.connect(self._set_keep)
        self._canvas.view_changed.connect(self._place_button)
        place.page.person_shown.connect(self._on_person_shown)
        self._apply_settings()

    def handlers(self) -> dict[str, Handler]:
        """What the part's actions do."""
        table: dict[str, Handler] = {
            "tone.adjust": self._open_panel,
            "tone.auto": self._set_auto,
            "tone.reset": self._reset,
            "tone.keep": self._set_keep,
            "aid.overview": self._switch("show_overview", self._canvas.aids.set_overview_on),
            "aid.loupe": self._switch("show_loupe", self._canvas.aids.set_loupe_on),
            "aid.crosshair": self._switch("show_crosshair", self._canvas.aids.set_crosshair_on),
        }
        steps = {
            "brighter": (_STEP, 0, 0), "darker": (-_STEP, 0, 0), "more_contrast": (0, _STEP, 0),
            "less_contrast": (0, -_STEP, 0), "open_shadows": (0, 0, _STEP), "close_shadows": (0, 0, -_STEP),
        }  # fmt: skip
        for name, step in steps.items():
            table[f"tone.{name}"] = lambda step=step: self._set_tone(self._canvas.tone().stepped(*step))
        return table

    def close(self) -> None:
        """The panel goes with the project."""
        self.panel.hide()

    def _apply_settings(self) -> None:
        values, aids = self._settings.values, self._canvas.aids
        aids.set_overview_on(values.show_overview)
        aids.set_loupe_on(values.show_loupe)
        aids.set_crosshair_on(values.show_crosshair)
        for name in ("overview", "loupe", "crosshair"):
            self._actions.set_checked(f"aid.{name}", bool(getattr(values, f"show_{name}")))
        self._actions.set_checked("tone.keep", values.keep_tone)
        self.panel.set_keep(values.keep_tone)
        if values.keep_tone:
            self._show_tone(PictureTone(values.tone_brightness, values.tone_contrast, values.tone_gamma))
        self._place_button()

    def _open_panel(self) -> None:
        self._place_button()
        self.panel.open_above(self.button)

    def _set_tone(self, tone: PictureTone) -> None:
        self._show_tone(tone)
        self._remember()

    def _set_auto(self) -> None:
        self._set_tone(self._canvas.find_auto_tone())

    def _reset(self) -> None:
        self._set_tone(PictureTone())

    def _set_keep(self, keep: bool) -> None:
        self._settings.update(keep_tone=keep)
        self._actions.set_checked("tone.keep", keep)
        self.panel.set_keep(keep)
        self._remember()

    def _show_tone(self, tone: PictureTone) -> None:
        self._canvas.set_tone(tone)
        self.panel.set_tone(tone)
        self.button.set_tone(tone)
        self._place_button()

    def _remember(self) -> None:
        tone = self._canvas.tone() if self._settings.values.keep_tone else PictureTone()
        self._settings.update(
            tone_brightness=tone.brightness, tone_contrast=tone.contrast, tone_gamma=tone.gamma
        )  # fmt: skip

    def _switch(self, setting: str, act: Callable[[bool], None]) -> Handler:
        def switch(on: bool) -> None:
            self._settings.update(**{setting: on})
            act(on)

        return switch

    def _on_person_shown(self, view: PersonView | None) -> None:
        image_id = None if view is None else view.image.id
        if image_id != self._image_id:
            self._image_id = image_id
            if not self._settings.values.keep_tone:
                self._show_tone(PictureTone())

    def _place_button(self) -> None:
        self.button.place(self._canvas.viewport().height())
