"""An open project: its folder, its store, and the files it fits with."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

from app.services.asset_info import reads_picture
from app.services.errors import ServiceError
from app.services.places import make_folder, resolve_place, usable
from db.records import AnnotatorId
from db.store import Store
from fitting.spec import AssetKind
from resources import default_body, default_regressor

DATABASE_NAME = "project.db"
POINTER_NAME = "project-database.txt"
"""Holds the database URL of a project whose database is not in its folder."""

NAME_LIMIT = 80
"""Characters of an annotator's name."""

_CURES: Mapping[str, str] = {
    "body": "python main.py body use BODY --project {project}",
    "regressor": "python main.py regressor use WEIGHTS --project {project}",
    "prior": "python main.py body use GMM --project {project}",
}
"""The settings that name files, and the command that chooses another."""


class Project:
    """A project folder with its store. Use as a context manager, or call :meth:`close`.

    Attributes:
        folder: Project folder.
        store: Everything that is edited.
        annotator_id: Who works in this session; every change carries it.
        annotator_name: Their name.
        body: Body file for fits.
        regressor: Weights file for fits.
        prior: Pose prior of SMPLify; None stands for the mannequin's.
    """

    def __init__(self, folder: Path, store: Store, annotator: str | None = None) -> None:
        self.folder = folder
        self.store = store
        with store.read() as reader:
            chosen = {kind: reader.settings.get(kind) for kind in _CURES}
        self.body = self._place(chosen["body"]) or default_body()
        self.regressor = self._place(chosen["regressor"]) or default_regressor()
        self.prior = self._place(chosen["prior"])
        self.annotator_id, self.annotator_name = self._sign_in(annotator or _user_name())

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
    def open(cls, folder: Path, *, with_files: bool = True, annotator: str | None = None) -> Project:
        """Open the project of a folder.

        Args:
            folder: Project folder.
            with_files: Insist that body, regressor and prior are where the project has them.
            annotator: Name of whoever works; None takes that of the system's user.

        Raises:
            ServiceError: The folder holds no project, a file it fits with is gone, or the name is none.
            StoreError: Its database cannot be opened.
        """
        folder = check_project(folder)
        name = None if annotator is None else check_annotator_name(annotator)
        project = cls(folder, Store.open(find_database(folder)), name)
        try:
            if with_files:
                project.check_files()
        except ServiceError:
            project.close()
            raise
        return project

    @property
    def name(self) -> str:
        """Name shown in titles."""
        return self.folder.name

    @property
    def uses_picture(self) -> bool:
        """Whether the regressor looks at the picture, not only at the keypoints.

        Raises:
            ServiceError: Its card is missing or none.
        """
        return reads_picture(self.regressor)

    def check_files(self) -> None:
        """Make sure that the files the project fits with are there.

        Raises:
            ServiceError: One is not; the sentence names it and the command that chooses another.
        """
        for kind, path in (("body", self.body), ("regressor", self.regressor), ("prior", self.prior)):
            if path is not None and not path.is_file():
                cure = _CURES[kind].format(project=self.folder)
                raise ServiceError(
                    f"The {kind} of the project, {path}, is not there any more; put it back, or choose another with"
                    f" '{cure}'."
                )

    def use_file(self, kind: AssetKind, path: Path) -> None:
        """Fit with another body, regressor or prior from now on.

        Args:
            kind: What it is.
            path: The file; one within the project folder moves with it.
        """
        inside = path.relative_to(self.folder) if path.is_relative_to(self.folder) else path
        with self.store.change(f"Use another {kind}", undoable=False) as change:
            change.settings.set(kind, str(inside))
        setattr(self, kind, path)

    def work_as(self, name: str) -> None:
        """Let every change carry another annotator from now on, who may undo only what they do from now on.

        Raises:
            ServiceError: The name is empty or too long.
        """
        self.annotator_id, self.annotator_name = self._sign_in(check_annotator_name(name))
        self.store.forget_steps()

    def _sign_in(self, name: str) -> tuple[AnnotatorId, str]:
        with self.store.change("Open project", undoable=False) as change:
            annotator = change.annotators.get_or_add(name)
        return annotator.id, annotator.name

    def _place(self, setting: object) -> Path | None:
        return None if setting is None else self.folder / str(setting)

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


def find_missing(folders: Iterable[Path]) -> dict[Path, str]:
    """Folders that hold no project now, with what is wrong in a few words."""
    missing: dict[Path, str] = {}
    for folder in folders:
        try:
            if not holds_project(folder):
                missing[folder] = "no project there any more" if folder.is_dir() else "the folder is gone"
        except ServiceError:
            missing[folder] = "the folder cannot be looked into"
    return missing


def check_project(folder: Path) -> Path:
    """The folder's full path, once it is known to be a project's, sound or not.

    Raises:
        ServiceError: It holds no project.
    """
    folder = resolve_place(folder)
    if not holds_project(folder):
        raise ServiceError(f"{folder} holds no project; make one with 'python main.py new {folder}'.")
    return folder


def check_annotator_name(name: str) -> str:
    """A name as it is stored, without blanks around it.

    Raises:
        ServiceError: It is empty or longer than a list can show.
    """
    stripped = " ".join(name.split())
    if not 0 < len(stripped) <= NAME_LIMIT:
        raise ServiceError(f"An annotator's name has 1 to {NAME_LIMIT} characters; '{stripped[:40]}' does not.")
    return stripped


def find_database(folder: Path) -> Path | str:
    """Where the database of a project folder is: a file's path, or a URL.

    Raises:
        ServiceError: The file that names it cannot be read.
    """
    pointer = folder / POINTER_NAME
    if not pointer.is_file():
        return folder / DATABASE_NAME
    try:
        return pointer.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ServiceError(f"{pointer} cannot be read ({error}); it must hold the database's URL.") from error


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no account behind the user id, as in some containers
        return "annotator"
