"""Through which camera a study shows each body: every method through its own best one, found the same way for all.

Scale and shift that lay a body on the person's current labelled keypoints by weighted least squares, in the person's
own box: what a fit says of its camera and its box plays no part, so that a fit that came without a camera is shown like
any other, and none looks shifted through no fault of its own (annotation_anchors.md 6.2). ``released`` draws as the
published study did: all bodies through the first method's stored camera.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.services.blocking import BlockingJobs
from app.services.measuring import Measurable, Measured, measure_bodies
from app.services.study.subjects import Subject
from db.formats.parts.files import replacing
from db.records import FloatArray
from fitting.spec import BodyFit, Box
from resources.skeleton import get_skeleton

_PLACED: Final = np.array([not name.startswith("openpose_") for name in get_skeleton("spin49").joints])
"""Joints of spin49 that annotators place; cameras are solved on those of them that are labelled."""
_COLUMNS: Final = (
    "person", "image", "body", "fit", "scale", "shift_x", "shift_y",
    "box_x_px", "box_y_px", "box_side_px", "joints", "rms_px",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class LaidBody:
    """A body where a study shows it.

    Attributes:
        body: The body with the camera it is drawn through.
        box: Box that camera belongs to.
        joints: Labelled joints it was laid on.
        rms_px: Root mean square distance over these joints, pixels of the picture.
        body_hash: SHA-256 of the body file.
    """

    body: BodyFit
    box: Box
    joints: int
    rms_px: float
    body_hash: str


def lay_subject(
    jobs: BlockingJobs, body_file: Path, subject: Subject, lead: str | None = None
) -> dict[str, LaidBody] | None:
    """Lay the bodies of one person on the keypoints.

    Args:
        jobs: What measures.
        body_file: Body of the project.
        subject: The person.
        lead: Name of the body whose stored camera shows all of them; None has each solved.

    Returns:
        The bodies by name; None where one cannot be laid: fewer than two keypoints, numbers that are none.
    """
    # In an order that names play no part in: what a body is laid with must not hang on what its method is called.
    names = sorted(subject.bodies, key=lambda name: _content_of(subject.bodies[name]))
    bodies = [subject.bodies[name] for name in names]
    laid = list(lay_bodies(jobs, body_file, subject, bodies, lead))
    return None if any(body is None for body in laid) else {n: b for n, b in zip(names, laid, strict=True) if b}


def lay_bodies(
    jobs: BlockingJobs,
    body_file: Path,
    subject: Subject,
    bodies: Sequence[BodyFit],
    lead: str | None = None,
    keypoints_px: FloatArray | None = None,
) -> Iterator[LaidBody | None]:
    """Lay any bodies on a person's keypoints, or on others; see :func:`lay_subject`."""
    points = subject.keypoints_px if keypoints_px is None else keypoints_px
    box = subject.box if lead is None else subject.boxes[lead]
    camera = None if lead is None else _double(subject.bodies[lead].camera)
    size = (subject.image.width, subject.image.height)
    asked = (
        Measurable(_double(body.rotations), _double(body.betas), camera, box, points, subject.person.bbox_xywh, size)
        for body in bodies
    )
    for body, measured in zip(bodies, measure_bodies(jobs, body_file, asked, solve_on="labelled"), strict=True):
        yield _build(body, box, points, measured)


def write_camera_log(path: Path, laid: Iterable[tuple[Subject, Mapping[str, LaidBody]]]) -> None:
    """Write what was solved as CSV, a line a body: for the researcher, never for raters.

    Raises:
        FormatError: The disk refuses; an earlier log stays.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for subject, bodies in laid:
        for name, one in bodies.items():
            camera, center = one.body.camera, one.box.center_px
            numbers = [f"{value:.6g}" for value in (*camera, *center, one.box.side_px)]
            who = (subject.person.id, subject.image.path, name, subject.fits[name].id)
            writer.writerow((*who, *numbers, one.joints, f"{one.rms_px:.3f}"))
    with replacing(path) as (file, _):
        file.write(text.getvalue().encode())


def _build(body: BodyFit, box: Box, keypoints_px: FloatArray, measured: Measured) -> LaidBody | None:
    counted = _PLACED & (keypoints_px[:, 2] > 0)
    if not (np.isfinite(measured.camera).all() and np.isfinite(measured.joints_px).all() and counted.any()):
        return None
    apart = ((measured.joints_px[counted] - keypoints_px[counted, :2]) ** 2).sum(-1)
    rms_px = float(np.sqrt(apart.mean()))
    laid = BodyFit(body.rotations, body.betas, measured.camera)
    return LaidBody(laid, box, int(counted.sum()), rms_px, measured.body_hash)


def _content_of(body: BodyFit) -> tuple[bytes, bytes]:
    return np.asarray(body.rotations).tobytes(), np.asarray(body.betas).tobytes()


def _double(array: object) -> FloatArray:
    return np.asarray(array, dtype=np.float64)
