"""How far raters are, read from a study's own package while its page is open."""

from __future__ import annotations

from pathlib import Path

from app.services.project import Project
from app.services.study.handing_out import StudyProgress, count_progress
from app.services.study.records import package_of
from db.errors import StoreError
from db.rater_package.package import RaterPackage
from db.records import StudyId


class PackageWatch:
    """Keeps one package open between two looks; used by one thread."""

    def __init__(self) -> None:
        self._folder: tuple[Path, int] | None = None
        self._package: RaterPackage | None = None

    def read(self, project: Project, study_id: StudyId) -> StudyProgress:
        """How far a study's raters are.

        Raises:
            StoreError: Its package cannot be read.
        """
        with project.store.read() as reader:
            study = reader.studies.get(study_id)
        try:
            seats = self._open(package_of(project, study)).status()
        except StoreError:
            self.close()
            raise
        return count_progress(project, study, seats)

    def close(self) -> None:
        """Let go of the package."""
        if self._package is not None:
            self._package.close()
        self._package = self._folder = None

    def _open(self, folder: Path) -> RaterPackage:
        # A package made anew lies at the same place; the database of the one before can still be read once it is gone.
        found = folder, folder.stat().st_ino if folder.exists() else 0
        if self._package is None or self._folder != found:
            self.close()
            self._package, self._folder = RaterPackage.open(folder), found
        return self._package
