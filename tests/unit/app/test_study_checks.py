"""Faults of designs come with their cure, and presets have none."""

from __future__ import annotations

import math

import msgspec
import pytest
from scipy.stats import binom

from app.study.checks import chance_of_random_pass, check_design, find_faults, find_named_methods, find_warnings
from app.study.design import CatchRule, PeopleRule, StimulusRule, StudyDesign
from app.study.errors import StudyError
from app.study.presets import PRESETS, get_preset, load_presets
from tests.helpers.study_people import build_design

SOUND = build_design(100, raters=20, catches=(10, 9), practice=10, repeat_share=0.05)


def changed(**changes: object) -> StudyDesign:
    return msgspec.structs.replace(SOUND, **changes)


def test_a_sound_design_has_neither_faults_nor_warnings() -> None:
    assert find_faults(SOUND) == []
    assert find_warnings(SOUND) == []
    check_design(SOUND)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"methods": ("eft",)}, "at least two methods"),
        ({"methods": ("eft", "smplify", "eft")}, "'eft' is named twice"),
        ({"methods": tuple(f"m{number}" for number in range(21))}, "at most 20 methods"),
        ({"methods": ("eft", "smplify", "good")}, "'good' cannot be the name"),
        ({"primary": ("eft", "theirs")}, "primary pair is 'eft' and 'theirs'"),
        ({"primary": ("eft", "eft")}, "two different ones"),
        ({"raters": 2}, "needs 3 different raters and there are 2"),
        ({"raters_per_item": 4}, "4 raters of an item can split evenly"),
        ({"catches": CatchRule(count=8, pass_at_least=6)}, "chance of 14.5%.*at least 7 of 8"),
        ({"catches": CatchRule(count=4, pass_at_least=4)}, "chance of 6.2%.*plant at least 5"),
        ({"catches": CatchRule(count=5, pass_at_least=6)}, "6 of 5 catch trials cannot"),
        ({"catches": CatchRule(count=5, pass_at_least=0)}, "0 of 5 catch trials cannot"),
        ({"question": "Is EFT better?"}, "names the method 'eft'"),
        ({"question": " "}, "question has 1 to 300"),
        ({"question": "one\ntwo"}, "printable"),
        ({"name": ""}, "name has 1 to 80"),
        ({"repeat_share": math.nan}, "'share of repeats' is nan"),
        ({"repeat_share": 0.6}, "expected 0 to 0.5"),
        ({"confidence": math.inf}, "confidence"),
        ({"confidence": 95.0}, "expected 0.5 to 0.999"),
        ({"min_exposure_s": -1.0}, "seconds before a vote counts"),
        ({"break_every": 0}, "trials between breaks"),
        ({"people": PeopleRule(count=0)}, "'people' is 0"),
        ({"people": PeopleRule(count=3), "raters": 20}, "9 votes for 20 raters"),
        ({"people": PeopleRule(count=100_000), "raters_per_item": 19}, "1,900,000 votes"),
        ({"people": PeopleRule(seed=-1)}, "'seed' is -1"),
        ({"people": PeopleRule(exclude_images=("a/b.jpg",))}, "'a/b.jpg' is no file name"),
        ({"stimuli": StimulusRule(views=())}, "No view shows the body"),
        ({"stimuli": StimulusRule(views=("photo", "keypoints"))}, "No view shows the body"),
        ({"stimuli": StimulusRule(views=("side", "side"))}, "shown once"),
        ({"stimuli": StimulusRule(views=("left",))}, "wrong kind"),
        ({"stimuli": StimulusRule(size_px=8)}, "side of a picture"),
        ({"stimuli": StimulusRule(margin=math.nan)}, "margin"),
        ({"subgroups": ("dataset", "dataset")}, "subgroup is named twice"),
        ({"methods": "eft"}, "wrong kind"),
        ({"raters": "many"}, "wrong kind"),
    ],
)
def test_each_fault_is_named_with_its_cure(changes: dict[str, object], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        check_design(changed(**changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"raters": 9}, "With 9 raters, fewer than 10"),
        ({"raters_per_item": 1}, "no majority"),
        ({"catches": CatchRule(count=0)}, "clicks at random"),
        ({"practice": 0}, "learn the task"),
        ({"repeat_share": 0}, "own consistency"),
        ({"methods": tuple("abcdefg")}, "21 pairs"),
        ({"stimuli": StimulusRule(camera="released")}, "first method's camera"),
        ({"stimuli": StimulusRule(colours="released")}, "recognise"),
        ({"stimuli": StimulusRule(views=("side",))}, "No view shows the photograph"),
        ({"stimuli": StimulusRule(views=("photo", "overlay"))}, "depth cannot be seen"),
        ({"raters": 3, "people": PeopleRule(count=1000)}, "over an hour"),
        ({"people": PeopleRule(count=50), "raters": 20}, "10 catch trials are more than the 8 others"),
    ],
)
def test_what_is_unwise_is_told_and_allowed(changes: dict[str, object], words: str) -> None:
    design = changed(**changes)
    assert any(words in warning for warning in find_warnings(design))
    assert not [fault for fault in find_faults(design) if "primary pair" not in fault]


