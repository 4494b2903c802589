"""Which two bodies of the person on screen are compared."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.services.comparing import BodyVersion, VersionKey, choose_opposite, list_versions
from app.services.fit_versions import ShownFit
from app.services.person_view import PersonView
from db.records import FitId, PersonId


class Comparison(QObject):
    """The body on the left is the fit looked at until people choose another one; that on the right is what helps most.

    Signals:
        changed: There are other bodies, or others have been chosen.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._person_id: PersonId | None = None
        self._shown: FitId | None = None
        self._left: VersionKey | None = None
        self._right: VersionKey | None = None
        self.versions: tuple[BodyVersion, ...] = ()

    def set_view(self, view: PersonView | None, shown: ShownFit | None, looked_at: FitId | None) -> None:
        """Take the bodies of a person; a choice is kept while it is among them.

        Args:
            view: The person.
            shown: The fit looked at.
            looked_at: Another fit of the person that people looked at last.
        """
        person_id = None if view is None else view.person.id
        fit_id = None if shown is None else shown.fit.id
        if person_id != self._person_id:
            self._left = self._right = None
        if fit_id != self._shown:
            self._left = None
        self._person_id, self._shown, self._looked_at = person_id, fit_id, looked_at
        self.versions = () if view is None else list_versions(view)
        self.changed.emit()

    @property
    def left(self) -> BodyVersion | None:
        """On the left; None without a fit."""
        own = None if self._shown is None else self._find((self._shown, "final"))
        return self._find(self._left) or own

    @property
    def right(self) -> BodyVersion | None:
        """On the right, and what blinks in; None where there is nothing to compare."""
        left = self.left
        chosen = self._find(self._right)
        if left is None or chosen is not None:
            return chosen
        return choose_opposite(self.versions, left, self._looked_at)

    def choose_left(self, key: VersionKey) -> None:
        """Put a body on the left."""
        self._left = key
        self.changed.emit()

    def choose_right(self, key: VersionKey) -> None:
        """Put a body on the right."""
        self._right = key
        self.changed.emit()

    def _find(self, key: VersionKey | None) -> BodyVersion | None:
        return next((version for version in self.versions if version.key == key), None)

    _looked_at: FitId | None = None
