"""Settings that belong to the project: folder of the images, body, regressor."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from db.models import SettingRow
from db.records import REVIEWS_PER_PERSON
from db.repositories.base import Repository, WriteScope


class Settings(Repository):
    """Reads settings; values are what JSON has."""

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a setting, or the default."""
        row = self._session.get(SettingRow, key)
        return default if row is None else row.value

    def read_all(self) -> dict[str, Any]:
        """Every setting that was ever set."""
        return {row.key: row.value for row in self._session.scalars(select(SettingRow).order_by(SettingRow.key))}


class SettingsWriter(Settings):
    """Sets settings; only in a change that is not undoable."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def set(self, key: str, value: Any) -> None:
        """Store a setting, replacing its value; how many must agree derives everybody's state anew.

        Raises:
            ValueError: Neither one nor two reviewers: the caller's mistake.
        """
        self._scope.forbid_undo("settings")
        if key == REVIEWS_PER_PERSON:
            if value not in (1, 2):
                raise ValueError(f"{value} reviews a person; there are 1 or 2")
            self._scope.rederive = True
        self._session.merge(SettingRow(key=key, value=value))
        self._session.flush()
        self._scope.note(SettingRow.__tablename__, [])
