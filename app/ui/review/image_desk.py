"""Going through images, with people in them or not, by the list of images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject

from app.services.drawing import ImageView, load_image_view
from app.services.person_view import PersonView
from db.records import ImageId, PersonId

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.review.attachments import Place


class ImageDesk(QObject):
    """While the images are listed, the keys that go from person to person go from image to image.

    Args:
        place: Where it lives.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._context = place.page.context
        self._actions = place.actions
        self._lists, self._column = place.page.frame.lists, place.page.frame.images_column
        self._images = place.page.images
        self._shown: ImageId | None = None
        self._last_row = 0
        self._asked = self._answered = 0
        self._lists.images_wanted.connect(self._on_switched)
        self._column.image_chosen.connect(self.go_to)
        self._column.left.connect(self._page.canvas.setFocus)
        self._images.filtered.connect(self._on_images_listed)
        self._page.people.filtered.connect(self._on_people_listed)
        self._page.person_shown.connect(self._on_person_shown)
        self._page.image_shown.connect(self._on_image_shown)
        self._page.judge.decided.connect(lambda _changeset: self._go_on() if self._is_on else None)

    def handlers(self) -> Mapping[str, Handler]:
        """What the part's actions do."""
        people = self._page.navigator
        return {
            "list.images": self._lists.show_images,
            "person.next": lambda: self._step(1) if self._is_on else people.step(1),
            "person.previous": lambda: self._step(-1) if self._is_on else people.step(-1),
            "person.first": lambda: self._go_row(0) if self._is_on else people.first(),
            "person.last": lambda: self._go_row(len(self._images.ids) - 1) if self._is_on else people.last(),
            "person.next_undecided": lambda: self._jump(1) if self._is_on else people.jump_undecided(1),
            "person.previous_undecided": lambda: self._jump(-1) if self._is_on else people.jump_undecided(-1),
            "decide.skip": lambda: self._go_on() if self._is_on else people.jump_undecided(1),
        }

    def close(self) -> None:
        """Nothing is kept."""

    def go_to(self, image_id: ImageId) -> None:
        """Show an image: its first person, or the image alone where nobody is in it."""
        project = self._context.project
        self._asked += 1
        ticket = self._asked
        self._mark(image_id)
        self._context.reads.run(
            lambda: load_image_view(project, image_id),
            lambda view: self._show(ticket, view),
            lambda error: self._on_failed(ticket, str(error)),
        )

    @property
    def _is_on(self) -> bool:
        return self._lists.shows_images

    def _show(self, ticket: int, view: ImageView) -> None:
        self._answered = ticket
        if ticket != self._asked:
            return  # a key that is held goes on from the row it has reached
        if view.people:
            self._context.set_person(view.people[0].id)
        else:
            self._context.set_image(view.image.id)

    def _on_failed(self, ticket: int, sentence: str) -> None:
        self._answered = ticket
        self._page.tell(sentence, "warning")

    def _step(self, direction: Literal[1, -1]) -> None:
        row = self._images.find_row(self._shown)
        if row is None:
            self._go_row(min(self._last_row, len(self._images.ids) - 1))
        elif 0 <= row + direction < len(self._images.ids):
            self._go_row(row + direction)
        else:
            self._page.tell(
                self.tr("This is the last image of the list.")
                if direction > 0
                else self.tr("This is the first image of the list.")
            )

    def _go_row(self, row: int) -> None:
        if 0 <= row < len(self._images.ids):
            self.go_to(self._images.ids[row])
        else:
            self._page.tell(self.tr("No image matches the filter."))

    def _jump(self, direction: int) -> None:
        def on_found(image_id: ImageId | None) -> None:
            if image_id is None:
                self._page.tell(self.tr("People are in every other image of this list already."))
            else:
                self.go_to(image_id)

        self._context.reads.run(self._images.build_empty_search(self._shown, direction), on_found)

    def _go_on(self) -> None:
        """To whoever else of the image waits for a decision, or to the next image that nobody is in."""
        view = self._page.view
        if view is None:
            self._jump(1)
            return
        project, here = self._context.project, view.person.id
        mates = [person.id for person in view.people if person.id != here]

        def read() -> PersonId | None:
            with project.store.read() as reader:
                waiting = reader.queue.undecided_of(mates, project.annotator_id)
            return next((mate for mate in mates if mate in waiting), None)

        def on_found(mate: PersonId | None) -> None:
            if self._context.person_id != here:
                return  # gone elsewhere meanwhile
            if mate is None:
                self._jump(1)
            else:
                self._context.set_person(mate)

        self._context.reads.run(read, on_found)

    # ---- what happens

    def _on_switched(self, images: bool) -> None:
        self._actions.set_checked("list.images", images)
        if images:
            self._column.apply_filter()
        self._page.canvas.setFocus()

    def _on_people_listed(self) -> None:
        """A project of pictures that nobody is in yet opens at its images."""
        people, context = self._page.people, self._context
        if people.ids or people.filter.narrows or self._is_on or context.image_id is not None:
            return

        def read() -> bool:
            with context.project.store.read() as reader:
                return reader.image_list.has_any()

        context.reads.run(read, lambda has_any: self._lists.show_images(True) if has_any else None)

    def _on_images_listed(self) -> None:
        nothing = self._context.person_id is None and self._context.image_id is None
        if nothing and self._is_on and self._images.ids:
            self._go_row(0)

    def _on_person_shown(self, view: PersonView | None) -> None:
        if view is not None:
            self._note(view.image.id)

    def _on_image_shown(self, view: ImageView) -> None:
        self._note(view.image.id)

    def _note(self, image_id: ImageId) -> None:
        """An image has come on screen, by whatever way; while another one is on its way, that one stays marked."""
        if self._answered == self._asked:
            self._mark(image_id)

    def _mark(self, image_id: ImageId) -> None:
        if image_id != self._shown:
            self._shown = image_id
            self._column.show_image(image_id)
        row = self._images.find_row(image_id)
        if row is not None:
            self._last_row = row
