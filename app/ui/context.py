"""What the parts of the window share: the open project, the two worker threads, the runners, the person on screen.

Parts listen here instead of knowing each other: every change of the store, whoever made it, comes out of
:attr:`Context.changed`, and each view refreshes the rows it shows.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.services.batch import RunnerFactory
from app.services.project import Project
from app.settings import SettingsFile
from app.ui.jobs import JobLine
from app.ui.tasks import Tasks
from db.records import ChangeSet, ImageId, PersonId


class Context(QObject):
    """An open project in a window; lives from opening to closing it.

    Args:
        project: Closed with :meth:`close`.
        settings: Of this user.
        make_runner: For fits and for pictures of bodies, one runner each.

    Attributes:
        writes: Thread for everything that changes the store.
        reads: Thread for queries and pictures.
        thumbnails: Thread for the small pictures of lists, which nobody else waits for.
        make_runner: Makes a further runner, for work that has one of its own.
        fits: Runner for fits.
        renders: Runner for pictures of bodies.
        opened_at: The newest change of the project before anything of it was shown.

    Signals:
        changed: :class:`~db.records.ChangeSet`, after it has been committed.
        person_changed: ``PersonId | None``, the person on screen.
        image_changed: ``ImageId``, an image on screen without any of its people.
        annotator_changed: Somebody else works from now on, who may know of other decisions and waits for other people.
    """

    changed = Signal(object)
    person_changed = Signal(object)
    image_changed = Signal(object)
    annotator_changed = Signal()

    def __init__(
        self, project: Project, settings: SettingsFile, make_runner: RunnerFactory, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.project = project
        self.settings = settings
        self.writes = Tasks("store-writes", self)
        self.reads = Tasks("store-reads", self)
        self.thumbnails = Tasks("thumbnails", self)
        self.make_runner = make_runner
        self.fits = JobLine(make_runner, self)
        self.renders = JobLine(make_runner, self)
        with project.store.read() as reader:
            self.opened_at = reader.changes.latest_id()
        self._person_id: PersonId | None = None
        self._image_id: ImageId | None = None

    @property
    def person_id(self) -> PersonId | None:
        """The person on screen."""
        return self._person_id

    def set_person(self, person_id: PersonId | None) -> None:
        """Put a person on screen."""
        if person_id != self._person_id:
            self._person_id = person_id
            self._image_id = None
            self.person_changed.emit(person_id)

    @property
    def image_id(self) -> ImageId | None:
        """The image on screen without any of its people; None while a person is."""
        return self._image_id

    def set_image(self, image_id: ImageId) -> None:
        """Put an image on screen, and none of its people."""
        if image_id == self._image_id:
            return
        had_person = self._person_id is not None
        self._person_id, self._image_id = None, image_id
        if had_person:
            self.person_changed.emit(None)
        self.image_changed.emit(image_id)

    def report_change(self, changeset: ChangeSet) -> None:
        """Tell everybody what a committed change has touched."""
        self.changed.emit(changeset)

    def close(self) -> None:
        """Commit what was asked for, end threads and workers, close the store."""
        self.fits.close()
        self.renders.close()
        self.writes.close()
        self.reads.close()
        self.thumbnails.close()
        self.project.close()
