"""Telling the fit what keypoints cannot: depth hints, pins, ignored joints."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec

_GUIDANCE = "Guide the fit"


def iter_guidance_rows() -> Iterator[ActionSpec]:
    """Rows of guiding the fit."""
    rows = (
        ("toward", "Limb toward the camera", ("T",), "mdi6.arrow-down-left",
         "The limb that ends at the selected elbow, wrist, knee or ankle comes forward; again takes the hint away"),
        ("away", "Limb away from the camera", ("Shift+T",), "mdi6.arrow-up-right",
         "The limb that ends at the selected elbow, wrist, knee or ankle goes back; again takes the hint away"),
        ("pin", "Pin joint", ("P",), "mdi6.pin-outline",
         "The fit holds on to the selected joints; again lets them count as the others"),
        ("ignore", "Ignore joint", ("I",), "mdi6.eye-remove-outline",
         "The fit does not look at the selected joints, which keep their places; again lets them count"),
        ("clear", "Remove hints and pins", (), "", "Of the whole person"),
    )  # fmt: skip
    for name, title, keys, icon, tip in rows:
        yield ActionSpec(f"guide.{name}", title, keys, "E", _GUIDANCE, tip, "Fit", icon, section=3)