def test_even_raters_may_judge_an_item_where_they_need_not_decide() -> None:
    assert find_faults(changed(raters_per_item=4, cannot_decide=True)) == []


def test_a_random_clicker_passes_as_the_protocol_says() -> None:
    # annotation_anchors 4.2
    for (count, needed), chance in {(8, 7): 3.5, (10, 9): 1.1, (12, 10): 1.9, (20, 15): 2.1}.items():
        assert 100 * chance_of_random_pass(count, needed) == pytest.approx(chance, abs=0.05)
    for count in range(1, 21):
        for needed in range(1, count + 1):
            faults = find_faults(changed(catches=CatchRule(count=count, pass_at_least=needed)))
            assert bool(faults) == (1 - binom.cdf(needed - 1, count, 0.5) > 0.05)


def test_methods_are_found_as_words_in_whatever_case() -> None:
    assert find_named_methods("Better than EFT?", ["eft", "smplify"]) == ["eft"]
    assert find_named_methods("Which body is left?", ["eft"]) == []
    assert find_named_methods("a+b (c)", ["a+b", "(c)", "b"]) == ["a+b", "(c)", "b"]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_sound(name: str) -> None:
    design = get_preset(name, ["ours", "theirs", "plain"])
    assert find_faults(design) == []
    assert (design.primary, design.methods) == (("ours", "theirs"), ("ours", "theirs", "plain"))
    assert load_presets()[name].title


def test_the_papers_study_is_what_is_known_of_it() -> None:
    paper = get_preset("paper", ["eft", "smplify"])
    assert (paper.people.count, paper.people.stratify, len(paper.people.exclude_images)) == (500, "none", 29)
    assert (paper.stimuli.views, paper.stimuli.size_px) == (("photo", "overlay", "side"), 672)
    assert (paper.raters_per_item, paper.cannot_decide) == (3, False)
    assert (paper.stimuli.camera, paper.stimuli.colours) == ("solved", "equal")
    assert find_warnings(paper) == []
    released = get_preset("paper-as-released", ["eft", "smplify"])
    assert (released.stimuli.camera, released.stimuli.colours) == ("released", "released")
    assert len(find_warnings(released)) == 2
    assert get_preset("default", ["eft", "smplify"]) == StudyDesign(
        name="default", methods=("eft", "smplify"), primary=("eft", "smplify")
    )


def test_presets_refuse_what_they_cannot_make() -> None:
    with pytest.raises(StudyError, match="no preset 'other'; there are: default, paper, paper-as-released"):
        get_preset("other", ["eft", "smplify"])
    with pytest.raises(StudyError, match="at least two"):
        get_preset("paper", ["eft"])
