"""Galleries: the same seed gives the same bytes, truth fits the pictures, visibility agrees with rays."""

from __future__ import annotations

import dataclasses
import json
import shutil
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from fitting.body.model import BodyModel, load_body
from fitting.errors import AssetError, WorkCancelled
from fitting.geometry.camera import project_to_image
from fitting.render.pyrender_backend import get_renderer
from fitting.render.surface import locate_surface
from fitting.spec import BodyFit, Box, FloatArray, GalleryJob, GalleryOrder, GallerySettings, JobId
from fitting.synthetic.gallery import files, produce
from fitting.synthetic.gallery.artist import see_joints
from fitting.synthetic.gallery.plan import plan_scenes
from resources import default_body
from resources.skeleton import build_mapping, get_skeleton

PEOPLE = 40
SMALL = GallerySettings(person_px=(60, 90), largest_px=130)


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body(default_body())


def make(folder: Path, *, people: int = PEOPLE, seed: int = 11, settings: GallerySettings = SMALL) -> GalleryOrder:
    order = GalleryOrder(folder, people, seed, default_body(), settings)
    assert produce.begin_gallery(order) == (0, 0)
    chunks = drawn = 0
    while drawn < people:
        drawn += produce.draw_chunk(order, chunks)
        chunks += 1
    assert produce.finish_gallery(order, chunks)[0] == people
    return order


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("gallery") / "first").folder


@pytest.fixture(scope="module")
def truth(gallery: Path) -> files.Truth:
    return files.read_truth(gallery / "truth.npz")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_from_an_interrupted_run_too(gallery: Path, tmp_path: Path) -> None:
    order = GalleryOrder(tmp_path / "again", PEOPLE, 11, default_body(), SMALL)
    produce.begin_gallery(order)
    people = [produce.draw_chunk(order, chunk) for chunk in (2, 0)]  # out of order, then begun once more
    files.image_path(order.folder, 40).write_bytes(b"half a picture of a chunk that was cut off")
    produce.begin_gallery(order)
    people += [produce.draw_chunk(order, chunk) for chunk in (1, 0)]
    assert people[1] == people[3]
    produce.finish_gallery(order, 3)
    assert contents(order.folder) == contents(gallery)


def test_another_seed_gives_other_people(gallery: Path, tmp_path: Path) -> None:
    other = files.read_truth(make(tmp_path / "other", people=4, seed=12).folder / "truth.npz")
    assert not np.allclose(other["rotations"][0], files.read_truth(gallery / "truth.npz")["rotations"][0])


def test_a_finished_gallery_is_not_drawn_again(gallery: Path) -> None:
    order = GalleryOrder(gallery, PEOPLE, 11, default_body(), SMALL)
    assert produce.begin_gallery(order)[0] == PEOPLE


@pytest.mark.parametrize(
    ("change", "says"),
    [({"seed": 12}, "seed"), ({"people": 41}, "people"), ({"settings": GallerySettings()}, "person_px, largest_px")],
    ids=["seed", "people", "settings"],
)
def test_a_gallery_of_another_order_is_refused(gallery: Path, change: dict[str, object], says: str) -> None:
    order = dataclasses.replace(GalleryOrder(gallery, PEOPLE, 11, default_body(), SMALL), **change)  # type: ignore[arg-type]
    with pytest.raises(AssetError, match=f"made otherwise .*{says} differ"):
        produce.begin_gallery(order)


def test_a_gallery_begun_by_another_version_is_not_finished_by_this_one(tmp_path: Path) -> None:
    order = GalleryOrder(tmp_path / "old", 4, 1, default_body(), SMALL)
    produce.begin_gallery(order)
    begun = json.loads((order.folder / files.ORDER).read_text())
    del begun["drawing"]
    (order.folder / files.ORDER).write_text(json.dumps(begun))
    with pytest.raises(AssetError, match="version of the program differ"):
        produce.begin_gallery(order)


