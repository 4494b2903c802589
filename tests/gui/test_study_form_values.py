"""The form of a design changes nothing that nobody has edited."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.study.checks import find_faults
from app.study.design import CatchRule, ListedPerson, PeopleRule, StimulusRule, StudyDesign
from app.ui.study.design_form import DesignForm

LISTED = (ListedPerson(dataset="d", image="a.jpg"), ListedPerson(dataset="d", image="b.jpg", annotation="7"))
EXTREMES = (
    StudyDesign(
        name="far",
        methods=("a", "b", "c"),
        primary=("c", "a"),
        people=PeopleRule(where="state:accepted", count=100_000, seed=2**53, stratify="none", listed=LISTED),
        stimuli=StimulusRule(views=("turntable", "photo"), size_px=2048, margin=4.0, background=False),
        raters=1000,
        raters_per_item=99,
        practice=100,
        catches=CatchRule(count=200, pass_at_least=190),
        repeat_share=0.5,
        min_exposure_s=30.0,
        break_every=1000,
        same_person_gap=200,
        subgroups=(),
        confidence=0.999,
    ),
    StudyDesign(
        name="fine",
        methods=("b", "a"),
        primary=("b", "a"),
        people=PeopleRule(count=1, seed=0, exclude_images=("x.jpg",), exclude_suspected_swaps=False),
        stimuli=StimulusRule(size_px=128, margin=1.2345, camera="released", colours="released"),
        raters=1,
        raters_per_item=1,
        practice=0,
        catches=CatchRule(count=0, pass_at_least=0),
        repeat_share=0.0123,
        min_exposure_s=0.25,
        break_every=5,
        same_person_gap=0,
        confidence=0.9,
        cannot_decide=True,
    ),
)


@pytest.fixture
def form(qtbot: QtBot) -> Iterator[DesignForm]:
    page = QWidget()
    qtbot.addWidget(page)
    form = DesignForm(page)
    form.set_methods({"a": 3, "b": 3, "c": 3})
    yield form


@pytest.mark.parametrize("design", EXTREMES, ids=lambda design: str(design.name))
def test_a_design_comes_out_as_it_went_in(form: DesignForm, design: StudyDesign) -> None:
    assert not [fault for fault in find_faults(design) if "votes" not in fault]
    form.show_design(design, frozen=False, notice="")
    assert form.design() == design


def test_whoever_says_whom_to_draw_wants_nobody_listed(form: DesignForm) -> None:
    design = msgspec.structs.replace(EXTREMES[0], people=PeopleRule(count=10, listed=LISTED, listed_checks=LISTED[:1]))
    form.show_design(design, frozen=False, notice="")
    form.whom.swaps.setChecked(False)
    assert form.design().people.listed == LISTED
    form.whom.count.setValue(11)
    assert (form.design().people.listed, form.design().people.listed_checks) == ((), ())
    form.whom.count.setValue(10)
    assert form.design().people.listed == LISTED
