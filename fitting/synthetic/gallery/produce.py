"""Make a gallery: in parallel, by chunks, from where it was left.

A chunk follows from the seed and its own number alone, so any number of workers makes the same pictures, and an
interrupted gallery is finished by asking for it again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from fitting.body.assets import load_body_asset
from fitting.body.model import load_body
from fitting.errors import AssetError, WorkCancelled
from fitting.places import writing_to
from fitting.regressor.card import write_whole
from fitting.spec import GalleryJob, GalleryOrder, GalleryResult, GallerySettings
from fitting.synthetic.gallery import files
from fitting.synthetic.gallery.annotator import annotate_people
from fitting.synthetic.gallery.artist import DrawnScene, SceneArtist, SeenPerson
from fitting.synthetic.gallery.backgrounds import Backdrops, list_pictures
from fitting.synthetic.gallery.film import encode_jpeg, encode_png
from fitting.synthetic.gallery.plan import ScenePlan, plan_scenes
from fitting.synthetic.gallery.settings import CHUNK, DRAWING

_OCCLUDED = 0.12


def run_gallery_job(job: GalleryJob, is_cancelled: Callable[[], bool] = lambda: False) -> GalleryResult:
    """One step of a gallery.

    Args:
        job: The step.
        is_cancelled: Asked after every picture, so that no worker goes on drawing when the program has been killed
            and perhaps begun again.

    Raises:
        WorkCancelled: ``is_cancelled`` said so.
        AssetError: The folder holds another gallery, or the body or a background cannot be read.
        RenderError: This machine cannot draw.
    """
    with writing_to(job.order.folder, "give the same command again"):
        match job.step:
            case "begin":
                people, images = begin_gallery(job.order)
            case "chunk":
                people, images = draw_chunk(job.order, job.number, is_cancelled), 0
            case "finish":
                people, images = finish_gallery(job.order, job.number)
    return GalleryResult(job.job_id, people, images)


def begin_gallery(order: GalleryOrder) -> tuple[int, int]:
    """Make the folders, or find the gallery finished already; returns its people and pictures then, else zeros."""
    entries = _describe(order)
    if _is_finished(order.folder, entries):
        _sweep(order.folder)
        return order.people, files.count_pictures(order.folder)
    Backdrops(order.settings)  # a background that cannot be read is told before anything is made
    _begin(order.folder, entries)
    return 0, 0


def draw_chunk(order: GalleryOrder, chunk: int, is_cancelled: Callable[[], bool] = lambda: False) -> int:
    """Draw one chunk of pictures unless it is there; returns how many people are in it.

    Raises:
        WorkCancelled: ``is_cancelled``, asked after every picture, said so.
    """
    path = files.chunk_path(order.folder, chunk)
    if path.exists():
        return len(files.read_truth(path)["scale"])
    torch.set_num_threads(1)  # sums of more threads differ in the last digit
    artist = _get_artist(order.body, order.settings)
    seeds = np.random.SeedSequence([order.seed, chunk]).spawn(2)
    plan_seed = int(np.random.default_rng(seeds[0]).integers(2**62))
    kinematics = load_body(order.body).kinematics
    plans = plan_scenes(kinematics, CHUNK, torch.Generator().manual_seed(plan_seed), order.settings)
    streams = [np.random.default_rng(stream) for stream in seeds[1].spawn(CHUNK)]
    scenes, keypoints, tags = [], [], []
    for index, (plan, skins, rng) in enumerate(zip(plans, artist.pose(plans), streams, strict=True)):
        number = chunk * CHUNK + index
        scene = artist.draw(plan, skins, rng)
        _write_picture(order.folder, number, scene, rng)
        if is_cancelled():
            raise WorkCancelled
        annotated = annotate_people(scene.people, order.settings, rng)
        kept = np.flatnonzero((annotated[..., 2] > 0).sum(1) >= order.settings.least_keypoints)
        people = tuple(scene.people[person] for person in kept)
        scenes.append((number, plan, replace(scene, people=people)))
        keypoints += list(annotated[kept])
        tags += [_tags(plan, person) for person in people]
    truth = files.collect_truth(scenes, keypoints, tags)
    files.write_truth(path, truth)
    return len(truth["scale"])


def _write_picture(folder: Path, number: int, scene: DrawnScene, rng: np.random.Generator) -> None:
    # Not renamed into place: a chunk's pictures count only once its truth is written.
    files.image_path(folder, number).write_bytes(encode_jpeg(scene.picture_rgb, rng))
    files.parts_path(folder, number).write_bytes(encode_png(scene.parts))


def _tags(plan: ScenePlan, person: SeenPerson) -> list[str]:
    words = [
        ("main", person.planned is plan.people[0]),
        ("occluded", person.hidden_share > _OCCLUDED),
        ("truncated", bool((person.visibility == 0).any())),
        ("close", plan.distance < 2.5),
        ("rare", person.planned.is_rare),
    ]
    return [word for word, applies in words if applies]


def _describe(order: GalleryOrder) -> dict[str, object]:
    settings = asdict(order.settings)
    folder = order.settings.backgrounds
    settings["backgrounds"] = None if folder is None else [path.name for path in list_pictures(folder)]
    return {
        "drawing": DRAWING,
        "seed": order.seed,
        "count": order.people,
        "body_sha256": load_body_asset(order.body).sha256,
        "settings": json.loads(json.dumps(settings)),
    }


def _is_finished(folder: Path, entries: dict[str, object]) -> bool:
    if not (folder / files.MANIFEST).exists():
        return False
    manifest = files.read_order(folder)
    if any(manifest.get(name) != value for name, value in entries.items()):
        raise AssetError(
            f"The folder {folder} holds a gallery made otherwise ({_differences(manifest, entries)}); name another."
        )
    return True


def _differences(there: dict[str, object], wanted: dict[str, object]) -> str:
    """Which entries of two orders differ, in words."""
    settings, own = (_settings_of(entries) for entries in (there, wanted))
    names = [name for name in wanted if name != "settings" and there.get(name) != wanted[name]]
    names += [name for name in own if settings.get(name) != own[name]]
    words = {"count": "people", "body_sha256": "body", "drawing": "version of the program"}
    return ", ".join(words.get(name, name) for name in names) + " differ"


def _settings_of(entries: dict[str, object]) -> dict[str, object]:
    settings = entries.get("settings")
    return settings if isinstance(settings, dict) else {}


def _begin(folder: Path, entries: dict[str, object]) -> None:
    """Make the folders; refuse those of another order, and those with anything else in them."""
    path = folder / files.ORDER
    if path.exists():
        begun = {**files.read_order(folder), "count": entries["count"]}
        if begun != entries:
            raise AssetError(
                f"The folder {folder} holds the beginning of another gallery ({_differences(begun, entries)}); name"
                " another folder, or repeat the command it was begun with."
            )
        return
    if folder.exists() and any(folder.iterdir()):
        raise AssetError(f"The folder {folder} is not empty and holds no gallery; name a new folder.")
    for name in ("images", "parts", "chunks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(entries, indent=1).encode())


def finish_gallery(order: GalleryOrder, chunks: int) -> tuple[int, int]:
    """Join the chunks, list every file, and take away what belongs to nobody; returns people and pictures."""
    folder = order.folder
    truths = (files.read_truth(files.chunk_path(folder, chunk)) for chunk in range(chunks))
    truth = files.join_truths(truths, order.people)
    coco = files.build_coco(truth)
    files.write_truth(folder / "truth.npz", truth)
    write_whole(folder / "annotations.json", json.dumps(coco).encode())
    used = set(truth["image_id"].tolist())
    pictures: list[Path] = []
    for number in range(_count_pictures(folder)):
        pair = (files.image_path(folder, number), files.parts_path(folder, number))
        if number in used:
            pictures += pair
        else:
            for path in pair:
                path.unlink(missing_ok=True)
    listed = [*pictures, folder / "truth.npz", folder / "annotations.json"]
    files.write_manifest(folder, _describe(order), listed)
    _sweep(folder)
    return len(truth["scale"]), len(used)


def _sweep(folder: Path) -> None:
    """Take away what only the making needed, and what a killed process left half-written."""
    shutil.rmtree(folder / "chunks", ignore_errors=True)
    for path in (folder / files.ORDER, *folder.glob("*.part")):
        path.unlink(missing_ok=True)


def _count_pictures(folder: Path) -> int:
    """One more than the highest number of a picture."""
    return max((int(path.stem) for path in (folder / "images").glob("*.jpg")), default=-1) + 1


@lru_cache(maxsize=1)
def _get_artist(body: Path, settings: GallerySettings) -> SceneArtist:
    return SceneArtist(load_body(body), settings)
