"""Projects with pictures that nobody is in yet, as a plain folder leaves them."""

from __future__ import annotations

from pathlib import Path

from app.services.project import Project
from db.records import ImageId, NewImage
from tests.helpers.builders import SIZE, write_picture


def add_pictures(project: Project, root: Path, count: int) -> list[ImageId]:
    """So many pictures ``001.jpg`` … below a folder, without people."""
    names = [f"{number + 1:03d}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        write_picture(root / name, number)
    with project.store.change("Import pictures", undoable=False) as change:
        return change.images.add_many(
            [NewImage(name, str(root), *SIZE, dataset=root.name, exif_honoured=True) for name in names]
        )
