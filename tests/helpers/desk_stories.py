"""Stories that are told in processes of their own (:func:`tests.helpers.stories.start_story`)."""

from __future__ import annotations

from tests.helpers.ui_stories import Annotator


def edit_fit_accept_and_wait(annotator: Annotator) -> None:
    """Told in a process of its own, which is killed at its end."""
    annotator.until(lambda: annotator.window.page is not None)
    annotator.until(lambda: annotator.page.view is not None)
    first = annotator.person_id
    annotator.press("Tab", "Shift+Right", "R")
    annotator.until(lambda: annotator.state == "fitted" and not annotator.page.fitting)
    annotator.accept()
    annotator.until(lambda: annotator.page.view is not None and annotator.person_id != first)
    annotator.press("Tab", "Shift+Down", "O")
    annotator.until_settled()
    print("STORED", flush=True)
    annotator.until(lambda: False)


def repair_and_accept(annotator: Annotator) -> None:
    """Told by somebody who may not write where the pictures are."""
    annotator.until(lambda: annotator.window.page is not None)
    annotator.until(lambda: annotator.page.view is not None)
    first = annotator.person_id
    annotator.press("Tab", "Shift+Right", "R")
    annotator.until(lambda: annotator.state == "fitted" and not annotator.page.fitting)
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "accepted")
    print("DONE", flush=True)
