"""Why the person on screen cannot be accepted now: what moves, what is not on screen, what the rules say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.ui.keymap import key_hint
from app.ui.review.judge import find_obstacle

if TYPE_CHECKING:
    from app.ui.pages.annotate import AnnotatePage


def find_obstacle_on(page: AnnotatePage) -> str | None:
    """The obstacle in a sentence; None when the person can be accepted."""
    if page.view is None:
        return _tr("No person is shown.")
    return _find_motion(page) or _find_lack(page) or find_obstacle(page.view) or _find_unseen(page)


def _find_motion(page: AnnotatePage) -> str | None:
    """What has not come to rest."""
    if page.canvas.joints_are_moving():
        return _tr("A joint is on its way; let go of it first, or take it back (Esc).")
    if page.fitting:
        return _tr("A fit is running and its body is on screen; wait for it, or cancel it ({0}).").format(
            key_hint("fit.cancel")
        )
    return None


def _find_lack(page: AnnotatePage) -> str | None:
    """What is not on screen, or stands in the place of what should be."""
    if not page.has_picture:
        return _tr("The image is missing, and a body cannot be judged without it.")
    if page.history.shown is not None and not page.history.shown.is_current:
        return _tr(
            "This is not the current fit; go back to that ({0}), or use this one ({1}), before you accept."
        ).format(key_hint("compare.toggle"), key_hint("compare.use"))
    return None


def _find_unseen(page: AnnotatePage) -> str | None:
    if page.display.is_drawn:
        return None
    return _tr("The body is still being drawn; look at it from the side before you accept.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Obstacles", text)
