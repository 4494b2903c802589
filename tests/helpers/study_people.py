"""People and designs of small studies, made up."""

from __future__ import annotations

from collections.abc import Sequence

from app.study.design import CatchRule, PeopleRule, StudyDesign
from app.study.plan import DrawnPerson


def build_candidates(
    count: int, methods: Sequence[str] = ("eft", "smplify"), first_id: int = 1, datasets: int = 2
) -> list[DrawnPerson]:
    """People with a fit by every method; names do not depend on ids."""
    return [
        DrawnPerson(
            person=first_id + number,
            image=f"photos/{number:05d}.jpg",
            dataset=f"set{number % datasets}",
            annotation=f"A{number}",
            difficulty=("easy", "medium", "hard")[number % 3],
            fits={name: 1000 * place + first_id + number for place, name in enumerate(methods)},
        )
        for number in range(count)
    ]


def build_design(
    people: int = 12, methods: Sequence[str] = ("eft", "smplify"), catches: tuple[int, int] = (5, 5), **changes: object
) -> StudyDesign:
    """A small sound design."""
    rest = {"raters": 5, "raters_per_item": 3, "practice": 2, "repeat_share": 0.1, "same_person_gap": 4} | changes
    return StudyDesign(
        name="small",
        methods=tuple(methods),
        primary=(methods[0], methods[1]),
        people=PeopleRule(count=people, seed=3),
        catches=CatchRule(count=catches[0], pass_at_least=catches[1]),
        **rest,  # type: ignore[arg-type]
    )