def test_people_are_lit(gallery: Path) -> None:
    """Half of COCO's people are darker than 87 of 255; hardly anybody is black."""
    greys = []
    for entry in json.loads((gallery / "annotations.json").read_text())["annotations"]:
        picture = cv2.imread(str(files.image_path(gallery, entry["image_id"])), cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        greys.append(picture[decode(entry["segmentation"])].mean())
    assert 70 < np.median(greys) < 115
    assert np.mean(np.array(greys) < 30) < 0.1


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("work of years")
    with pytest.raises(AssetError, match="not empty"):
        produce.begin_gallery(GalleryOrder(tmp_path, 4, 1, default_body(), SMALL))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_manifest_lists_every_file_with_its_hash(gallery: Path) -> None:
    manifest = json.loads((gallery / "manifest.json").read_text())
    there = {name for name in contents(gallery) if name != "manifest.json"}
    assert set(manifest["files"]) == there
    assert all(files.hash_file(gallery / name) == wanted for name, wanted in manifest["files"].items())
    assert (manifest["format"], manifest["seed"], manifest["count"]) == (files.FORMAT, 11, PEOPLE)


def test_annotations_are_coco_and_belong_to_the_truth(gallery: Path, truth: files.Truth) -> None:
    coco = json.loads((gallery / "annotations.json").read_text())
    sizes = {image["id"]: (image["height"], image["width"]) for image in coco["images"]}
    assert [entry["id"] for entry in coco["annotations"]] == truth["annotation_id"].tolist()
    for row, entry in enumerate(coco["annotations"]):
        assert entry["image_id"] == truth["image_id"][row]
        keypoints = np.array(entry["keypoints"]).reshape(17, 3)
        assert entry["num_keypoints"] == (keypoints[:, 2] > 0).sum()
        mask = decode(entry["segmentation"])
        assert mask.shape == sizes[entry["image_id"]]
        assert mask.sum() == entry["area"]
        x, y, width, height = entry["bbox"]
        rows, columns = np.nonzero(mask)
        assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (x, y, x + width, y + height)
        for coco_joint, spin_joint in build_mapping(get_skeleton("coco17"), get_skeleton("spin49")):
            place, seen = keypoints[coco_joint], truth["visibility"][row, spin_joint]
            assert place[2] in (0, seen)
            if place[2]:
                assert np.allclose(place[:2], truth["keypoints_px"][row, spin_joint], atol=2e-3)


def decode(segmentation: dict[str, list[int]]) -> NDArray[np.bool_]:
    height, width = segmentation["size"]
    values = np.repeat(np.arange(len(segmentation["counts"])) % 2 == 1, segmentation["counts"])
    return values.reshape(width, height).T


def test_body_parts_are_painted_where_somebody_is(gallery: Path) -> None:
    coco = json.loads((gallery / "annotations.json").read_text())
    for entry in coco["annotations"]:
        parts = cv2.imread(str(files.parts_path(gallery, entry["image_id"])), cv2.IMREAD_UNCHANGED)
        on_person = parts[decode(entry["segmentation"])]
        assert on_person.min() >= 1 and on_person.max() <= 24


def test_the_true_camera_puts_the_true_joints_on_their_projections(body: BodyModel, truth: files.Truth) -> None:
    for row in range(PEOPLE):
        fit = BodyFit(truth["rotations"][row], truth["betas"][row], truth["camera"][row])
        joints = body.joints_of(fit)
        exact = perspective(joints + truth["shift"][row], truth, row)
        assert np.abs(exact - truth["keypoints_px"][row]).max() < 0.05
        if np.isinf(truth["distance"][row]):  # then the weak camera is the camera
            box = Box(truth["center_px"][row], float(truth["scale"][row]))
            assert np.abs(project_to_image(joints, fit.camera, box) - truth["keypoints_px"][row]).max() < 0.05


def perspective(points: FloatArray, truth: files.Truth, row: int) -> FloatArray:
    """A pinhole at (0, 0, -distance), by the book."""
    distance = truth["distance"][row]
    nearness = 1.0 if np.isinf(distance) else distance / (points[:, 2:] + distance)
    plane = points[:, :2] * nearness
    return (plane - truth["plane_low"][row]) * truth["px_per_m"][row]


def test_visibility_agrees_with_rays_through_the_mesh(body: BodyModel) -> None:
    """An independent test: for each joint the first triangle on its line of sight, by Moeller and Trumbore."""
    plans = plan_scenes(body.kinematics, 12, torch.Generator().manual_seed(4), SMALL)
    flesh = np.zeros(49)
    agreed = total = 0
    for plan in plans:
        person = plan.people[0]
        fit = BodyFit(person.rotations, person.betas, np.array([1.0, 0.0, 0.0]))
        placed = plan.to_pixels(body.vertices_of(fit) + person.shift)
        ids = get_renderer().draw_face_ids(placed, body.faces, plan.size_px)
        surface = locate_surface(ids, placed, body.faces)
        depth = surface.spread(surface.interpolate(placed[:, 2]), np.inf)
        joints = plan.to_pixels(person.joints)
        seen = see_joints(joints, flesh, depth)
        first = np.array([first_hit(joint[:2], placed[body.faces]) for joint in joints])
        inside = seen > 0
        expected = np.where(joints[:, 2] - first > 0.045, 1, 2)
        # Within a pixel of an outline, or a centimetre of the threshold, the two may differ.
        clear = inside & (np.abs(joints[:, 2] - first - 0.045) > 0.01)
        agreed += int((seen == expected)[clear].sum())
        total += int(clear.sum())
    assert total > 300
    assert agreed / total > 0.97


def first_hit(place: FloatArray, triangles: FloatArray) -> float:
    """Depth of the first of the triangles ``(F, 3, 3)`` on the line parallel to z through a pixel place."""
    a, ab, ac = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    direction = np.array([0.0, 0.0, 1.0])
    cross = np.cross(direction, ac)
    area = (ab * cross).sum(1)
    origin = np.array([*place, 0.0]) - a
    with np.errstate(divide="ignore", invalid="ignore"):
        u = (origin * cross).sum(1) / area
        second = np.cross(origin, ab)
        v = second @ direction / area
        depth = (ac * second).sum(1) / area
    hit = (np.abs(area) > 1e-12) & (u >= 0) & (v >= 0) & (u + v <= 1)
    return float(depth[hit].min()) if hit.any() else np.inf


def test_people_with_few_keypoints_can_be_left_unannotated(tmp_path: Path) -> None:
    settings = dataclasses.replace(SMALL, least_keypoints=8)
    truth = files.read_truth(make(tmp_path / "eight", people=12, settings=settings).folder / "truth.npz")
    assert ((truth["annotated"][..., 2] > 0).sum(1) >= 8).all()


def test_backgrounds_come_from_a_folder_that_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    cv2.imwrite(str(folder / "red.png"), np.full((60, 80, 3), (0, 0, 255), np.uint8))
    settings = dataclasses.replace(
        SMALL, backgrounds=folder, background_share=1.0, occluder=0.0, company=(0.0, 0.0), grey=0.0
    )
    made = make(tmp_path / "red", people=4, settings=settings).folder
    picture = cv2.imread(str(files.image_path(made, 0)))
    corner = picture[:3, :3].reshape(-1, 3).mean(0)
    assert corner[2] > 2 * corner[:2].max()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none", "missing"),
        ("empty", "holds no picture"),
        ("text", "not a picture"),
        ("huge", "more than 150 million pixels"),
    ],
)
def test_backgrounds_that_cannot_be_used_are_named(tmp_path: Path, name: str, sentence: str) -> None:
    folder = tmp_path / "backgrounds"
    if name != "none":
        folder.mkdir()
    if name == "text":
        (folder / "letter.jpg").write_text("Dear all")
    if name == "huge":
        (folder / "map.png").write_bytes(png_header(40_000, 30_000))
    settings = dataclasses.replace(SMALL, backgrounds=folder)
    with pytest.raises(AssetError, match=sentence):
        make(tmp_path / "out", people=2, settings=settings)
    assert not (tmp_path / "out").exists()  # so that the same command works once the folder is mended


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and nothing more."""
    head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    pixels = b"IDAT"
    chunks = [len(part[4:]).to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big") for part in (head, pixels)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_what_a_killed_process_left_is_taken_away(gallery: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    shutil.copytree(gallery, folder)
    (folder / "chunks").mkdir()
    (folder / "chunks" / "00001.npz").write_bytes(b"of a step that had come to its end")
    (folder / files.ORDER).write_text("{}")
    (folder / "truth.npzx1.part").write_bytes(b"half")
    assert produce.begin_gallery(GalleryOrder(folder, PEOPLE, 11, default_body(), SMALL))[0] == PEOPLE
    assert contents(folder) == contents(gallery)


def test_a_cancelled_chunk_does_not_count(tmp_path: Path) -> None:
    order = GalleryOrder(tmp_path / "left", 2, 1, default_body(), SMALL)
    produce.begin_gallery(order)
    with pytest.raises(WorkCancelled):
        produce.run_gallery_job(GalleryJob(JobId("c"), order, "chunk", 0), lambda: True)
    assert len(list((order.folder / "images").iterdir())) == 1
    assert not files.chunk_path(order.folder, 0).exists()


def test_what_the_disk_refuses_is_a_sentence(tmp_path: Path) -> None:
    order = GalleryOrder(tmp_path / "full", 2, 1, default_body(), SMALL)
    produce.begin_gallery(order)
    (order.folder / "parts").rmdir()
    (order.folder / "parts").write_text("no folder")
    with pytest.raises(AssetError, match=r"00000000\.png cannot be written .*give the same command again"):
        produce.run_gallery_job(GalleryJob(JobId("c"), order, "chunk", 0))


def test_damaged_truth_is_named(gallery: Path, tmp_path: Path) -> None:
    content = (gallery / "truth.npz").read_bytes()
    broken = tmp_path / "truth.npz"
    for part in (b"", b"not a zip", content[: len(content) // 2]):
        broken.write_bytes(part)
        with pytest.raises(AssetError, match=r"truth\.npz"):
            files.read_truth(broken)
