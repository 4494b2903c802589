"""Words of the Studies page: faults find their fields, candidates and results are told in sentences."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from app.services.errors import ServiceError
from app.services.study.candidates import NOT_SELECTED
from app.study.checks import find_faults, find_warnings
from app.study.design import CatchRule, PeopleRule, StimulusRule, StudyDesign
from app.study.power import estimate_power
from app.study.results import Estimate
from app.ui.study.design_desk import find_free_name
from app.ui.study.design_words import build_sums, describe_candidates, describe_catches
from app.ui.study.fault_places import find_field, place_faults
from app.ui.study.image_lists import read_image_list
from app.ui.study.open_dialog import describe_work, estimate_pictures
from app.ui.study.results_words import write_interval, write_share

SOUND = StudyDesign(name="small", methods=("eft", "smplify"), primary=("eft", "smplify"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"question": ""}, "question"),
        ({"question": "Is EFT better?"}, "question"),
        ({"methods": ("eft",)}, "methods"),
        ({"methods": ("eft", "eft", "smplify")}, "methods"),
        ({"primary": ("eft", "eft")}, "primary"),
        ({"raters": 0}, "raters"),
        ({"raters": 2}, "raters_per_item"),
        ({"raters_per_item": 2}, "raters_per_item"),
        ({"raters_per_item": 0}, "raters_per_item"),
        ({"practice": -1}, "practice"),
        ({"catches": CatchRule(count=4, pass_at_least=2)}, "catches"),
        ({"catches": CatchRule(count=4, pass_at_least=9)}, "catches"),
        ({"repeat_share": 0.9}, "repeat_share"),
        ({"min_exposure_s": 99.0}, "min_exposure_s"),
        ({"break_every": 1}, "break_every"),
        ({"same_person_gap": 999}, "same_person_gap"),
        ({"confidence": 0.1}, "confidence"),
        ({"people": PeopleRule(count=0)}, "people.count"),
        ({"people": PeopleRule(seed=-1)}, "people.seed"),
        ({"people": PeopleRule(exclude_images=("a/b.jpg",))}, "people.exclude_images"),
        ({"stimuli": StimulusRule(size_px=9)}, "stimuli.size_px"),
        ({"stimuli": StimulusRule(margin=9.0)}, "stimuli.margin"),
        ({"stimuli": StimulusRule(views=("photo",))}, "stimuli.views"),
    ],
)
def test_every_fault_stands_beside_its_field(changes: dict[str, object], field: str) -> None:
    faults = find_faults(msgspec.structs.replace(SOUND, **changes))
    by_field, _ = place_faults(faults)
    assert field in by_field, faults


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"raters": 5}, "raters"),
        ({"catches": CatchRule(count=0, pass_at_least=0)}, "catches"),
        ({"practice": 0}, "practice"),
        ({"repeat_share": 0.0}, "repeat_share"),
        ({"stimuli": StimulusRule(camera="released")}, "stimuli.camera"),
        ({"stimuli": StimulusRule(colours="released")}, "stimuli.colours"),
        ({"stimuli": StimulusRule(views=("keypoints", "overlay"))}, "stimuli.views"),
    ],
)
def test_warnings_stand_beside_their_fields(changes: dict[str, object], field: str) -> None:
    warnings = find_warnings(msgspec.structs.replace(SOUND, **changes))
    assert field in {find_field(warning) for warning in warnings}, warnings


def test_who_can_take_part_in_a_sentence() -> None:
    left_out = Counter({"without a fit by smplify": 31, "with stale fits": 9, NOT_SELECTED: 500})
    told = describe_candidates(213, left_out)
    assert told == ("213 people can take part, 40 are left out: 31 without a fit by smplify, 9 with stale fits.")
    assert describe_candidates(1, Counter()) == "1 person can take part, nobody is left out."


def test_what_a_design_comes_to() -> None:
    sums = build_sums(SOUND, estimate_power(SOUND))
    assert dict(sums.work)["Votes"] == "300"
    assert [share for share, _, _ in sums.powers] == ["55 %", "60 %", "65 %"]
    assert sums.half_width.startswith("± ")
    assert describe_catches(SOUND) == "A random clicker passes with a chance of 1.1 %."
    pictures, megabytes = estimate_pictures(SOUND)
    assert pictures == 120 + 2 * (100 * 2 + 2 * 20)
    assert 50 < megabytes < 500
    assert "100 people and 20 for practice and catch trials" in describe_work(SOUND)


def test_names_that_are_free() -> None:
    assert find_free_name("Study", []) == "Study 1"
    assert find_free_name("Study 1", ["Study 1", "Study 2"]) == "Study 3"
    assert find_free_name("Pilot", ["Pilot"]) == "Pilot 2"


def test_a_list_of_images(tmp_path: Path) -> None:
    listed = tmp_path / "swapped.txt"
    listed.write_text("# exchanged\nfolder/a.jpg\nb.jpg, left\n\nb.jpg\n", encoding="utf-8")
    assert read_image_list(listed) == ("a.jpg", "b.jpg")
    listed.write_text("\n", encoding="utf-8")
    with pytest.raises(ServiceError, match="names no image"):
        read_image_list(listed)
    listed.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(ServiceError, match="cannot be read"):
        read_image_list(listed)


def test_estimates_without_numbers_say_why() -> None:
    assert write_share(Estimate(note="one rater")) == "–"
    assert write_interval(Estimate(value=0.5, note="one rater")) == "one rater"
    assert write_interval(Estimate(value=0.6, low=0.55, high=0.65)) == "55.0 – 65.0 %"
