"""Pictures that raters see, drawn once for each body of each person and the same whichever side it stands on.

The crop is a square around the person's own box, the same for all bodies; turned views of one person share scale and
place, whichever of the bodies stand in a trial. A picture is PNG of 8-bit RGB with nothing in it but its pixels, and
the same pixels come of the same project.

The turntable is one picture: :data:`TURNTABLE_FRAMES` square frames of ``size_px`` from left to right, the first as the
camera sees the body, each further turned so that the viewer walks round it to the right; pelvis in the middle.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from app.services.blocking import BlockingJobs
from app.services.fitting import new_job_id
from app.services.images import load_image
from app.services.pictures import build_backdrop, composite, crop_window, draw_keypoints
from app.services.places import usable
from app.services.project import Project
from app.services.study.cameras import LaidBody
from app.services.study.picture_store import PictureNames, PictureStore
from app.services.study.subjects import Subject
from app.study.design import StimulusRule, StudyDesign, ViewName
from app.study.plan import BAD, GOOD
from db.records import FloatArray, PersonRecord
from fitting.spec import ByteImage, RenderJob, RenderManyJob, RenderManyResult, RenderResult, Viewpoint, Window
from resources.skeleton import get_skeleton

TURNTABLE_FRAMES: Final = 12
OPACITY: Final = 0.85
"""Of a body over its photograph: what lies under its edge still shows."""
CLAY_RGB: Final = (0.55, 0.67, 0.85)
"""Of every body, unless the colours are the published study's."""
FIRST_RGB: Final = (0.53, 0.53, 0.80)
OTHERS_RGB: Final = (0.70, 0.50, 0.50)
"""The published study's blue and red (eft_method.md 10.2)."""
_DRAWING: Final = 1
"""Counts changes of how pictures are drawn, so that no picture of an earlier way is taken for one of this."""
_PHOTOGRAPHS: Final = frozenset[ViewName](("photo", "keypoints"))
_TURNED: Final[Mapping[ViewName, Viewpoint]] = {
    "side": Viewpoint.of("side"),
    "other_side": Viewpoint("side", 270.0, 0.0),
    "front": Viewpoint.of("front"),
    "back": Viewpoint.of("back"),
    "top": Viewpoint.of("top"),
}


@dataclass(frozen=True, slots=True, eq=False)
class LaidSubject:
    """A person with the bodies where they are shown, and the colour of each."""

    subject: Subject
    bodies: Mapping[str, LaidBody]
    colours: Mapping[str, tuple[float, float, float]]


def find_crop(person: PersonRecord, margin: float) -> Window:
    """The square around a person's annotated box; its side is ``margin`` times the longer side of the box."""
    left, top, width, height = person.bbox_xywh
    side = max(margin * max(width, height), 1.0)
    return Window(left + (width - side) / 2, top + (height - side) / 2, side, side)


def choose_colours(design: StudyDesign, subject: Subject) -> dict[str, tuple[float, float, float]]:
    """Colour of each body.

    With the published study's colours, whether the good body of a check is blue or red goes by a coin of the study's
    seed, so that practice teaches nobody which colour is right.
    """
    names = list(subject.bodies)
    if design.stimuli.colours == "equal":
        return dict.fromkeys(names, CLAY_RGB)
    first = design.methods[0]
    if set(names) == {GOOD, BAD}:
        coin = hashlib.sha256(f"{design.people.seed} {subject.person.id}".encode()).digest()[0]
        first = (GOOD, BAD)[coin % 2]
    return {name: FIRST_RGB if name == first else OTHERS_RGB for name in names}


def draw_stimuli(
    project: Project, jobs: BlockingJobs, rule: StimulusRule, people: Sequence[LaidSubject], store: PictureStore
) -> Iterator[tuple[PictureNames, bool]]:
    """Draw whatever is not there yet.

    Args:
        project: Open project.
        jobs: What draws.
        rule: How.
        people: Whom.
        store: Where pictures are kept.

    Yields:
        The picture names of each person in turn, and whether they were drawn now. What was yielded is kept.

    Raises:
        ServiceError: A photograph cannot be read, or nothing can be drawn.
    """
    keys = [_build_key(one, rule) for one in people]
    known = [store.find(key) for key in keys]
    missing = (one for one, names in zip(people, known, strict=True) if names is None)
    drawn = jobs.run_all((build_drawing(project, one, rule) for one in missing), RenderManyResult)
    for one, key, names in zip(people, keys, known, strict=True):
        if names is not None:
            yield names, False
        else:
            yield store.add(key, compose(one, rule, next(drawn).layers)), True


