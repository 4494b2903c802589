"""Plain folders."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.builders import write_picture
from tests.helpers.people_examples.example import Example


def write_folder(folder: Path) -> Path:
    """Three pictures, one of them in a folder below."""
    for number, name in enumerate(("10.jpg", "9.jpg", "walk/1.png")):
        write_picture(folder / name, number, (60, 40))
    return folder


EXAMPLES = {"folder": Example(write_folder, people=0, joints=0, images=3)}
