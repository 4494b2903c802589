"""People of a study as the project has them now: picture, keypoints, and the bodies that are shown of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.services.errors import ServiceError
from app.services.keypoint_layouts import to_spin49
from app.services.overlays import body_fit_of
from app.services.project import Project
from app.study.plan import BAD, GOOD, DrawnPerson
from db.records import FitId, FitRecord, FloatArray, ImageRecord, KeypointRevision, PersonId, PersonRecord
from db.transactions import Reading
from fitting.spec import BodyFit, Box

_QUARTER_TURN: Final = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""About the line of sight, in the camera frame: who stands upright lies on the side."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One person with the bodies that are compared.

    Attributes:
        drawn: Whom the plan names.
        person: The person.
        image: The picture.
        revision: Current keypoints.
        fits: Fit of each body, by method, or by ``good`` and ``bad``.
        bodies: The bodies, by the same names; their cameras are the stored ones.
        boxes: Box each stored camera belongs to.
    """

    drawn: DrawnPerson
    person: PersonRecord
    image: ImageRecord
    revision: KeypointRevision
    fits: Mapping[str, FitRecord]
    bodies: Mapping[str, BodyFit]
    boxes: Mapping[str, Box]

    @property
    def picture_file(self) -> Path:
        """File of the picture."""
        return Path(self.image.root) / self.image.path

    @property
    def box(self) -> Box:
        """The person's own box, which no fit has any part in."""
        return Box(np.array(self.person.box_center_px), self.person.box_scale)

    @property
    def keypoints_px(self) -> FloatArray:
        """Current keypoints ``(49, 3)`` x, y, confidence, order spin49."""
        return to_spin49(self.revision)

    @property
    def in_words(self) -> str:
        """The person, for a sentence to the researcher."""
        return f"person {self.person.id} of {self.image.path}"


def load_subjects(project: Project, people: Iterable[DrawnPerson]) -> list[Subject]:
    """Read drawn people, in their order.

    Raises:
        ServiceError: Somebody has no keypoints any more, or a fit was taken back.
    """
    with project.store.read() as reader:
        return [_load(reader, drawn) for drawn in people]


def build_bad_body(good: FitRecord, bad: FitRecord) -> BodyFit:
    """A good body's shape in the pose of another person's fit; in its own pose a quarter turned where that is its own.

    The shape stays, so that nothing but the pose is wrong.
    """
    rotations = np.array(bad.rotations)
    if bad.person_id == good.person_id:
        rotations[0] = _QUARTER_TURN @ rotations[0]
    return BodyFit(rotations, good.betas, good.camera)


def _load(reader: Reading, drawn: DrawnPerson) -> Subject:
    person = reader.people.get(PersonId(drawn.person))
    image = reader.images.get(person.image_id)
    revision = reader.keypoints.current(person.id)
    if revision is None:
        raise ServiceError(f"Person {person.id} of {image.path} has no keypoints; import them, or draw people again.")
    fits = {name: reader.fits.get(FitId(fit)) for name, fit in drawn.fits.items()}
    bodies: dict[str, BodyFit] = {}
    boxes: dict[str, Box] = {}
    for name, fit in fits.items():
        bodies[name], boxes[name] = body_fit_of(fit)
    if drawn.fits.keys() == {GOOD, BAD}:
        bodies[BAD], boxes[BAD] = build_bad_body(fits[GOOD], fits[BAD]), boxes[GOOD]
    return Subject(drawn, person, image, revision, fits, bodies, boxes)
