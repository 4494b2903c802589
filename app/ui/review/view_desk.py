"""The views of the body: their camera, their layers, and two bodies compared in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import get_args

from PySide6.QtCore import QObject

from app.services.comparing import BodyVersion, measure_difference
from app.services.person_view import PersonView
from app.ui.action_set import Handler
from app.ui.fit_texts import describe_body, describe_difference, describe_origin, say_nothing_to_compare
from app.ui.keymap import key_hint
from app.ui.review.attachments import Place
from app.ui.review.layer_settings import LAYER_SETTINGS
from app.ui.widgets.body_panel import PanelLayers
from app.ui.widgets.large_view import BodyChoice
from fitting.spec import NamedView

_NAMED_VIEWS: tuple[NamedView, ...] = get_args(NamedView)
_LAYER_ACTIONS = {"layer.body": "mesh", "layer.joints": "joints", "layer.wire": "wire", "layer.floor": "floor"}
_SETTINGS = {"mesh": "view_mesh", "joints": "view_joints", "wire": "view_wire", "floor": "view_floor"}


class ViewDesk(QObject):
    """Part of the review page (see :mod:`app.ui.review.attachments`)."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page, self._actions, self._settings = place.page, place.actions, place.settings
        page, view = place.page, place.page.large_view
        self._toolbar = place.toolbar
        for pane in (page.column.side_view, view.left, view.right):
            page.camera.listen_to(pane.panel)
            pane.panel.resized.connect(page.display.refresh_views_soon)
        page.camera.changed.connect(self._show_viewpoint)
        page.camera.turning_changed.connect(lambda on: self._actions.set_checked("view.turntable", on))
        page.person_shown.connect(self._on_person_shown)
        page.comparison.changed.connect(self._show_compared)
        page.display.sights_drawn.connect(self._show_difference)
        page.frame.body_large_changed.connect(lambda _large: self._check_layers())
        view.view_requested.connect(page.camera.go)
        view.reset_requested.connect(page.camera.reset)
        view.layers_changed.connect(self._set_layers)
        view.comparing_changed.connect(self._actions["compare.side_by_side"].setChecked)
        view.left.chosen.connect(page.comparison.choose_left)
        view.right.chosen.connect(page.comparison.choose_right)
        place.toolbar.opacity_changed.connect(page.column.picture.set_opacity)
        place.actions.hidden.connect(self._hide_body)
        self._actions.set_checked("compare.side_by_side", False)
        self._actions.set_checked("view.turntable", False)
        self._apply_settings()
        self._unwatch = self._settings.watch(self._on_settings_changed)

    def handlers(self) -> Mapping[str, Handler]:
        """What the part's actions do, by action id."""
        table: dict[str, Handler] = {
            "view.reset": self._page.camera.reset,
            "view.turntable": self._page.camera.turn,
            "compare.side_by_side": self._set_comparing,
            "compare.blink": self._blink,
        }
        for name in _NAMED_VIEWS:
            table[f"view.{name}"] = self._view_switch(name)
        for action_id in _LAYER_ACTIONS:
            table[action_id] = self._layer_switch(action_id)
        return table

    def close(self) -> None:
        """Let go of what outlives the page."""
        self._unwatch()
        self._page.camera.turn(False)
        self._actions.hidden.disconnect(self._hide_body)
        self._toolbar.opacity_changed.disconnect(self._page.column.picture.set_opacity)

    # ---- camera and layers

    def _apply_settings(self) -> None:
        values = self._settings.values
        shown = {name: bool(getattr(values, setting)) for name, setting in _SETTINGS.items()}
        self._set_layers(PanelLayers(**shown, opacity=values.view_opacity))
        self._page.column.picture.set_opacity(values.overlay_opacity)
        self._page.camera.go(values.side_view)
        self._show_viewpoint()

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        """Follow the settings dialog; what comes from here is as it should be already."""
        values, viewpoint = self._settings.values, self._page.camera.viewpoint
        if "side_view" in names and not (viewpoint.is_home and viewpoint.home == values.side_view):
            self._page.camera.go(values.side_view)
        shown = {name: bool(getattr(values, setting)) for name, setting in _SETTINGS.items()}
        layers = PanelLayers(**shown, opacity=values.view_opacity)
        if layers != self._page.display.panel_layers:
            self._set_layers(layers)
        self._check_layers()

    def _show_viewpoint(self) -> None:
        viewpoint = self._page.camera.viewpoint
        self._page.large_view.set_viewpoint(viewpoint)
        for name in _NAMED_VIEWS:
            self._actions.set_checked(f"view.{name}", viewpoint.is_home and viewpoint.home == name)
        if viewpoint.is_home:
            self._settings.update(side_view=viewpoint.home)

    def _view_switch(self, name: NamedView) -> Callable[[bool], None]:
        def switch(chosen: bool) -> None:
            if chosen:
                self._page.camera.go(name)

        return switch

    def _layer_switch(self, action_id: str) -> Callable[[bool], None]:
        """Of what is in the middle, the picture or the body; a layer that the picture lacks, always of the body."""
        name = _LAYER_ACTIONS[action_id]

        def switch(on: bool) -> None:
            if action_id in LAYER_SETTINGS and not self._page.frame.body_is_large:
                setting, layers = LAYER_SETTINGS[action_id]
                self._settings.update(**{setting: on})
                self._page.canvas.set_layers(**dict.fromkeys(layers, on))
            else:
                self._set_layers(dataclasses.replace(self._page.display.panel_layers, **{name: on}))

        return switch

    def _set_layers(self, layers: PanelLayers) -> None:
        self._settings.update(
            view_opacity=layers.opacity, **{setting: getattr(layers, name) for name, setting in _SETTINGS.items()}
        )
        self._page.display.set_panel_layers(layers)
        self._page.large_view.set_layers(layers)
        self._check_layers()

    def _check_layers(self) -> None:
        """Let the menu say what its entries would switch."""
        layers, values = self._page.display.panel_layers, self._settings.values
        for action_id, name in _LAYER_ACTIONS.items():
            on = bool(getattr(layers, name))
            if action_id in LAYER_SETTINGS and not self._page.frame.body_is_large:
                on = bool(getattr(values, LAYER_SETTINGS[action_id][0]))
            self._actions.set_checked(action_id, on)

    def _hide_body(self, hidden: bool) -> None:
        self._page.column.picture.set_body_shown(not hidden)

    # ---- comparing

    def _on_person_shown(self, view: PersonView | None) -> None:
        history = self._page.history
        self._page.comparison.set_view(view, history.shown, history.compared)

    def _set_comparing(self, on: bool) -> None:
        self._page.large_view.set_comparing(on)
        if on and not self._page.frame.body_is_large:
            self._actions["view.body_large"].setChecked(True)
        self._show_compared()
        self._page.display.refresh_views_soon()

    def _show_compared(self) -> None:
        comparison, view = self._page.comparison, self._page.large_view
        left, right = comparison.left, comparison.right
        comparing = view.is_comparing
        choices = [self._describe(version) for version in comparison.versions]
        for pane, version in ((view.left, left), (view.right, right)):
            pane.set_choices(choices, None if version is None else version.key)
            pane.set_about(describe_body(version) if comparing and version is not None else "")
        view.right.set_message(
            self.tr("Nothing to compare with yet — re-fit with another method ({0})").format(key_hint("fit.refit"))
        )
        view.set_difference("")
        self._page.display.compare(left if comparing else None, right)

    def _show_difference(self) -> None:
        view = self._page.large_view
        drawn = [pane.panel.drawn for pane in (view.left, view.right)]
        scenes = [None if layer is None else layer.scene for layer in drawn]
        if view.is_comparing and scenes[0] is not None and scenes[1] is not None:
            difference = measure_difference(scenes[0].joints_m, scenes[1].joints_m)
            view.set_difference(describe_difference(difference))

    def _describe(self, version: BodyVersion) -> BodyChoice:
        tip = describe_origin(version.fit)
        if version.stage == "start":
            tip = self.tr("The body that this fit started from. {0}").format(tip)
        return BodyChoice(version.key, describe_body(version), tip)

    def _blink(self, on: bool) -> None:
        if self._page.display.blink(on):
            return
        if self._page.fitting:
            self._page.tell_fit_runs()
        elif self._page.history.shown is None:
            self._page.tell(say_nothing_to_compare())
        else:
            self._page.tell(self.tr("There is nothing to compare this fit with; re-fit with another method."))
