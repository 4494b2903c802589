"""Two reviewers and the services: what each may know, who rules, and what leaves the project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import annotation, comments, review
from app.services.disputes import load_dispute
from app.services.errors import ServiceError
from app.services.exporting import export_fits
from app.services.person_history import load_history
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.selecting import Selection
from db.records import PersonId
from resources.skeleton import get_skeleton
from tests.helpers.builders import add_fit, build_project, people_of

COCO = get_skeleton("coco17")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three people with a fit each, reviewed by two; Anna is at work."""
    with build_project(tmp_path, 3) as made:
        for person in people_of(made):
            add_fit(made, person)
        review.set_reviews_per_person(made, 2)
        made.work_as("Anna")
        yield made


def accept(project: Project, person: PersonId, name: str) -> None:
    project.work_as(name)
    view = load_person_view(project, person)
    assert view.fit is not None
    review.accept(project, person, view.fit.id, 4, ruling=view.ruling)


def reject(project: Project, person: PersonId, name: str, comment: str = "") -> None:
    project.work_as(name)
    view = load_person_view(project, person)
    review.reject(project, person, ["wrong_depth"], comment, 7, ruling=view.ruling)


def told(project: Project, person: PersonId, name: str) -> str:
    """All that the services tell a person's name of a person."""
    project.work_as(name)
    view = load_person_view(project, person)
    return " ".join((repr(load_history(project, person)), repr(view.decision), repr(view.reasons)))


def test_the_second_reviewer_learns_nothing_before_deciding(project: Project) -> None:
    person = people_of(project)[0]
    reject(project, person, "Anna", "leans back")
    comments.say(project, person, "see the knee", COCO, 13)
    assert "leans back" in told(project, person, "Anna")
    for_bob = told(project, person, "Bob")
    for secret in ("leans back", "wrong_depth", "Wrong in depth", "Rejected", "reject", "Anna"):
        assert secret not in for_bob
    assert load_person_view(project, person).withheld
    assert "withheld" in for_bob
    read = comments.load_comments(project, person)
    assert (read.threads, read.withheld) == ((), 1)
    accept(project, person, "Bob")
    assert "leans back" in told(project, person, "Bob")
    assert comments.load_comments(project, person).threads[0].lines[0].text == "see the knee"


def test_a_verdict_that_was_changed_is_withheld_too_and_an_earlier_round_is_not(project: Project) -> None:
    person = people_of(project)[0]
    reject(project, person, "Anna", "first round")
    review.reopen(project, person, 1)
    reject(project, person, "Anna", "second round")
    accept(project, person, "Anna")
    for_bob = told(project, person, "Bob")
    assert "first round" in for_bob
    assert "second round" not in for_bob
    assert "'accept'" not in for_bob


def test_a_second_look_of_another_does_not_give_the_first_verdict_away(project: Project) -> None:
    person = people_of(project)[0]
    reject(project, person, "Anna", "leans back")
    project.work_as("Bob")
    review.second_look(project, person, "cannot tell", 3)
    assert load_person_view(project, person).state == "second_look"
    for_clara = told(project, person, "Clara")
    assert "leans back" not in for_clara
    assert "cannot tell" in for_clara


def test_who_has_not_seen_the_dispute_does_not_rule(project: Project) -> None:
    person = people_of(project)[0]
    accept(project, person, "Anna")
    project.work_as("Clara")
    seen = load_person_view(project, person)
    assert not seen.ruling
    reject(project, person, "Bob")
    project.work_as("Clara")
    assert seen.fit is not None
    with pytest.raises(ServiceError, match="come to disagree"):
        review.accept(project, person, seen.fit.id, 1, ruling=seen.ruling)
    with pytest.raises(ServiceError, match="come to disagree"):
        review.reject(project, person, [], "", 1, ruling=seen.ruling)
    review.accept(project, person, seen.fit.id, 1, ruling=True)
    view = load_person_view(project, person)
    assert view.state == "accepted"
    assert view.decision is not None
    assert view.decision.role == "adjudication"
    with pytest.raises(ServiceError, match="no longer disagree"):
        review.accept(project, people_of(project)[1], seen.fit.id + 1, 1, ruling=True)


