"""Projects in which a study can be opened: people with two real fits each that nothing but a coin gives to methods."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import msgspec
import numpy as np
import torch

from app.services.project import Project
from app.study.design import CatchRule, PeopleRule, StimulusRule, StudyDesign
from app.study.plan import DrawnPerson
from db.formats.parts.boxes import coco_box, find_keypoint_bbox
from db.records import FitRecord, NewFit, NewImage, NewPerson, NewRevision, PersonId
from fitting.geometry.rotations import axis_angle_to_matrix
from tests.helpers.builders import SIZE, add_fit, build_project, people_of, write_picture
from tests.helpers.fits import coco_keypoints, standing_body

METHODS = ("eft", "smplify")
PICTURES = 6


def build_design(count: int, **changes: object) -> StudyDesign:
    """A small design of the two methods; ``changes`` are of its fields."""
    rest: dict[str, object] = {
        "name": "duel",
        "methods": METHODS,
        "primary": METHODS,
        "people": PeopleRule(count=count, seed=5),
        "stimuli": StimulusRule(size_px=128),
        "raters": 3,
        "raters_per_item": 1,
        "practice": 1,
        "catches": CatchRule(count=5, pass_at_least=5),
        "repeat_share": 0.0,
        "same_person_gap": 1,
    }
    return StudyDesign(**(rest | changes))  # type: ignore[arg-type]


def add_study(project: Project, design: StudyDesign, uid: str = "5e" * 16) -> None:
    """Store a study of this design."""
    with project.store.change("New study", undoable=False) as change:
        change.studies.add(uid, design.name, msgspec.to_builtins(design))


def build_duel(folder: Path, people: int, seed: int = 0, bend: float = 0.35) -> tuple[Project, dict[PersonId, int]]:
    """A project of people with two fits, equally far from the truth, of which a coin says whose each is.

    Everything that goes with a method in a real project goes with it here too: the order of ids, a camera and a box of
    its own or none worth the name, options, losses, versions.

    Returns:
        The project, and which of the two bodies of a person is ``eft``'s.
    """
    rng = np.random.default_rng(seed)
    project = Project.create(folder / "project")
    for number in range(PICTURES):
        write_picture(folder / "pictures" / f"{number}.jpg", number)
    truths = [standing_body(1000 * seed + number, bend) for number in range(people)]
    with project.store.change("Import", undoable=False) as change:
        root = str(folder / "pictures")
        images = change.images.add_many(
            [NewImage(f"{number}.jpg", root, *SIZE, dataset=f"set{number % 2}") for number in range(PICTURES)]
        )
        keypoints = [coco_keypoints(truth) for truth in truths]
        boxes = [find_keypoint_bbox(points) or (0.0, 0.0, 9.0, 9.0) for points in keypoints]
        ids = change.people.add_many(
            [
                NewPerson(
                    images[number % PICTURES],
                    number // PICTURES,
                    box,
                    *coco_box(box),
                    "coco17",
                    "duel.json",
                    str(number),
                )
                for number, box in enumerate(boxes)
            ]
        )
        change.keypoints.add_many(
            [NewRevision(who, "coco17", points, ("imported",) * 17) for who, points in zip(ids, keypoints, strict=True)]
        )
    pairs = [(_shake(truth.rotations, rng), _shake(truth.rotations, rng)) for truth in truths]
    coins = {person: int(coin) for person, coin in zip(ids, rng.integers(0, 2, people), strict=True)}
    sample = _sample_fit(folder)
    for method in METHODS:
        fits: list[NewFit] = []
        with project.store.change(f"Fit by {method}", undoable=False) as change:
            for person, pair in zip(ids, pairs, strict=True):
                revision, record = change.keypoints.current(person), change.people.get(person)
                assert revision is not None
                mine = pair[coins[person] if method == "eft" else 1 - coins[person]]
                fits.append(_dress(sample, person, revision.id, record.box_center_px, record.box_scale, mine, method))
            change.fits.add_many(fits)
    return project, coins


def describe_people(project: Project, methods: tuple[str, ...] = METHODS) -> list[DrawnPerson]:
    """Everybody as a draw names them, with the newest fit of each method."""
    described = []
    with project.store.read() as reader:
        for person in people_of(project):
            record = reader.people.get(person)
            image = reader.images.get(record.image_id)
            fits = {fit.method: int(fit.id) for fit in reader.fits.history(person) if fit.method in methods}
            described.append(
                DrawnPerson(
                    person=int(person), image=image.path, dataset=image.dataset,
                    annotation=record.external_id, difficulty="easy", fits=fits,
                )
            )  # fmt: skip
    return described


def _sample_fit(folder: Path) -> FitRecord:
    """Any stored fit, whose plain values the others share."""
    with build_project(folder / "sample", 1) as sample:
        return add_fit(sample, people_of(sample)[0])


def _dress(
    sample: FitRecord,
    person: PersonId,
    revision: object,
    center_px: tuple[float, float],
    scale: float,
    rotations: np.ndarray,
    method: str,
) -> NewFit:
    plain = {field.name: getattr(sample, field.name) for field in dataclasses.fields(NewFit)}
    own = {"person_id": person, "revision_id": revision, "method": method, "rotations": rotations}
    if method == "eft":
        own |= {"box_center_px": np.array(center_px), "box_scale": scale, "camera": np.array([0.8, 0.0, 0.1])}
        own |= {"options": {"learning_rate": 3e-5}, "l2d": 1e-4, "rms_px": 2.0}
    else:
        own |= {
            "box_center_px": np.array(center_px) + 31.0,
            "box_scale": 1.7 * scale,
            "camera": np.array([1.3, 0.3, -0.2]),
        }
        own |= {"options": {"initial": "none", "source": "opt.npz"}, "l2d": 7e-4, "rms_px": 9.0, "code_version": "9.9"}
    return NewFit(**(plain | own))


def _shake(rotations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every joint but the root a little off: a fit that is not quite right."""
    noise = torch.as_tensor(rng.normal(0, 0.12, (24, 3)))
    noise[0] /= 3
    shaken: np.ndarray = rotations.astype(float) @ axis_angle_to_matrix(noise).numpy()
    return shaken
