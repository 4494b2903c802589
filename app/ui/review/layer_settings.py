"""The layers of the picture: what switches them and what remembers them."""

from __future__ import annotations

from typing import Final

LAYER_SETTINGS: Final = {
    "layer.body": ("show_body", ("body",)),
    "layer.joints": ("show_keypoints", ("keypoints", "bones")),
    "layer.residuals": ("show_residuals", ("residuals",)),
    "layer.names": ("show_names", ("names",)),
    "layer.sources": ("show_sources", ("sources",)),
}
"""Action: the setting that remembers it, the canvas layers it switches."""
