"""Fitting and comparing fits."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.refit_methods import REFIT_METHODS
from app.ui.action_spec import ActionSpec

_FITTING = "Fit"
_COMPARE = "Compare fits"
FIT_WITH = "Fit with"
"""The submenu with the methods."""


def iter_fitting_rows() -> Iterator[ActionSpec]:
    """Rows of fitting and comparing."""
    yield ActionSpec(
        "fit.refit", "Re-fit", ("R",), "E", _FITTING, "Fit the body to the keypoints as they are now", "Fit",
        "mdi6.autorenew",
    )  # fmt: skip
    yield ActionSpec(
        "fit.cancel", "Cancel", ("Esc",), "E", _FITTING,
        "Stop the running fit, the earlier one stays; or go back to the current fit", "Fit",
        "mdi6.stop-circle-outline",
    )  # fmt: skip
    yield ActionSpec(
        "fit.live", "Re-fit while dragging", ("L",), "E", _FITTING,
        "The body follows the joint, and a fit is made when you let go", "Fit", "mdi6.motion-outline", "toggle",
    )  # fmt: skip
    for choice, method in REFIT_METHODS.items():
        title = method.title[:1].upper() + method.title[1:]
        yield ActionSpec(
            f"fit_with.{choice}", title, (), "E", _FITTING, method.tip, "Fit", kind="choice", section=1,
            submenu=FIT_WITH,
        )  # fmt: skip
    comparing = (
        ("toggle", "Compare with another fit", ("B",), "mdi6.compare",
         "Between the current fit and the last one looked at, at first the one before"),
        ("older", "Older fit", ("Shift+B",), "", "Through every fit of the person, and round again"),
        ("use", "Use this fit", ("U",), "mdi6.backup-restore", "The fit looked at becomes the current one"),
    )  # fmt: skip
    for name, title, keys, icon, tip in comparing:
        yield ActionSpec(f"compare.{name}", title, keys, "E", _COMPARE, tip, "Fit", icon, section=2)
