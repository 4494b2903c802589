"""COCO and what is written like it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from db.formats.base import ImportedImage, ImportedPerson
from db.formats.coco import write_coco
from tests.helpers.builders import write_picture
from tests.helpers.people_examples.example import Example


def write_coco_example(folder: Path) -> Path:
    """Two people in one picture."""
    write_picture(folder / "one.jpg", 1, (100, 80))
    keypoints = np.column_stack((np.linspace(10, 60, 17), np.linspace(5, 70, 17), np.full(17, 2.0)))
    people = [
        ImportedPerson("one.jpg", i, str(i + 1), (10, 5, 50, 65), (35, 37.5), 0.39, None, False, "coco17", keypoints)
        for i in range(2)
    ]
    write_coco(folder / "coco.json", [ImportedImage("one.jpg", 100, 80, "1")], people)
    return folder / "coco.json"


EXAMPLES = {"coco": Example(write_coco_example, people=2, joints=34)}