@pytest.mark.parametrize("ruler", ["Anna", "Clara"])
def test_a_third_person_or_one_of_the_two_rules_and_may_change_the_ruling(project: Project, ruler: str) -> None:
    person = people_of(project)[0]
    accept(project, person, "Anna")
    reject(project, person, "Bob", "leans back")
    project.work_as("Clara")
    one, other = load_dispute(project, person)
    assert (one.who, one.verdict, one.is_mine) == ("Anna", "accept", False)
    assert (other.who, other.verdict) == ("Bob", "reject")
    assert other.reasons == ("Wrong in depth (side view)", "“leans back”")
    accept(project, person, ruler)
    assert load_person_view(project, person).state == "accepted"
    assert load_dispute(project, person) == ()
    reject(project, person, ruler)
    assert load_person_view(project, person).state == "rejected"
    with project.store.read() as reader:
        roles = [row.role for row in reader.decisions.history(person)]
    assert roles == ["review", "review", "adjudication", "adjudication"]


def test_one_of_two_who_has_not_decided_does_not_reopen(project: Project) -> None:
    person = people_of(project)[0]
    reject(project, person, "Anna")
    project.work_as("Bob")
    with pytest.raises(ServiceError, match="decide as well"):
        review.reopen(project, person, 1)
    project.work_as("Anna")
    review.reopen(project, person, 1)
    assert load_person_view(project, person).state == "fitted"
    with pytest.raises(ServiceError, match="nothing to reopen"):
        review.reopen(project, person, 1)


def test_only_what_two_have_accepted_is_exported(project: Project, tmp_path: Path) -> None:
    first, second, third = people_of(project)
    accept(project, first, "Anna")
    accept(project, second, "Anna")
    reject(project, second, "Bob")
    report = export_fits(project, "eft-json", tmp_path / "none.json")
    assert (report.samples, report.left_out) == (0, {"in_review": 1, "disputed": 1, "fitted": 1})
    accept(project, first, "Bob")
    assert third == people_of(project)[2]
    for selection in (Selection(), Selection(method="eft")):
        out = tmp_path / f"{selection.method}.json"
        assert export_fits(project, "eft-json", out, selection=selection).samples == 1
        assert [item["annotId"] for item in json.loads(out.read_text(encoding="utf-8"))["data"]] == [1000]
    assert export_fits(project, "eft-json", tmp_path / "any.json", decision="any").samples == 3
    accept(project, second, "Clara")
    assert export_fits(project, "eft-json", tmp_path / "two.json").samples == 2


def test_an_edit_after_acceptance_takes_the_person_out_of_the_export_and_undo_brings_them_back(
    project: Project, tmp_path: Path
) -> None:
    person = people_of(project)[0]

    def exported(name: str) -> int:
        return export_fits(project, "eft-json", tmp_path / f"{name}.json").samples

    accept(project, person, "Anna")
    accept(project, person, "Bob")
    assert exported("accepted") == 1
    revision = load_person_view(project, person).revision
    edit = annotation.move_joints(revision, COCO, {9: (11.0, 12.0)})
    assert edit is not None
    annotation.apply_edit(project, person, revision.id, edit)
    assert (load_person_view(project, person).state, exported("edited")) == ("stale", 0)
    project.store.undo()
    assert (load_person_view(project, person).state, exported("undone")) == ("accepted", 1)
    project.store.redo()
    assert exported("redone") == 0
    add_fit(project, person)
    assert (load_person_view(project, person).state, exported("fitted")) == ("fitted", 0)
    accept(project, person, "Anna")
    assert (load_person_view(project, person).state, exported("once")) == ("in_review", 0)
    accept(project, person, "Bob")
    assert exported("twice") == 1


def test_taking_over_the_desk_ends_what_can_be_undone(project: Project) -> None:
    person = people_of(project)[0]
    accept(project, person, "Anna")
    project.work_as("Bob")
    assert project.store.undo_label is None
    assert project.store.undo() is None
    for name in ("", "  ", "x" * 81):
        with pytest.raises(ServiceError, match="1 to 80 characters"):
            project.work_as(name)
    assert project.annotator_name == "Bob"


def test_nonsense_is_refused(project: Project) -> None:
    person = people_of(project)[0]
    with pytest.raises(ServiceError, match="choose 1 or 2"):
        review.set_reviews_per_person(project, 3)
    for text, words in (("  ", "is empty"), ("x" * 2001, "2001 characters")):
        with pytest.raises(ServiceError, match=words):
            comments.say(project, person, text, COCO, None)
    add_fit(project, person)
    old = load_person_view(project, person).fits[-1]
    with pytest.raises(ServiceError, match="newer fit"):
        review.accept(project, person, old.id, 1)
