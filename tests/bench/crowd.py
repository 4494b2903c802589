"""A project of a hundred thousand people, as a year's work would leave it: made in bulk once, kept under ``.bench/``.

One to four people an image, all states, fits with numbers of their own (their arrays are shared by some), decisions
with reasons and comments. The forty thousand image files are names of a few hundred pictures.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy.orm import Session

from app.services.project import Project
from app.services.review import REASONS
from db.engine import build_engine, parse_place, writing
from db.heads import refresh_heads
from db.records import ChangeId, PersonId, count_limb_joints
from db.schema import MIGRATIONS
from tests.helpers.fits import coco_keypoints, standing_body

PEOPLE = 100_000
_VERSION = 1
"""Raised when what is made changes, so that a kept project is made again."""
_PICTURES, _SIZE = 240, (640, 480)
_BODIES = 64
_PIECE = 2000
_PER_IMAGE = (0.55, 0.25, 0.12, 0.08)
_METHODS = ("eft", "smplify", "regressor")
_STATES = {"accepted": 0.45, "rejected": 0.1, "second_look": 0.03, "stale": 0.04, "fitted": 0.28, "unfitted": 0.08}
"""Shares of what has happened to people; the rest have too few keypoints."""


def prepare_crowd(people: int = PEOPLE, folder: Path | None = None) -> Path:
    """Project folder of that many people; made when there is none of today's kind."""
    folder = folder or Path(__file__).parents[2] / ".bench" / f"crowd_{people}"
    stamp = folder / "made.json"
    wanted = {"version": _VERSION, "schema": MIGRATIONS.head, "people": people}
    if stamp.is_file() and json.loads(stamp.read_text()) == wanted:
        return folder / "project"
    shutil.rmtree(folder, ignore_errors=True)
    _make(folder, people)
    stamp.write_text(json.dumps(wanted))
    return folder / "project"


def _make(folder: Path, people: int) -> None:
    rng = np.random.default_rng(5)
    with Project.create(folder / "project") as project, project.store.change("Import", undoable=False) as change:
        for name in ("Anna", "Bert", "Chloe"):
            change.annotators.get_or_add(name)
    database = folder / "project" / "project.db"
    per_image = rng.choice(4, size=people, p=_PER_IMAGE) + 1
    images = int(np.searchsorted(np.cumsum(per_image), people)) + 1
    _write_pictures(folder / "images", images, rng)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        change_id = _insert_change(connection, people)
        _insert_people(connection, folder / "images", per_image[:images], people, rng)
        _insert_work(connection, people, rng)
        connection.commit()
    _derive_heads(database, people, change_id)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _write_pictures(folder: Path, count: int, rng: np.random.Generator) -> None:
    """Files of forty thousand names: each is a hard link to one of a few hundred pictures."""
    pool = folder / "pool"
    pool.mkdir(parents=True)
    ramp = np.linspace(30, 220, _SIZE[0])[None, :, None] * np.linspace(0.6, 1, _SIZE[1])[:, None, None]
    for number in range(_PICTURES):
        tint = rng.uniform(0.4, 1.0, 3)
        noisy = ramp * tint + rng.normal(0, 9, (_SIZE[1], _SIZE[0], 1))
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(pool / f"{number}.jpg", quality=85)
    for number in range(count):
        target = folder / _image_name(number)
        if number % 1000 == 0:
            target.parent.mkdir(exist_ok=True)
        os.link(pool / f"{number % _PICTURES}.jpg", target)


def _image_name(number: int) -> str:
    return f"{number // 1000:03d}/{number:012d}.jpg"


def _insert_change(connection: sqlite3.Connection, people: int) -> int:
    row = connection.execute(
        "INSERT INTO change_log (label, kind, undoable, created_at, rows) VALUES ('Import', 'do', 0, 1, ?)",
        (json.dumps({"people": [[1, people]]}),),
    )
    return int(row.lastrowid or 0)


def _insert_people(
    connection: sqlite3.Connection, root: Path, per_image: np.ndarray, people: int, rng: np.random.Generator
) -> None:
    connection.executemany(
        "INSERT INTO images (id, root, path, width, height, dataset, external_id, exif_honoured)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        (
            (number + 1, str(root), _image_name(number), *_SIZE, ("coco", "mpii", "lsp")[number % 3], str(number))
            for number in range(len(per_image))
        ),
    )
    places = ((image + 1, ordinal) for image, count in enumerate(per_image) for ordinal in range(count))
    shift = rng.uniform(-60, 60, (people, 2))

    def rows() -> Iterator[tuple[object, ...]]:
        for person, (image, ordinal) in zip(range(1, people + 1), places, strict=False):
            x, y = shift[person - 1]
            box = (250 + x, 100 + y, 140.0, 300.0, 320 + x, 250 + y, 1.8)
            yield person, image, ordinal, str(1_000_000 + person), *box, 0, "coco17", "instances.json"

    connection.executemany(
        "INSERT INTO people (id, image_id, ordinal, external_id, bbox_x, bbox_y, bbox_width, bbox_height, box_center_x,"
        " box_center_y, box_scale, is_crowd, area, skeleton, source) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,NULL,?,?)",
        rows(),
    )


