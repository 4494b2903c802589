"""A small held-out set, written as ``main.py synth`` writes one, of bodies whose keypoints are exact."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fitting.body.assets import load_body_asset
from fitting.body.model import load_body
from fitting.geometry.boxes import box_around_points
from fitting.geometry.camera import project_to_image
from fitting.spec import BodyFit, Box, ByteImage
from resources import default_body
from tests.helpers.fits import BOX, coco_keypoints, standing_body

SIZE_PX = (640, 480)


def write_synthetic_set(
    folder: Path,
    bodies: Sequence[BodyFit] | None = None,
    pictures: Sequence[ByteImage] | None = None,
    keypoints: Sequence[np.ndarray] | None = None,
    boxes: Sequence[Box] | None = None,
    tags: Sequence[str] = ("", "occluded truncated", "rare"),
) -> Path:
    """Write a set of people; by default three who stand, on grey pictures, with exact keypoints."""
    bodies = [standing_body(seed) for seed in range(3)] if bodies is None else bodies
    boxes = [BOX] * len(bodies) if boxes is None else boxes
    if keypoints is None:
        keypoints = [coco_keypoints(body, box) for body, box in zip(bodies, boxes, strict=True)]
    if pictures is None:
        pictures = [np.full((SIZE_PX[1], SIZE_PX[0], 3), 128, dtype=np.uint8)] * len(bodies)
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for row, picture in enumerate(pictures):
        name = f"{row + 1:06d}.jpg"
        Image.fromarray(picture).save(folder / "images" / name, quality=90)
        images.append({"id": row + 1, "file_name": name, "width": picture.shape[1], "height": picture.shape[0]})
        annotations.append(_annotation(row + 1, keypoints[row]))
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "person"}]}
    (folder / "annotations.json").write_text(json.dumps(document), encoding="utf-8")
    write_truth(folder, bodies, boxes, tags)
    write_manifest(folder)
    return folder


def write_truth(folder: Path, bodies: Sequence[BodyFit], boxes: Sequence[Box], tags: Sequence[str]) -> None:
    body = load_body(default_body())
    count = len(bodies)
    projected = [project_to_image(body.joints_of(fit), fit.camera, box) for fit, box in zip(bodies, boxes, strict=True)]
    np.savez_compressed(
        folder / "truth.npz",
        annotation_id=np.arange(1, count + 1),
        image_id=np.arange(1, count + 1),
        rotations=np.stack([fit.rotations for fit in bodies]).astype(np.float32),
        betas=np.stack([fit.betas for fit in bodies]).astype(np.float32),
        camera=np.stack([fit.camera for fit in bodies]).astype(np.float32),
        center_px=np.stack([box.center_px for box in boxes]),
        scale=np.array([box.scale for box in boxes]),
        keypoints_px=np.stack(projected),
        visibility=np.full((count, 49), 2),
        tags=np.array([tags[row % len(tags)] for row in range(count)]),
        family=np.array(["standing"] * count),
    )


def write_manifest(folder: Path, **changes: Any) -> None:
    """(Re)write the manifest of what lies in the folder."""
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }
    manifest = {
        "format": "exemplar-synthetic 1",
        "seed": 1,
        "count": sum(name.endswith(".jpg") for name in files),
        "body_sha256": load_body_asset(default_body()).sha256,
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest | changes), encoding="utf-8")


def _annotation(identity: int, keypoints: np.ndarray) -> dict[str, Any]:
    labelled = keypoints[:, 2] > 0
    around = box_around_points(keypoints[labelled, :2]) if labelled.sum() > 1 else BOX
    side = around.side_px / 1.2
    low = np.asarray(around.center_px) - side / 2
    return {
        "id": identity,
        "image_id": identity,
        "category_id": 1,
        "iscrowd": 0,
        "bbox": [float(low[0]), float(low[1]), float(side), float(side)],
        "area": float(side**2),
        "num_keypoints": int(labelled.sum()),
        "keypoints": [float(number) for number in keypoints.reshape(-1)],
    }
