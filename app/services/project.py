"""An open project: its folder, its store, and the files it fits with."""

from __future__ import annotations

import getpass
from pathlib import Path
from types import TracebackType

from app.services.errors import ServiceError
from app.services.places import make_folder, resolve_place, usable
from db.records import AnnotatorId
from db.store import Store
from resources import default_body, default_regressor

DATABASE_NAME = "project.db"
POINTER_NAME = "project-database.txt"
"""Holds the database URL of a project whose database is not in its folder."""


class Project:
    """A project folder with its store. Use as a context manager, or call :meth:`close`.

    Attributes:
        folder: Project folder.
        store: Everything that is edited.
        annotator_id: Who works in this session.
        body: Body file for fits.
        regressor: Weights file for fits.
    """

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        with store.read() as reader:
            self.body = Path(str(reader.settings.get("body") or default_body()))
            self.regressor = Path(str(reader.settings.get("regressor") or default_regressor()))
        with store.change("Open project", undoable=False) as change:
            self.annotator_id: AnnotatorId = change.annotators.get_or_add(_user_name()).id

    @classmethod
    def create(cls, folder: Path, database: str | None = None) -> Project:
        """Make a new project in a folder that holds none.

        Args:
            folder: Project folder; made if absent.
            database: Database URL; by default ``project.db`` in the folder.

        Raises:
            ServiceError: There is a project already, or the folder cannot be made.
            StoreError: The database cannot be made.
        """
        folder = resolve_place(folder)
        if holds_project(folder):
            raise ServiceError(f"{folder} holds a project already; open it, or choose another folder.")
        make_folder(folder)
        if database is None:
            return cls(folder, Store.create(folder / DATABASE_NAME))
        store = Store.create(database)
        pointer = folder / POINTER_NAME
        pointer.touch(mode=0o600)  # the address may carry a password
        pointer.write_text(f"{database}\n", encoding="utf-8")
        return cls(folder, store)

    @classmethod
    def open(cls, folder: Path) -> Project:
        """Open the project of a folder.

        Raises:
            ServiceError: The folder holds no project.
            StoreError: Its database cannot be opened.
        """
        folder = resolve_place(folder)
        if not holds_project(folder):
            raise ServiceError(f"{folder} holds no project; make one with 'python main.py new {folder}'.")
        pointer = folder / POINTER_NAME
        if not pointer.is_file():
            return cls(folder, Store.open(folder / DATABASE_NAME))
        try:
            database = pointer.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ServiceError(f"{pointer} cannot be read ({error}); it must hold the database's URL.") from error
        return cls(folder, Store.open(database))

    @property
    def name(self) -> str:
        """Name shown in titles."""
        return self.folder.name

    def close(self) -> None:
        """Close the store; closing twice is fine."""
        self.store.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def holds_project(folder: Path) -> bool:
    """Whether a folder is a project's, sound or not.

    Raises:
        ServiceError: The folder may not be looked into.
    """
    with usable(folder):
        return (folder / DATABASE_NAME).exists() or (folder / POINTER_NAME).is_file()


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no account behind the user id, as in some containers
        return "annotator"
