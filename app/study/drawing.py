"""Who is drawn: the people of a study and those of its practice and catch trials, by the design's seed alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.study.design import ListedPerson, StudyDesign
from app.study.dice import Dice
from app.study.errors import StudyError
from app.study.plan import DrawnPerson

_COCO_2014: Final = re.compile(r"^coco_(train|val|test)2014_", re.IGNORECASE)
_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw came to.

    Attributes:
        people: Of main trials, in stable order.
        checks: Of practice and catch trials; :func:`split_checks` tells which.
        notes: What a reader must know, in sentences.
    """

    people: tuple[DrawnPerson, ...]
    checks: tuple[DrawnPerson, ...]
    notes: tuple[str, ...] = ()


def draw_people(design: StudyDesign, candidates: Sequence[DrawnPerson]) -> Drawn:
    """Draw who takes part; the order in which candidates are given, and their ids, change nothing.

    Args:
        design: Its rule of people, seed included.
        candidates: Everybody who could take part, each with a fit of every method.

    Raises:
        StudyError: There is nobody, a candidate lacks a fit, or a listed person is not among the candidates.
    """
    _check_fits(design, candidates)
    rule = design.people
    excluded = build_exclusion(rule.exclude_images)
    pool = sorted((person for person in candidates if image_name(person.image) not in excluded), key=stable_key)
    if not pool:
        raise StudyError("Nobody can take part in the study; fit people by every method, or widen its filter.")
    if rule.listed:
        return Drawn(find_listed(rule.listed, pool), find_listed(rule.listed_checks, pool))
    people = _draw(pool, rule.count, rule.stratify == "dataset", Dice(rule.seed, "people"))
    notes = []
    if len(people) < rule.count:
        notes.append(f"{rule.count} people were wanted, and only {len(pool)} could take part: everybody does.")
    checks, check_notes = _draw_checks(design, pool, people)
    return Drawn(tuple(people), tuple(checks), (*notes, *check_notes))


def split_checks(
    design: StudyDesign, checks: Sequence[DrawnPerson]
) -> tuple[tuple[DrawnPerson, ...], tuple[DrawnPerson, ...]]:
    """Those of practice and those of catch trials: different people wherever there are two."""
    practice, catches = design.practice, design.catches.count
    if not practice or not catches:
        return (tuple(checks) if practice else ()), (tuple(checks) if catches else ())
    if len(checks) < 2:
        return tuple(checks), tuple(checks)
    # Too few: catch trials count, so that they get the greater part.
    first = min(max(1, len(checks) * practice // (practice + catches)), practice, len(checks) - 1)
    return tuple(checks[:first]), tuple(checks[first:])


def stable_key(person: DrawnPerson) -> tuple[str, str, str, int]:
    """What sorts people the same in every import of the same files; ids only tell apart what nothing else does."""
    return person.dataset, person.image, person.annotation or "", person.person


def name_person(person: DrawnPerson) -> ListedPerson:
    """The person as another import knows them."""
    return ListedPerson(dataset=person.dataset, image=person.image, annotation=person.annotation)


def image_name(image: str) -> str:
    """An image's file name as exclusions compare it: without folders, case and the prefix that COCO 2017 dropped."""
    return _COCO_2014.sub("", image.rsplit("/", 1)[-1]).casefold()


def build_exclusion(names: Iterable[str]) -> frozenset[str]:
    """Excluded file names, to be compared with :func:`image_name`."""
    return frozenset(image_name(name) for name in names)


def find_listed(listed: Sequence[ListedPerson], candidates: Sequence[DrawnPerson]) -> tuple[DrawnPerson, ...]:
    """Listed people among candidates, in the list's order.

    Several people of one name (drawn by hand, without annotation id) are taken in the candidates' stable order.

    Raises:
        StudyError: Some are not among them.
    """
    known: defaultdict[ListedPerson, list[DrawnPerson]] = defaultdict(list)
    for person in sorted(candidates, key=stable_key, reverse=True):
        known[name_person(person)].append(person)
    found, missing = [], []
    for name in listed:
        if known[name]:
            found.append(known[name].pop())
        else:
            missing.append(name)
    if missing:
        told = "; ".join(f"{name.image} ({name.dataset}, annotation {name.annotation})" for name in missing[:_TOLD])
        more = f" and {len(missing) - _TOLD} more" if len(missing) > _TOLD else ""
        raise StudyError(
            f"{len(missing)} of {len(listed)} listed people cannot take part here: {told}{more}; import and fit them by"
            " every method, or draw anew with --seed."
        )
    return tuple(found)


def _check_fits(design: StudyDesign, candidates: Iterable[DrawnPerson]) -> None:
    for person in candidates:
        if lacking := [name for name in design.methods if name not in person.fits]:
            raise StudyError(f"{person.image} has no fit by '{lacking[0]}'; fit everybody by it first.")


def _draw(pool: Sequence[DrawnPerson], count: int, by_dataset: bool, dice: Dice) -> list[DrawnPerson]:
    """So many of a sorted pool, in its order; by dataset, each gets its share of the pool."""
    if not by_dataset:
        return sorted(dice.shuffled(pool)[:count], key=stable_key)
    sizes = Counter(person.dataset for person in pool)
    drawn: list[DrawnPerson] = []
    for dataset, share in _share_out(min(count, len(pool)), sizes).items():
        drawn += dice.shuffled([person for person in pool if person.dataset == dataset])[:share]
    return sorted(drawn, key=stable_key)


def _share_out(count: int, sizes: Counter[str]) -> dict[str, int]:
    """Shares of ``count`` by size, largest remainders first; of equal ones the larger dataset, then by name."""
    total = sizes.total()
    shares = {name: count * sizes[name] // total for name in sorted(sizes)}
    by_remainder = sorted(shares, key=lambda name: (-(count * sizes[name] % total), -sizes[name], name))
    for name in by_remainder[: count - sum(shares.values())]:
        shares[name] += 1
    return shares


def _draw_checks(
    design: StudyDesign, pool: Sequence[DrawnPerson], people: Collection[DrawnPerson]
) -> tuple[list[DrawnPerson], list[str]]:
    wanted = design.practice + design.catches.count
    if not wanted:
        return [], []
    dice = Dice(design.people.seed, "checks")
    taken = {person.person for person in people}
    rest = [person for person in pool if person.person not in taken]
    drawn = dice.shuffled(_draw(rest, wanted, design.people.stratify == "dataset", dice)) if rest else []
    if len(drawn) >= wanted:
        return drawn, []
    if len(drawn) >= 2:
        return drawn, [
            f"Only {len(drawn)} people are left for {wanted} practice and catch trials, so some come more than once."
        ]
    checks = drawn + dice.shuffled(sorted(people, key=stable_key))[: wanted - len(drawn)]
    return checks, [
        "Everybody who can take part is in the sample, so practice and catch trials show people of the sample too."
    ]
