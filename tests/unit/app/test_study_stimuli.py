"""What raters are shown: the same for every method but the body itself, and nothing in a file but its pixels."""

from __future__ import annotations

import dataclasses
import io
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from app.services.blocking import BlockingJobs
from app.services.project import Project
from app.services.study.cameras import LaidBody, lay_subject, write_camera_log
from app.services.study.picture_store import PictureStore
from app.services.study.stimuli import (
    FIRST_RGB,
    OTHERS_RGB,
    TURNTABLE_FRAMES,
    LaidSubject,
    build_drawing,
    choose_colours,
    compose,
    draw_stimuli,
    find_crop,
)
from app.services.study.subjects import Subject, load_subjects
from app.study.design import StimulusRule, StudyDesign, ViewName
from fitting.runners import InlineRunner, OnEvent
from fitting.spec import Job, RenderManyResult
from tests.helpers.study_projects import build_design, build_duel, describe_people

SIZE = 128
ALL_VIEWS: tuple[ViewName, ...] = get_args(ViewName)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _ = build_duel(tmp_path_factory.mktemp("duel"), 2, seed=3)
    with made:
        yield made


@pytest.fixture(scope="module")
def jobs() -> Iterator[BlockingJobs]:
    with BlockingJobs(InlineRunner) as running:
        yield running


def lay(
    project: Project, jobs: BlockingJobs, subject: Subject, design: StudyDesign, lead: str | None = None
) -> LaidSubject:
    bodies = lay_subject(jobs, project.body, subject, lead)
    assert bodies is not None
    return LaidSubject(subject, bodies, choose_colours(design, subject))


def draw(project: Project, jobs: BlockingJobs, one: LaidSubject, rule: StimulusRule) -> dict[str, list[bytes]]:
    return compose(one, rule, jobs.run(build_drawing(project, one, rule), RenderManyResult).layers)


def draw_first(
    project: Project,
    jobs: BlockingJobs,
    lead: str | None = None,
    methods: tuple[str, ...] = ("eft", "smplify"),
    **rule: object,
) -> dict[str, list[bytes]]:
    asked = StimulusRule(size_px=SIZE, **rule)  # type: ignore[arg-type]
    design = build_design(2, stimuli=asked, methods=methods, primary=methods)
    (subject, *_) = load_subjects(project, describe_people(project))
    return draw(project, jobs, lay(project, jobs, subject, design, lead), asked)


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def chunks(content: bytes) -> list[bytes]:
    kinds, place = [], 8
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kinds.append(content[place + 4 : place + 8])
        place += 12 + length
    return kinds


@pytest.fixture(scope="module")
def all_views(project: Project, jobs: BlockingJobs) -> dict[str, list[bytes]]:
    return draw_first(project, jobs, views=ALL_VIEWS)


def test_every_view_is_a_square_of_the_asked_size_and_a_turntable_a_row_of_them(
    all_views: dict[str, list[bytes]],
) -> None:
    for contents in all_views.values():
        for view, content in zip(ALL_VIEWS, contents, strict=True):
            frames = TURNTABLE_FRAMES if view == "turntable" else 1
            assert pixels(content).shape == (SIZE, frames * SIZE, 3), view


def test_pictures_hold_nothing_but_pixels(all_views: dict[str, list[bytes]]) -> None:
    for contents in all_views.values():
        for content in contents:
            kinds = chunks(content)
            assert kinds[0] == b"IHDR"
            assert set(kinds[1:-1]) == {b"IDAT"}
            assert kinds[-1] == b"IEND"


def test_both_methods_have_the_very_same_photograph_and_bodies_of_their_own(all_views: dict[str, list[bytes]]) -> None:
    for view, eft, smplify in zip(ALL_VIEWS, *(all_views[name] for name in ("eft", "smplify")), strict=True):
        assert (eft == smplify) == (view in ("photo", "keypoints")), view


def test_a_turned_body_is_whole_in_every_view(all_views: dict[str, list[bytes]]) -> None:
    for contents in all_views.values():
        for view, content in zip(ALL_VIEWS, contents, strict=True):
            if view in ("photo", "keypoints", "overlay"):
                continue
            picture = pixels(content)
            for frame in np.split(picture, picture.shape[1] // SIZE, axis=1):
                drawn = _find_body(frame)
                assert drawn.any()
                edge = np.concatenate((drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]))
                assert not edge.any(), view


