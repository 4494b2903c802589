"""Who is drawn: the people of a study and those of its practice and catch trials, by the design's seed alone.

Everybody has a lot, a hash of the seed and their name (dataset, image, annotation), and the lowest lots are drawn. So
whoever is added to a project, or drops out because a photograph cannot be read, changes no place but their own, but for
the datasets' shares.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from app.study.design import ListedPerson, StudyDesign
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
    people = sorted(_draw(design, "people", pool, rule.count), key=stable_key)
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


def _draw(design: StudyDesign, purpose: str, pool: Sequence[DrawnPerson], count: int) -> list[DrawnPerson]:
    """So many of a sorted pool, by lot and in the order of lots; by dataset, each gets its share of the pool."""
    lots = _cast_lots(design.people.seed, purpose, pool)
    shares = Counter({"": min(count, len(pool))})
    if design.people.stratify == "dataset":
        shares = _share_out(min(count, len(pool)), Counter(person.dataset for person in pool))
    drawn: list[DrawnPerson] = []
    for person in lots:
        share = person.dataset if design.people.stratify == "dataset" else ""
        if shares[share]:
            shares[share] -= 1
            drawn.append(person)
    return drawn


def _cast_lots(seed: int, purpose: str, pool: Sequence[DrawnPerson]) -> list[DrawnPerson]:
    """A sorted pool in the order of lots."""
    seen: Counter[ListedPerson] = Counter()
    lots: list[tuple[bytes, DrawnPerson]] = []
    for person in pool:
        name = name_person(person)
        text = msgspec.json.encode((seed, purpose, name.dataset, name.image, name.annotation, seen[name]))
        seen[name] += 1
        lots.append((hashlib.sha256(text).digest(), person))
    lots.sort(key=lambda lot: lot[0])
    return [person for _, person in lots]


def _share_out(count: int, sizes: Counter[str]) -> Counter[str]:
    """Shares of ``count`` by size, largest remainders first; of equal ones the larger dataset, then by name."""
    total = sizes.total()
    shares = Counter({name: count * sizes[name] // total for name in sorted(sizes)})
    by_remainder = sorted(shares, key=lambda name: (-(count * sizes[name] % total), -sizes[name], name))
    for name in by_remainder[: count - shares.total()]:
        shares[name] += 1
    return shares


def _draw_checks(
    design: StudyDesign, pool: Sequence[DrawnPerson], people: Sequence[DrawnPerson]
) -> tuple[list[DrawnPerson], list[str]]:
    wanted = design.practice + design.catches.count
    if not wanted:
        return [], []
    taken = {person.person for person in people}
    rest = [person for person in pool if person.person not in taken]
    drawn = _draw(design, "checks", rest, wanted)
    if len(drawn) >= wanted:
        return drawn, []
    if len(drawn) >= 2:
        return drawn, [
            f"Only {len(drawn)} people are left for {wanted} practice and catch trials, so some come more than once."
        ]
    checks = drawn + _cast_lots(design.people.seed, "checks", people)[: wanted - len(drawn)]
    return checks, [
        "Everybody who can take part is in the sample, so practice and catch trials show people of the sample too, and"
        " raters can learn from them which fit is nearer to the keypoints; take fewer people to keep them apart."
    ]
