"""How suspicious a fit is: each part by itself, together, and on the head."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from db.records import PersonHead, PersonId
from db.store import Store
from db.suspicion import PARTS, Evidence, judge, mean_turn_degrees
from tests.helpers.store_builders import add_people, build_fit, move_joint

SOUND = Evidence({}, rms_px=1.0, box_scale=1.2, max_abs_beta=1.0, flags={})


def test_a_sound_fit_is_not_suspect() -> None:
    assert judge(SOUND).value == 0
    assert judge(SOUND).suspects == ()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"signs": {"swap_legs": 9.0}}, "swap_legs"),
        ({"signs": {"swap_body": 9.0}}, "swap_body"),
        ({"signs": {"outlier": 9.0}}, "outlier"),
        ({"signs": {"pose": 9.0}}, "pose"),
        ({"rms_px": 99.0}, "residual"),
        ({"max_abs_beta": 9.0}, "shape"),
        ({"flags": {"too_small": 0.4}}, "size"),
        ({"flags": {"too_large": 2.5}}, "size"),
        ({"flags": {"trunk_tilted": -70.0}}, "lean"),
        ({"disagreement_degrees": 90.0}, "disagreement"),
    ],
)
def test_each_part_is_named_with_its_whole_weight(changes: dict[str, object], name: str) -> None:
    suspicion = judge(dataclasses.replace(SOUND, **changes))  # type: ignore[arg-type]
    weight = PARTS[name].weight  # type: ignore[index]
    assert suspicion.suspects == ((name, weight),)
    assert suspicion.value == pytest.approx(weight)


def test_doubts_add_up_and_the_greatest_comes_first() -> None:
    both = judge(dataclasses.replace(SOUND, max_abs_beta=9.0, signs={"swap_arms": 9.0}))
    assert [name for name, _ in both.suspects] == ["swap_arms", "shape"]
    assert 0.95 < both.value < 1


def test_what_was_not_measured_is_no_reason_for_doubt() -> None:
    assert judge(Evidence({}, None, 1.2, 0.0, {}, None)).value == 0


def test_a_turn_is_the_mean_angle_between_joints() -> None:
    quarter = np.tile(np.eye(3), (24, 1, 1))
    quarter[:12] = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    assert mean_turn_degrees(np.tile(np.eye(3), (24, 1, 1)), quarter) == pytest.approx(45)


def test_the_head_follows_the_fit_and_the_other_methods(store: Store) -> None:
    (person,) = add_people(store, [17])
    assert head(store, person).suspicion is None
    add(store, person, "eft", 0, signs={"swap_arms": 9.0})
    assert head(store, person).suspects[0] == ("swap_arms", 0.95)
    alone = head(store, person).suspicion
    add(store, person, "smplify", 1, signs={"swap_arms": 9.0})
    assert "disagreement" in dict(head(store, person).suspects)
    assert (head(store, person).suspicion or 0) > (alone or 0)
    store.undo()
    assert head(store, person).suspicion == alone
    move_joint(store, person, 3, 44.0)
    add(store, person, "smplify", 1)  # to other keypoints: EFT's earlier fit is no witness
    assert "disagreement" not in dict(head(store, person).suspects)
    assert store.verify_heads() == ()


def head(store: Store, person: PersonId) -> PersonHead:
    with store.read() as reader:
        return reader.queue.get_head(person)


def add(store: Store, person: PersonId, method: str, seed: int, **changes: object) -> None:
    with store.change("Fit") as change:
        revision = change.keypoints.current(person)
        assert revision is not None
        fit = build_fit(person, revision.id, seed)
        change.fits.add(dataclasses.replace(fit, method=method, **changes))  # type: ignore[arg-type]