def test_the_turntable_turns_about_the_middle(all_views: dict[str, list[bytes]]) -> None:
    frames = np.split(pixels(all_views["eft"][ALL_VIEWS.index("turntable")]), TURNTABLE_FRAMES, axis=1)
    for frame, behind in zip(frames[: TURNTABLE_FRAMES // 2], frames[TURNTABLE_FRAMES // 2 :], strict=True):
        one, other = _find_body(frame), _find_body(behind)[:, ::-1]
        assert (one ^ other).sum() < 0.08 * one.sum()  # an outline from behind is the outline in a mirror
    assert (_find_body(frames[0]) ^ _find_body(frames[3])).sum() > 0.2 * _find_body(frames[0]).sum()


def test_nothing_of_a_stored_camera_or_box_is_seen(project: Project, jobs: BlockingJobs) -> None:
    """The fit of a method that came without a camera looks like the same fit with one."""
    plain = draw_first(project, jobs)
    (subject, *_) = load_subjects(project, describe_people(project))
    other = dataclasses.replace(
        subject,
        bodies={
            name: dataclasses.replace(body, camera=np.array([0.1, 3.0, -2.0])) for name, body in subject.bodies.items()
        },
        boxes={name: dataclasses.replace(box, scale=9.0) for name, box in subject.boxes.items()},
    )
    design = build_design(2)
    assert draw(project, jobs, lay(project, jobs, other, design), design.stimuli) == plain


def test_which_method_is_named_first_changes_no_pixel(project: Project, jobs: BlockingJobs) -> None:
    drawn = [draw_first(project, jobs, methods=methods) for methods in (("eft", "smplify"), ("smplify", "eft"))]
    assert drawn[0] == drawn[1]


def test_exchanged_names_exchange_pictures_and_nothing_else(project: Project, jobs: BlockingJobs) -> None:
    plain = draw_first(project, jobs)
    person = describe_people(project)[0]
    exchanged = replace(person, fits={"eft": person.fits["smplify"], "smplify": person.fits["eft"]})
    (subject,) = load_subjects(project, [exchanged])
    design = build_design(2)
    drawn = draw(project, jobs, lay(project, jobs, subject, design), design.stimuli)
    assert drawn["eft"] == plain["smplify"]
    assert drawn["smplify"] == plain["eft"]


def test_the_camera_is_the_best_one_for_each_body(project: Project, jobs: BlockingJobs) -> None:
    subject = load_subjects(project, describe_people(project))[0]
    solved = lay_subject(jobs, project.body, subject)
    led = lay_subject(jobs, project.body, subject, "eft")
    assert solved is not None
    assert led is not None
    for name, laid in solved.items():
        assert laid.rms_px < led[name].rms_px
        assert laid.joints == 17
        assert np.array_equal(laid.box.center_px, subject.person.box_center_px)
    assert np.array_equal(led["smplify"].body.camera, subject.bodies["eft"].camera)
    assert led["smplify"].box.scale == subject.boxes["eft"].scale


def test_the_published_camera_and_colours_are_drawn_where_they_are_asked_for(
    project: Project, jobs: BlockingJobs
) -> None:
    ours, camera = draw_first(project, jobs), draw_first(project, jobs, lead="eft")
    overlay, side = 1, 2
    for name in ("eft", "smplify"):
        assert ours[name][overlay] != camera[name][overlay]
        assert ours[name][side] == camera[name][side]
    colours = draw_first(project, jobs, colours="released")
    tints = {name: _mean_tint(colours[name][side]) for name in colours}
    assert tints["eft"][2] > tints["eft"][0]
    assert tints["smplify"][0] > tints["smplify"][2]
    swapped = draw_first(project, jobs, colours="released", methods=("smplify", "eft"))
    assert _mean_tint(swapped["smplify"][side])[2] > _mean_tint(swapped["smplify"][side])[0]


def test_in_a_check_the_published_colours_do_not_say_which_is_right(project: Project) -> None:
    design = build_design(2, stimuli=StimulusRule(colours="released"))
    person = describe_people(project)[0]
    check = replace(person, fits={"good": person.fits["eft"], "bad": person.fits["smplify"]})
    (subject,) = load_subjects(project, [check])
    of_good = set()
    for seed in range(12):
        colours = choose_colours(replace(design, people=replace(design.people, seed=seed)), subject)
        assert set(colours.values()) == {FIRST_RGB, OTHERS_RGB}
        of_good.add(colours["good"])
    assert of_good == {FIRST_RGB, OTHERS_RGB}


def test_without_the_photograph_the_body_stands_where_it_stood(project: Project, jobs: BlockingJobs) -> None:
    over, alone = draw_first(project, jobs), draw_first(project, jobs, background=False)
    assert over["eft"][1] != alone["eft"][1]
    photograph = pixels(draw_first(project, jobs, views=("photo",))["eft"][0]).astype(int)
    changed = np.abs(pixels(over["eft"][1]).astype(int) - photograph).sum(-1) > 30
    body = _find_body(pixels(alone["eft"][1]))
    assert (changed & body).sum() > 0.8 * changed.sum()


def test_the_crop_is_the_persons_box_made_square(project: Project) -> None:
    person = load_subjects(project, describe_people(project))[0].person
    left, top, width, height = person.bbox_xywh
    crop = find_crop(person, 1.5)
    assert crop.width == crop.height == pytest.approx(1.5 * max(width, height))
    assert (crop.x + crop.width / 2, crop.y + crop.height / 2) == pytest.approx((left + width / 2, top + height / 2))


def test_a_third_body_widens_the_frame_for_all_of_them_alike(project: Project, jobs: BlockingJobs) -> None:
    """Scale and place of turned views hang on everybody compared, so a picture is the same in every pair."""
    subject = load_subjects(project, describe_people(project))[0]
    lying = np.array(subject.bodies["eft"].rotations)
    lying[0] = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) @ lying[0]
    third = dataclasses.replace(subject.bodies["eft"], rotations=lying)
    wide = dataclasses.replace(subject, bodies={**subject.bodies, "third": third})
    design = build_design(2, methods=("eft", "smplify", "third"))
    rule = StimulusRule(size_px=SIZE, views=("overlay", "front"))
    two, three = (draw(project, jobs, lay(project, jobs, one, design), rule) for one in (subject, wide))
    assert two["eft"][0] == three["eft"][0]
    heights = [np.flatnonzero(_find_body(pixels(drawn["eft"][1])).any(1)) for drawn in (two, three)]
    assert np.ptp(heights[1]) <= np.ptp(heights[0])
    assert two["eft"][1] != three["eft"][1]


class CountingRunner(InlineRunner):
    """Counts what it draws."""

    drawn = 0

    def __init__(self, on_event: OnEvent) -> None:
        super().__init__(on_event)
        type(self).drawn = 0

    def submit(self, job: Job) -> None:
        type(self).drawn += 1
        super().submit(job)


def test_what_is_there_is_not_drawn_again_unless_it_is_damaged(
    project: Project, jobs: BlockingJobs, tmp_path: Path
) -> None:
    design = build_design(2)
    people = [lay(project, jobs, one, design) for one in load_subjects(project, describe_people(project))]

    def draw_all(folder: Path, who: Sequence[LaidSubject] = people) -> tuple[int, list[dict[str, tuple[str, ...]]]]:
        with BlockingJobs(CountingRunner) as counting:
            done = list(draw_stimuli(project, counting, design.stimuli, who, PictureStore(folder)))
        assert sum(is_new for _, is_new in done) == CountingRunner.drawn
        return CountingRunner.drawn, [names for names, _ in done]

    count, names = draw_all(tmp_path / "a", people[:1])
    assert count == 1
    count, names = draw_all(tmp_path / "a")
    assert count == 1
    assert draw_all(tmp_path / "a") == (0, names)
    damaged = tmp_path / "a" / names[0]["eft"][1]
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1])
    assert draw_all(tmp_path / "a") == (1, names)
    assert damaged.read_bytes() == content
    assert draw_all(tmp_path / "b") == (2, names)  # the same bytes, whenever and wherever
    assert not [path for path in (tmp_path / "a").iterdir() if path.suffix not in (".png", ".json")]


