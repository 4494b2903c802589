"""Images that lie elsewhere now: find them again under another root. Files are only looked at, never touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.services.errors import ServiceError
from app.services.places import resolve_place, usable
from app.services.project import Project
from db.records import ChangeSet

_EXAMPLES = 5
_PROGRESS_EVERY = 500

OnLooked = Callable[[int, int], None]
"""Called with the number of images looked for, and the number in all."""


@dataclass(frozen=True, slots=True)
class RelinkPlan:
    """What a new root would mean.

    Attributes:
        old_root: Folder the images are said to lie in.
        new_root: Folder they are looked for in.
        found: Images that are there.
        missing: Images that are not.
        examples: Paths of some that are not.
    """

    old_root: str
    new_root: str
    found: int
    missing: int
    examples: tuple[str, ...]

    def in_words(self) -> str:
        """One or two sentences for people."""
        total = self.found + self.missing
        sentence = f"{self.found:,} of {total:,} images are in {self.new_root}."
        if self.missing:
            named = ", ".join(self.examples)
            more = " and others" if self.missing > len(self.examples) else ""
            sentence += f" Not there: {named}{more}."
        return sentence


def list_roots(project: Project) -> dict[str, int]:
    """Folders the images of a project are said to lie in, with the number of images of each."""
    with project.store.read() as reader:
        return reader.images.count_roots()


def plan_relink(
    project: Project, old_root: str, new_root: Path, on_looked: OnLooked = lambda done, total: None
) -> RelinkPlan:
    """Look whether the images below one folder are below another one.

    Raises:
        ServiceError: No image of the project lies below the first, or the second is no folder.
    """
    new = resolve_place(new_root)
    with usable(new):
        is_folder = new.is_dir()
    if not is_folder:
        raise ServiceError(f"{new} is no folder; name the folder the pictures lie in now.")
    with project.store.read() as reader:
        paths = reader.images.list_paths(old_root)
        roots = reader.images.count_roots()
    if not paths:
        known = ", ".join(roots) or "none"
        raise ServiceError(f"No image of the project lies in {old_root}; its folders are: {known}.")
    missing: list[str] = []
    for number, path in enumerate(paths, start=1):
        if not os.access(new / path, os.R_OK):
            missing.append(path)
        if number % _PROGRESS_EVERY == 0:
            on_looked(number, len(paths))
    return RelinkPlan(old_root, str(new), len(paths) - len(missing), len(missing), tuple(missing[:_EXAMPLES]))


def relink(project: Project, plan: RelinkPlan) -> ChangeSet:
    """Take the new root for every image of the old one, in one transaction.

    Raises:
        ServiceError: None of the images is there, so that the folder must be a wrong one.
        StoreError: The project has one of the images below the new root already.
    """
    if not plan.found:
        raise ServiceError(f"None of the images is in {plan.new_root}; choose the folder they lie in now.")
    with project.store.change("Re-link images", annotator_id=project.annotator_id, undoable=False) as change:
        change.images.move_root(plan.old_root, plan.new_root)
    return change.changeset
