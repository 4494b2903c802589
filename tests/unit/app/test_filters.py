"""The published filters, their form in pixels, and the selection every command shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.selection import FilterName
from app.services import review
from app.services.annotation import apply_edit, move_body
from app.services.errors import ServiceError
from app.services.filters import FILTERS, FitFigures, build_figures, get_filter, judge, passes, rms_crop_px
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.selecting import Selection, count_chosen, iter_chosen
from app.services.status import build_status
from app.services.whom_to_fit import choose_people
from db.records import PersonId
from fitting.fit import run_fit_job
from fitting.spec import EftOptions
from tests.helpers.builders import add_fit, build_project, people_of, person_keypoints
from tests.helpers.fits import fit_job


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, 3) as made:
        yield made


def figures(**changes: Any) -> FitFigures:
    numbers = {
        "l2d": 1e-4, "l2d_initial": 0.01, "max_abs_beta": 0.9, "rms_px": 3.0, "rms_crop_px": 3.08, "active_joints": 13,
        "limb_joints": 12,
    }  # fmt: skip
    return FitFigures(**(numbers | changes))


@pytest.mark.parametrize(
    ("changes", "passed"),
    [  # at each published limit, and just beyond it (eft_method.md 6.3)
        ({}, {"export", "normal", "strict"}),
        ({"l2d": 3e-4}, {"export", "normal", "strict"}),
        ({"l2d": 3.01e-4}, {"export", "normal"}),
        ({"l2d": 5e-4}, {"export", "normal"}),
        ({"l2d": 5.01e-4}, {"normal"}),
        ({"l2d": 1e-3}, {"normal"}),
        ({"l2d": 1.01e-3}, set()),
        ({"l2d_initial": 0.03}, {"export", "normal", "strict"}),
        ({"l2d_initial": 0.031}, {"export", "strict"}),
        ({"l2d_initial": 0.041}, {"export"}),
        ({"max_abs_beta": 1.01}, {"export", "normal"}),
        ({"max_abs_beta": 3.0}, {"export", "normal"}),
        ({"max_abs_beta": 3.01}, set()),
        ({"limb_joints": 11}, {"export"}),
    ],
)
def test_the_published_filters(changes: dict[str, float], passed: set[str]) -> None:
    verdicts = judge(figures(**changes))
    assert {name for name in ("export", "normal", "strict") if verdicts[name]} == passed


@pytest.mark.parametrize(
    ("threshold", "joints", "pixels"),
    [(2e-5, 13, 1.38), (1e-4, 10, 3.51), (5e-4, 13, 6.88), (1e-3, 8, 12.40), (3e-4, 10, 6.07)],
)
def test_l2d_in_pixels_is_the_published_table(threshold: float, joints: int, pixels: float) -> None:
    assert rms_crop_px(threshold, joints) == pytest.approx(pixels, abs=0.01)  # eft_method.md 1.4


def test_in_pixels_few_joints_are_judged_like_many() -> None:
    eight = figures(l2d=2.9e-4, rms_crop_px=rms_crop_px(2.9e-4, 8), active_joints=8)
    assert judge(eight)["strict"]
    assert not judge(eight)["strict-rms"]
    thirteen = figures(l2d=2.9e-4, rms_crop_px=rms_crop_px(2.9e-4, 13))
    assert judge(thirteen)["strict-rms"]
    assert not judge(figures(rms_crop_px=None))["strict-rms"]


def test_a_fit_that_no_joint_measures_passes_nothing() -> None:
    unmeasured = figures(l2d=0.0, l2d_initial=0.0, rms_px=None, rms_crop_px=None, active_joints=0)
    assert not any(judge(unmeasured).values())
    assert Selection(max_l2d=1.0).find_refusal(unmeasured) == "max_l2d"


@given(st.floats(0, 0.01))
def test_with_all_of_cocos_joints_both_forms_agree(l2d: float) -> None:
    verdicts = judge(figures(l2d=l2d, rms_crop_px=rms_crop_px(l2d, 13)))
    for name in ("export", "normal", "strict"):
        limit = get_filter(name).max_l2d
        assert limit is not None
        if abs(l2d - limit) > 1e-12:
            assert verdicts[name] == verdicts[f"{name}-rms"]


def test_pixels_of_the_crop_and_of_the_picture_are_one_number(project: Project) -> None:
    result = run_fit_job(fit_job(options=EftOptions(max_iterations=2)))
    person = people_of(project)[0]
    fit = add_fit(project, person, result.final_losses.l2d, rms_px=result.rms_px)
    view = load_person_view(project, person)
    numbers = build_figures(fit, view.revision)
    assert numbers.active_joints == 13
    assert numbers.limb_joints == 12
    assert numbers.rms_px == pytest.approx(numbers.rms_crop_px * 200 * result.box.scale / 224, rel=1e-4)
    assert passes(fit, view.revision).keys() == FILTERS.keys()


def test_hips_and_ankles_are_limbs_and_not_active(tmp_path: Path) -> None:
    keypoints = person_keypoints(0)
    keypoints[[11, 12, 15, 16], 2] = 0  # COCO's hips and ankles
    with build_project(tmp_path, [keypoints]) as project:
        person = people_of(project)[0]
        numbers = build_figures(add_fit(project, person), load_person_view(project, person).revision)
    assert (numbers.active_joints, numbers.limb_joints) == (13, 8)


def test_commands_and_table_have_the_same_filters() -> None:
    assert [row.value for row in FilterName] == list(FILTERS)
    with pytest.raises(ServiceError, match="no filter named 'magic'; known are export"):
        get_filter("magic")


def test_a_selection_takes_what_passes_everything_and_counts_the_rest(project: Project) -> None:
    first, second, third = people_of(project)
    add_fit(project, first, 1e-4)
    add_fit(project, second, 4e-4)
    add_fit(project, third, 1e-4, betas=np.full(10, 2.0))

    def chosen(**limits: Any) -> tuple[list[PersonId], dict[str, int]]:
        refused: Counter[str] = Counter()
        with project.store.read() as reader:
            people = [row.fit.person_id for row in iter_chosen(reader, Selection(**limits), refused=refused)]
        return people, dict(refused)

    assert chosen() == ([first, second, third], {})
    assert chosen(filters=("strict",)) == ([first], {"filter strict": 2})
    assert chosen(filters=("export", "strict"), max_l2d=1e-5) == ([], {"max_l2d": 1, "filter strict": 2})
    assert chosen(max_abs_beta=1.5) == ([first, second], {"max_abs_beta": 1})
    assert chosen(max_rms_px=1.9) == ([], {"max_rms_px": 3})
    assert count_chosen(project, Selection(max_l2d=2e-4)) == 2
    with pytest.raises(ServiceError, match="expected a number from 0"):
        Selection(max_l2d=float("nan"))


def test_a_method_means_its_newest_fit_to_the_current_keypoints(project: Project) -> None:
    first, second, third = people_of(project)
    wanted = add_fit(project, first, method="smplify")
    review.accept(project, first, wanted.id, 1.0)
    add_fit(project, first, method="eft")
    add_fit(project, second, method="smplify")
    view = load_person_view(project, second)
    edit = move_body(view.revision, 3, 3)
    assert edit is not None
    apply_edit(project, second, view.revision.id, edit)
    add_fit(project, third, method="eft")
    with project.store.read() as reader:
        assert [row.fit.id for row in iter_chosen(reader, Selection("smplify"))] == [wanted.id]
        assert [row.fit.id for row in iter_chosen(reader, Selection("smplify"), ("accepted",))] == [wanted.id]
        assert list(iter_chosen(reader, Selection("eft"), ("accepted",))) == []
        assert reader.methods.counts() == {"eft": 2, "smplify": 2}
        assert {row.state for row in reader.methods.standings("smplify").values()} == {"accepted", "stale"}


def test_status_tells_every_figure_and_every_verdict(project: Project) -> None:
    first, second, _ = people_of(project)
    add_fit(project, first, 1e-4)
    add_fit(project, second, 4e-4, method="theirs", stop_reason="imported", options={"iterations": 7})
    result = build_status(project)
    row = result["people_with_fits"][1]
    box_scale = load_person_view(project, second).person.box_scale
    shown = load_person_view(project, second)
    assert (row["image"], row["annotation"]) == (shown.image.path, shown.person.external_id)
    assert row["filters"]["export"]
    assert not row["filters"]["strict"]
    assert row["rms_crop_px"] == pytest.approx(rms_crop_px(4e-4, 13))
    assert row["active_joints"] == 13
    assert row["l2d_limits_as_rms"].keys() == {"export", "normal", "strict"}
    limit = row["l2d_limits_as_rms"]["strict"]
    assert limit["crop_px"] == pytest.approx(5.33, abs=0.01)
    assert limit["image_px"] == pytest.approx(limit["crop_px"] * 200 * box_scale / 224)
    assert row["iterations"] == 7
    assert result["people_by_method"] == {"eft": 1, "theirs": 1}
    assert result["summary"]["passing"]["export"] == 2
    assert result["summary"]["methods"]["eft"]["passing"]["strict"] == 1
    assert result["rms_crop_px_of_filters"]["export"] == pytest.approx(6.88, abs=0.01)
    strict = build_status(project, Selection(filters=("strict",)))
    assert strict["fits"] == 1
    assert strict["refused"] == {"filter strict": 1}
    assert build_status(project, Selection("regressor"))["summary"] == {}
    with pytest.raises(ServiceError, match="no fits by 'thiers' in this project; there are fits by: eft, theirs"):
        build_status(project, Selection("thiers"))


def test_whom_to_fit_is_asked_by_method(project: Project) -> None:
    first, second, third = people_of(project)
    add_fit(project, first, method="eft")
    add_fit(project, second, method="smplify")
    assert choose_people(project, "unfitted").people == (second, third)
    assert choose_people(project, "unfitted", "smplify").people == (first, third)
    assert choose_people(project, "all", "smplify").people == (first, second, third)
    view = load_person_view(project, first)
    edit = move_body(view.revision, 3, 3)
    assert edit is not None
    apply_edit(project, first, view.revision.id, edit)
    assert choose_people(project, "stale").people == (first,)
    assert choose_people(project, "stale", "smplify").people == ()


def test_people_who_were_decided_on_keep_what_was_judged(project: Project) -> None:
    first, second, third = people_of(project)
    review.accept(project, first, add_fit(project, first).id, 1.0)
    review.reject(project, second, ["not_a_person"], "", 1.0)
    chosen = choose_people(project, "unfitted", "smplify")
    assert (chosen.people, chosen.decided) == ((third,), (first, second))
    assert choose_people(project, "unfitted", "smplify", replace_decided=True).people == (first, second, third)
    assert choose_people(project, "all", "smplify").people == (first, second, third)


def test_failing_people_are_those_with_a_fit_beyond_the_limits(project: Project) -> None:
    first, second, _ = people_of(project)
    add_fit(project, first, 1e-4)
    add_fit(project, second, 8e-4)
    limits = Selection(filters=("export",))
    assert choose_people(project, "failing", "eft", limits).people == (second,)
    assert choose_people(project, "all", "eft", limits).people == (first,)
    with pytest.raises(ServiceError, match="needs a limit"):
        choose_people(project, "failing")


def test_flagged_fits_are_counted_left_out_and_fitted_again(project: Project) -> None:
    first, second, third = people_of(project)
    add_fit(project, first, flags={"trunk_tilted": -31.0})
    add_fit(project, second)
    add_fit(project, third, flags={"too_large": 1.6, "trunk_tilted": 27.0})
    result = build_status(project)
    assert result["people_by_flag"] == {"too_large": 1, "trunk_tilted": 2}
    assert result["people_with_fits"][0]["flags"] == {"trunk_tilted": -31.0}
    assert (result["summary"]["passing"]["flagged"], result["summary"]["passing"]["unflagged"]) == (2, 1)
    assert build_status(project, Selection(filters=("flagged",)))["fits"] == 2
    unflagged = Selection(filters=("unflagged",))
    assert choose_people(project, "failing", selection=unflagged).people == (first, third)
    assert unflagged.describe() == {"filters": {"unflagged": {"flagged": False}}}
    add_fit(project, first)
    assert choose_people(project, "failing", selection=unflagged).people == (third,)
