"""A gallery on disk.

::

    images/00000017.jpg     pictures, by number
    parts/00000017.png      body part of each pixel: 0 nobody, else SMPL joint + 1
    annotations.json        COCO person keypoints, with the visible pixels of each person as run lengths
    truth.npz               what really was, a row for each annotation, in their order
    manifest.json           seed, settings, body, and the SHA-256 of every file but itself
    order.json              only while the gallery is being made: what the manifest begins with
    chunks/00003.npz        only while the gallery is being made: truth of 32 pictures

Files are written beside their place and renamed; a chunk's truth is written after its pictures, so a chunk that is
there is whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fitting.errors import AssetError
from fitting.regressor.card import write_whole
from fitting.spec import FloatArray
from fitting.synthetic.gallery.artist import DrawnScene
from fitting.synthetic.gallery.plan import ScenePlan

FORMAT: Final = "exemplar-synthetic 1"
MANIFEST: Final = "manifest.json"
ORDER: Final = "order.json"
"""Stands in for the manifest while the gallery is being made."""
Truth = dict[str, NDArray[Any]]
_RUNS: Final = ("run_lengths", "run_counts")
_COCO_NAMES: Final = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip


def image_path(folder: Path, number: int) -> Path:
    """Where a picture lies."""
    return folder / "images" / f"{number:08d}.jpg"


def parts_path(folder: Path, number: int) -> Path:
    """Where a picture's map of body parts lies."""
    return folder / "parts" / f"{number:08d}.png"


def chunk_path(folder: Path, chunk: int) -> Path:
    """Where a chunk's truth lies while a gallery is being made."""
    return folder / "chunks" / f"{chunk:05d}.npz"


def collect_truth(
    scenes: Sequence[tuple[int, ScenePlan, DrawnScene]], keypoints: Sequence[FloatArray], tags: Sequence[Sequence[str]]
) -> Truth:
    """Arrays of all people of some pictures: number, plan and drawing each; keypoints and tags as the people come."""
    rows = [(number, plan, person) for number, plan, scene in scenes for person in scene.people]
    runs = [run_lengths(person.mask) for _, _, person in rows]
    people = [person for _, _, person in rows]
    return {
        "image_id": np.array([number for number, _, _ in rows], dtype=np.int64),
        "image_size": np.array([plan.size_px for _, plan, _ in rows], dtype=np.int64).reshape(-1, 2),
        "rotations": _stack([person.planned.rotations for person in people], (24, 3, 3)),
        "betas": _stack([person.planned.betas for person in people], (10,)),
        "camera": _stack([person.camera for person in people], (3,)),
        "center_px": _stack([person.box.center_px for person in people], (2,)),
        "scale": np.array([person.box.scale for person in people], dtype=np.float64),
        "bbox": _stack([person.bbox for person in people], (4,), np.float64),
        "keypoints_px": _stack([person.joints_px for person in people], (49, 2)),
        "visibility": _stack([person.visibility for person in people], (49,), np.uint8),
        "annotated": _stack(keypoints, (17, 3)),
        "shift": _stack([person.planned.shift for person in people], (3,)),
        "distance": np.array([plan.distance for _, plan, _ in rows], dtype=np.float64),
        "px_per_m": np.array([plan.px_per_m for _, plan, _ in rows], dtype=np.float64),
        "plane_low": _stack([plan.low for _, plan, _ in rows], (2,), np.float64),
        "family": np.array([person.planned.family for person in people], dtype="<U40"),
        "tags": np.array([" ".join(words) for words in tags], dtype="<U60"),
        "run_counts": np.array([len(lengths) for lengths in runs], dtype=np.int64),
        "run_lengths": np.concatenate(runs) if runs else np.zeros(0, dtype=np.int64),
    }


def write_truth(path: Path, truth: Truth) -> None:
    """Write arrays whole or not at all, without dates: the same truth gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in truth.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(entry, member.getvalue())
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, buffer.getvalue())


def read_truth(path: Path) -> Truth:
    """Read arrays.

    Raises:
        AssetError: Missing or damaged.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise AssetError(f"The truth {path} cannot be read ({error}); make the gallery again.") from error


def join_truths(truths: Iterable[Truth], people: int) -> Truth:
    """The first ``people`` of some truths in one, numbered as annotations from 1."""
    pieces = list(truths)
    joined = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0] if name != "run_lengths"}
    lengths = np.concatenate([piece["run_lengths"] for piece in pieces])
    joined = {name: array[:people] for name, array in joined.items()}
    joined["run_lengths"] = lengths[: int(joined["run_counts"].sum())]
    return {"annotation_id": np.arange(1, len(joined["scale"]) + 1, dtype=np.int64), **joined}


def build_coco(truth: Truth) -> dict[str, object]:
    """COCO person keypoints of a truth."""
    ends = np.cumsum(truth["run_counts"])
    sizes = dict(zip(truth["image_id"].tolist(), truth["image_size"].tolist(), strict=True))
    annotations = []
    for row, number in enumerate(truth["image_id"].tolist()):
        width, height = truth["image_size"][row].tolist()
        counts = truth["run_lengths"][ends[row] - truth["run_counts"][row] : ends[row]]
        keypoints = truth["annotated"][row]
        annotations.append(
            {
                "id": row + 1,
                "image_id": number,
                "category_id": 1,
                "iscrowd": 0,
                "bbox": truth["bbox"][row].tolist(),
                "area": int(counts[1::2].sum()),
                "segmentation": {"size": [height, width], "counts": counts.tolist()},
                "num_keypoints": int((keypoints[:, 2] > 0).sum()),
                "keypoints": [round(float(value), 3) for value in keypoints.ravel()],
            }
        )
    images = [
        {"id": number, "file_name": f"{number:08d}.jpg", "width": size[0], "height": size[1]}
        for number, size in sizes.items()
    ]
    category = {"id": 1, "name": "person", "supercategory": "person", "keypoints": list(_COCO_NAMES), "skeleton": []}
    return {"images": images, "annotations": annotations, "categories": [category]}


def write_manifest(folder: Path, entries: Mapping[str, object], files: Iterable[Path]) -> None:
    """Write what made the gallery, and the hash of every file."""
    hashes = {path.relative_to(folder).as_posix(): hash_file(path) for path in sorted(files)}
    text = json.dumps({"format": FORMAT, **entries, "files": hashes}, indent=1)
    write_whole(folder / MANIFEST, text.encode() + b"\n")


def read_order(folder: Path) -> dict[str, object]:
    """What a gallery was ordered with: seed, count, body and settings; empty where the folder holds none.

    Raises:
        AssetError: The file that says so is damaged.
    """
    for name in (MANIFEST, ORDER):
        path = folder / name
        try:
            read = json.loads(path.read_bytes())
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError) as error:
            raise AssetError(
                f"{path} cannot be read ({error}); remove the folder and make the gallery again."
            ) from error
        if not isinstance(read, dict):
            raise AssetError(f"{path} is not a gallery's; remove the folder and make the gallery again.")
        return read
    return {}


def count_pictures(folder: Path) -> int:
    """How many pictures a finished gallery has."""
    return len(list((folder / "images").glob("*.jpg")))


def hash_file(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run_lengths(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """COCO's uncompressed run lengths: column after column, zeros first."""
    flat = np.concatenate(([False], mask.ravel(order="F"), [not mask.ravel(order="F")[-1]]))
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate(([0], changes)))


def _stack(arrays: Sequence[Any], shape: tuple[int, ...], dtype: Any = np.float32) -> NDArray[Any]:
    return np.array(arrays, dtype=dtype).reshape(-1, *shape)