def test_pictures_nobody_needs_any_more_are_deleted(tmp_path: Path) -> None:
    before = PictureStore(tmp_path)
    before.add("old", {"eft": [b"one"], "smplify": [b"two"]})
    before.add("kept", {"eft": [b"one"]})
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    after = PictureStore(tmp_path)
    kept = after.find("kept")
    assert kept is not None
    after.forget_unused()
    assert {path.name for path in tmp_path.iterdir()} == {"kept.json", kept["eft"][0], "note.txt"}
    assert after.find("old") is None


@pytest.mark.parametrize("written", ["", "{", "[]", '{"eft": 3}', '{"eft": ["../../secret.png"]}'])
def test_a_damaged_note_counts_as_none(tmp_path: Path, written: str) -> None:
    (tmp_path / "key.json").write_text(written, encoding="utf-8")
    assert PictureStore(tmp_path).find("key") is None


def test_cameras_are_told_to_the_researcher(project: Project, jobs: BlockingJobs, tmp_path: Path) -> None:
    subjects = load_subjects(project, describe_people(project))
    laid: list[tuple[Subject, dict[str, LaidBody]]] = []
    for subject in subjects:
        bodies = lay_subject(jobs, project.body, subject)
        assert bodies is not None
        laid.append((subject, bodies))
    write_camera_log(tmp_path / "cameras.csv", laid)
    head, *rows = (line.split(",") for line in (tmp_path / "cameras.csv").read_text(encoding="utf-8").splitlines())
    assert len(rows) == 4
    row = dict(zip(head, rows[0], strict=True))
    assert row["fit"] == str(subjects[0].fits[row["body"]].id)
    assert float(row["scale"]) == pytest.approx(laid[0][1][row["body"]].body.camera[0], rel=1e-5)


def _find_body(picture: np.ndarray) -> np.ndarray:
    """Where a picture differs from the backdrop, which is the same in every row."""
    return np.asarray(np.abs(picture.astype(int) - picture[:, :1].astype(int)).sum(-1) > 12)


def _mean_tint(content: bytes) -> np.ndarray:
    picture = pixels(content)
    return np.asarray(picture[_find_body(picture)].mean(0))
