"""From one person of an image to the next, whatever the order of the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.ui.review.attachments import Place

if TYPE_CHECKING:
    from app.ui.action_set import Handler


class ImageMates:
    """Goes round the people of the image on screen."""

    def __init__(self, place: Place) -> None:
        self._page = place.page

    def handlers(self) -> Mapping[str, Handler]:
        """Both directions."""
        return {"person.next_in_image": lambda: self.step(1), "person.previous_in_image": lambda: self.step(-1)}

    def close(self) -> None:
        """Nothing is kept."""

    def step(self, direction: int) -> None:
        """To the next person of the image, after the last to the first."""
        view = self._page.view
        if view is None:
            return
        ids = [person.id for person in view.people]
        if len(ids) == 1:
            self._page.tell(QCoreApplication.translate("ImageMates", "Nobody else is annotated in this image."))
            return
        self._page.context.set_person(ids[(ids.index(view.person.id) + direction) % len(ids)])