def _insert_work(connection: sqlite3.Connection, people: int, rng: np.random.Generator) -> None:
    """Keypoints, fits and decisions of everybody."""
    shares = np.array([*_STATES.values(), 1 - sum(_STATES.values())])
    states = rng.choice([*_STATES, "unfittable"], size=people, p=shares)
    points = [coco_keypoints(standing_body(seed)) for seed in range(_BODIES)]
    bodies = [_body_blobs(rng) for _ in range(_BODIES)]
    numbers = np.stack((rng.lognormal(-8.5, 0.8, people), rng.lognormal(1.6, 0.6, people), rng.gamma(4, 0.35, people)))
    revisions, fits, decisions = [], [], []
    next_revision = people + 1
    for place, state in enumerate(states):
        person = place + 1
        labelled = 4 if state == "unfittable" else int(rng.integers(8, 18))
        keypoints = points[place % _BODIES].copy()
        keypoints[labelled:] = 0
        blobs = (keypoints.tobytes(), (keypoints[:, 2] > 0).astype("<f8").tobytes())
        counts = (labelled, count_limb_joints("coco17", keypoints))
        revisions.append((person, person, "coco17", "Import", *counts, "i" * 17, *blobs))
        if state == "stale":
            revisions.append((next_revision, person, "coco17", "Move left wrist", *counts, "i" * 17, *blobs))
            next_revision += 1
        if state in ("unfitted", "unfittable"):
            continue
        l2d, rms, beta = (float(value) for value in numbers[:, place])
        flags = json.dumps(
            {"too_large": 1.4} if place % 47 == 0 else {"trunk_tilted": -31.0} if place % 61 == 0 else {}
        )
        signs = json.dumps({"swap_legs": 1.2} if place % 97 == 0 else {})
        fit = len(fits) + 1
        fits.append(
            (
                fit,
                person,
                person,
                _METHODS[place % 7 // 3],
                l2d,
                l2d * 300,
                l2d * 4,
                l2d * 1200,
                rms,
                beta,
                flags,
                signs,
            )
            + bodies[place % _BODIES]
        )
        verdict = {"accepted": "accept", "rejected": "reject", "second_look": "second_look"}.get(str(state))
        if verdict is not None:
            reasons = json.dumps([REASONS[place % 9].code] if verdict == "reject" else [])
            decisions.append((person, fit, verdict, reasons, "look again" if place % 29 == 0 else "", 1 + place % 3))
    connection.executemany(
        "INSERT INTO keypoint_revisions (id, person_id, created_at, skeleton, label, labelled_count, limb_count,"
        " sources, keypoints, confidence) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
        revisions,
    )
    connection.executemany(
        "INSERT INTO fits (id, person_id, revision_id, method, l2d, loss, l2d_initial, loss_initial, rms_px,"
        " max_abs_beta, flags, signs, betas, camera, box_center_px, initial_betas, initial_camera, rotations,"
        " initial_rotations, joints_px, trace, created_at, box_scale, kept_iteration, stop_reason, seconds, device,"
        " code_version, body_hash, regressor_hash, options) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
        " 1, 1.8, 9, 'iterations', 0.4, 'cpu', '0.1.0', 'a', 'b', '{}')",
        fits,
    )
    connection.executemany(
        "INSERT INTO decisions (person_id, fit_id, verdict, reasons, comment, annotator_id, created_at, seconds_spent)"
        " VALUES (?, ?, ?, ?, ?, ?, 1, 4.0)",
        decisions,
    )


def _body_blobs(rng: np.random.Generator) -> tuple[bytes, ...]:
    body = standing_body(int(rng.integers(1000)))
    rotations, camera = body.rotations.astype("<f8").tobytes(), np.array([0.8, 0.0, 0.0]).tobytes()
    betas = rng.normal(size=10).tobytes()
    joints = rng.uniform((250, 100), (390, 400), (49, 2)).tobytes()
    trace = rng.uniform(size=(20, 5)).tobytes()
    center = np.array([320.0, 250.0]).tobytes()
    return betas, camera, center, betas, camera, rotations, rotations, joints, trace


def _derive_heads(database: Path, people: int, change_id: int) -> None:
    engine = build_engine(parse_place(database), 5.0)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for start in range(1, people + 1, _PIECE):
        ids = range(start, min(start + _PIECE, people + 1))
        with Session(writing(engine)) as session, session.begin():
            refresh_heads(session, {PersonId(person): ChangeId(change_id) for person in ids}, now)
    engine.dispose()


if __name__ == "__main__":
    started = time.perf_counter()
    print(prepare_crowd(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))
    print(f"{time.perf_counter() - started:.1f} s")