def build_drawing(project: Project, one: LaidSubject, rule: StimulusRule) -> RenderManyJob:
    """Every layer of every body of a person, in the order that :func:`compose` takes them up."""
    framed_by = tuple(laid.body for laid in one.bodies.values())
    window = find_crop(one.subject.person, rule.margin)
    size_px = (rule.size_px, rule.size_px)
    jobs: list[RenderJob] = []
    for name, laid in one.bodies.items():
        for view in rule.views:
            if view == "overlay":
                jobs.append(
                    RenderJob(
                        new_job_id(), laid.body, laid.box, "camera", size_px, project.body,
                        window=window, color_rgb=one.colours[name],
                    )
                )  # fmt: skip
            elif view not in _PHOTOGRAPHS:
                turning = view == "turntable"
                jobs += (
                    RenderJob(
                        new_job_id(), laid.body, laid.box, viewpoint, size_px, project.body,
                        color_rgb=one.colours[name], framed_by=framed_by, framing="turning" if turning else "seen",
                    )
                    for viewpoint in _viewpoints_of(view)
                )  # fmt: skip
    return RenderManyJob(new_job_id(), tuple(jobs))


def compose(one: LaidSubject, rule: StimulusRule, layers: Iterable[RenderResult]) -> dict[str, list[bytes]]:
    """PNG of each body and view, from the layers of :func:`build_drawing` and the photograph.

    Raises:
        ServiceError: The photograph cannot be read.
    """
    waiting = iter(layers)
    photographs = _draw_photographs(one.subject, rule)
    backdrop = build_backdrop(rule.size_px, rule.size_px)
    pictures = dict[str, list[bytes]]()
    shared = {view: encode_png(picture) for view, picture in photographs.items() if view in rule.views}
    for name in one.bodies:
        pictures[name] = []
        for view in rule.views:
            if view in shared:
                pictures[name].append(shared[view])
                continue
            count = 1 if view == "overlay" else len(_viewpoints_of(view))
            below, opacity = (
                (photographs["photo"], OPACITY) if view == "overlay" and rule.background else (backdrop, 1.0)
            )
            frames = [composite(below, next(waiting).rgba, opacity) for _ in range(count)]
            pictures[name].append(encode_png(np.concatenate(frames, axis=1)))
    return pictures


def encode_png(picture: ByteImage) -> bytes:
    """PNG of nothing but pixels: no text, no time, no profile, no size in metres."""
    file = io.BytesIO()
    Image.fromarray(picture, "RGB").save(file, format="PNG")
    return file.getvalue()


def _draw_photographs(subject: Subject, rule: StimulusRule) -> dict[ViewName, ByteImage]:
    """The crop, and the crop with keypoints on it where they are shown."""
    picture = load_image(subject.picture_file, honour_exif=subject.image.exif_honoured)
    window = find_crop(subject.person, rule.margin)
    crop = crop_window(picture, window, (rule.size_px, rule.size_px))
    photographs: dict[ViewName, ByteImage] = {"photo": crop}
    if "keypoints" in rule.views:
        local: FloatArray = np.array(subject.revision.keypoints, dtype=np.float64)
        local[:, :2] = (local[:, :2] - [window.x, window.y]) * (rule.size_px / window.width)
        radius = max(2.0, rule.size_px / 110)
        photographs["keypoints"] = draw_keypoints(crop, local, get_skeleton(subject.revision.skeleton), radius=radius)
    return photographs


def _viewpoints_of(view: ViewName) -> tuple[Viewpoint, ...]:
    if view == "turntable":
        return tuple(Viewpoint("front", 360.0 * frame / TURNTABLE_FRAMES, 0.0) for frame in range(TURNTABLE_FRAMES))
    return (_TURNED[view],)


def _build_key(one: LaidSubject, rule: StimulusRule) -> str:
    """SHA-256 of everything that the pictures of a person hang on.

    Raises:
        ServiceError: The photograph cannot be read.
    """
    subject = one.subject
    with usable(subject.picture_file):
        photograph = hashlib.sha256(subject.picture_file.read_bytes()).hexdigest()
    parts: dict[str, object] = {
        "drawing": _DRAWING,
        "rule": [list(rule.views), rule.size_px, rule.margin, rule.background],
        "photograph": [photograph, subject.image.exif_honoured, list(subject.person.bbox_xywh)],
        "keypoints": [subject.revision.skeleton, subject.revision.keypoints.tolist()],
        "bodies": {
            name: {
                "parameters": [np.asarray(part).tolist() for part in (laid.body.rotations, laid.body.betas)],
                "camera": np.asarray(laid.body.camera).tolist(),
                "box": [np.asarray(laid.box.center_px).tolist(), laid.box.scale],
                "file": laid.body_hash,
                "colour": one.colours[name],
            }
            for name, laid in one.bodies.items()
        },
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
