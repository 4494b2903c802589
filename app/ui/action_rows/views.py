"""What is seen and how large."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec

_VIEWS = "Views"
_LAYERS = "Layers"
_ZOOM = "Zoom"


def iter_views_rows() -> Iterator[ActionSpec]:
    """Rows of views, layers and zoom."""
    for key, name in enumerate(("front", "side", "back", "top"), start=1):
        yield ActionSpec(
            f"view.{name}", f"{name.capitalize()} view", (f"Ctrl+{key}",), "E", _VIEWS,
            "Of the body beside the picture", "View", kind="choice",
        )  # fmt: skip
    yield ActionSpec(
        "view.body_large", "Picture or body in the middle", ("C",), "E", _VIEWS,
        "The body view takes the place of the picture, and back", "View", "mdi6.rotate-3d-variant", "toggle",
    )  # fmt: skip
    layers: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
        ("body", "Body", ("Alt+1",), "The fitted body; its surface while the body is in the middle"),
        ("joints", "Joints", ("Alt+2",), "Keypoints and the lines between them; those of the body while it is there"),
        ("wire", "Wire", ("Alt+3",), "The edges of the surface, in the views of the body"),
        ("floor", "Floor", ("Alt+4",), "The grid under the body, in its views"),
        ("residuals", "Residuals", (), "Lines from each joint to where the body puts it"),
        ("names", "Names", (), "The name of every joint, not only of the selected one"),
        ("sources", "Sources", (), "A sign at joints by a human ✓, a detector · or the fitted body ×"),
    )
    for name, title, keys, tip in layers:
        yield ActionSpec(f"layer.{name}", title, keys, "E", _LAYERS, tip, "View", kind="toggle", section=1)
    yield ActionSpec(
        "layer.hide", "Hide everything while held", ("H",), "E", _LAYERS, "The bare picture", kind="hold",
    )  # fmt: skip
    zooms = (
        ("fit_image", "Fit image", ("Ctrl+F",), "mdi6.fit-to-page-outline", "The whole image"),
        ("fit_person", "Fit person", ("Shift+F",), "mdi6.account-box-outline", "The person fills the view"),
        ("actual", "Actual size", ("Ctrl+Shift+0",), "", "One image pixel is one screen pixel"),
        ("in", "Zoom in", ("+", "="), "mdi6.magnify-plus-outline", "About the middle of the view"),
        ("out", "Zoom out", ("-",), "mdi6.magnify-minus-outline", "About the middle of the view"),
    )
    for name, title, keys, icon, tip in zooms:
        yield ActionSpec(
            f"zoom.{name}", title, keys, "E", _ZOOM, tip, "View", icon, repeats=name in ("in", "out"), section=2
        )
    modes = (("person", "Zoom to each person"), ("image", "Zoom to each image"), ("keep", "Keep the zoom"))
    for name, title in modes:
        yield ActionSpec(
            f"zoom_mode.{name}", title, (), "E", _ZOOM, "When the person changes", "View", kind="choice", section=3
        )
