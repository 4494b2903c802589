"""A hundred thousand people of COCO into a project and again: seconds, and megabytes of the process.

``python -m tests.bench.importing 50000 100000 200000`` compares sizes. Every import is a process of its own, through
the command line, with pictures that exist.
"""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from main import main
from resources.skeleton import get_skeleton
from tests.bench.measure import Figure, peak_megabytes

PEOPLE = 100_000
_PER_PICTURE = 1.57  # as in train2017: 100,000 people in 64,000 pictures
_OUTLINE_POINTS = 40


def measure_importing(people: int = PEOPLE) -> Iterator[Figure]:
    """Rows about an import of many people, first and again."""
    with tempfile.TemporaryDirectory() as folder:
        first, again = time_imports(Path(folder), people)
    megabytes = max(first["megabytes"], again["megabytes"])
    title = f"import of {people:,} COCO people"
    yield Figure(f"{title}, ms", 1000 * first["seconds"], 1000 * first["seconds"], "<= 60000")
    yield Figure(f"{title}, again, ms", 1000 * again["seconds"], 1000 * again["seconds"], "<= 30000")
    yield Figure(f"{title}, peak MB", megabytes, megabytes, "<= 1500")


def time_imports(folder: Path, people: int) -> list[dict[str, float]]:
    """Seconds, processor seconds and peak megabytes of importing a new file, and of importing it again."""
    source = write_people(folder, people)
    project = folder / "project"
    subprocess.run([sys.executable, "main.py", "new", str(project)], check=True, capture_output=True)
    results: list[dict[str, float]] = []
    for _ in range(2):
        command = [sys.executable, "-m", "tests.bench.importing", "--child", str(source), str(folder), str(project)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    return results


def write_people(folder: Path, people: int) -> Path:
    """A file of the size and shape of COCO's, and its pictures; written entry by entry."""
    generator = random.Random(people)
    pictures = int(people / _PER_PICTURE)
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 80, 70)).save(buffer, "JPEG")
    (folder / "train2017").mkdir(parents=True)
    for number in range(pictures):
        (folder / "train2017" / _name(number)).write_bytes(buffer.getvalue())
    source = folder / "person_keypoints_train2017.json"
    with source.open("w") as file:
        file.write('{"info": {"description": "bench"}, "licenses": [{"id": 4, "name": "CC-BY"}], "images": [')
        file.writelines(f"{', ' * (number > 0)}{json.dumps(_picture(number))}" for number in range(pictures))
        file.write('], "annotations": [')
        for number in range(people):
            file.write(f"{', ' * (number > 0)}{json.dumps(_person(generator, number, pictures))}")
        category = {"id": 1, "name": "person", "keypoints": get_skeleton("coco17").joints, "skeleton": []}
        file.write(f'], "categories": [{json.dumps(category)}]}}')
    return source


def _name(number: int) -> str:
    return f"{number + 1:012d}.jpg"


def _picture(number: int) -> dict[str, Any]:
    url = f"http://images.cocodataset.org/train2017/{_name(number)}"
    row = {"license": 4, "file_name": _name(number), "coco_url": url, "height": 480, "width": 640}
    return {**row, "date_captured": "2013-11-19 23:22:42", "flickr_url": url, "id": number + 1}


def _person(generator: random.Random, number: int, pictures: int) -> dict[str, Any]:
    outline = [round(generator.uniform(0, 480), 2) for _ in range(2 * _OUTLINE_POINTS)]
    keypoints: list[int] = []
    for _ in range(17):
        labelled = generator.random() < 0.7
        keypoints += [generator.randrange(640), generator.randrange(480), 2] if labelled else [0, 0, 0]
    return {
        "segmentation": [outline],
        "num_keypoints": sum(value > 0 for value in keypoints[2::3]),
        "area": round(generator.uniform(500, 90_000), 4),
        "iscrowd": 0,
        "keypoints": keypoints,
        "image_id": number * 7919 % pictures + 1,
        "bbox": [round(generator.uniform(0, 200), 2), 20.5, 180.25, 400.75],
        "category_id": 1,
        "id": 200_000 + number,
    }


def _import(source: str, images: str, project: str) -> None:
    wall, busy = time.perf_counter(), time.process_time()
    code = main(["import", "coco", source, "--images", images, "--project", project])
    figures = {
        "seconds": time.perf_counter() - wall,
        "busy_seconds": time.process_time() - busy,
        "megabytes": peak_megabytes(),
        "exit": code,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _import(*sys.argv[2:])
    else:
        for size in map(int, sys.argv[1:] or [str(PEOPLE)]):
            with tempfile.TemporaryDirectory() as place:
                print(json.dumps({"people": size, "imports": time_imports(Path(place), size)}), flush=True)
