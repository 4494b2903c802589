"""The words of the filter language: keys, what they mean, which values they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.services.review import REASONS
from db.conditions import NUMBER_KEYS, POSSESSIONS, RULES, WORD_KEYS, NumberKey, WordKey
from db.records import PERSON_STATES, UNDECIDED_STATES
from db.suspicion import PARTS
from fitting.spec import FLAG_NAMES

Choices: TypeAlias = Mapping[str, tuple[str, ...]]
"""Values that a project knows, by key: its annotators, datasets and methods."""

STATE_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "undecided": UNDECIDED_STATES,
    "decided": ("accepted", "rejected", "second_look"),
}
REASON_NAMES: Final[Mapping[str, str]] = {
    "swap": "left_right",
    "pose": "wrong_pose",
    "depth": "wrong_depth",
    "shape": "wrong_shape",
}
"""Short names of reasons, beside their codes."""


@dataclass(frozen=True, slots=True)
class KeyHelp:
    """A key, what it asks, and its values where they are few."""

    key: NumberKey | WordKey
    meaning: str
    values: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether it is compared with a number."""
        return self.key in NUMBER_KEYS


KEYS: Final[tuple[KeyHelp, ...]] = (
    KeyHelp("state", "state of the person", (*PERSON_STATES, *STATE_GROUPS)),
    KeyHelp("suspicion", "how much the fit is to be doubted, 0 to 1"),
    KeyHelp("suspect", "what it is doubted for", ("swap", *PARTS)),
    KeyHelp("rms", "distance between joints and keypoints, pixels"),
    KeyHelp("loss", "L2d of the fit"),
    KeyHelp("beta", "largest shape coefficient, without its sign"),
    KeyHelp("joints", "labelled keypoints"),
    KeyHelp("flag", "what is odd about the body", FLAG_NAMES),
    KeyHelp("reason", "reason of a rejection", (*REASON_NAMES, *(reason.code for reason in REASONS))),
    KeyHelp("by", "who decided"),
    KeyHelp("method", "method of the current fit"),
    KeyHelp("dataset", "dataset of the image"),
    KeyHelp("limbs", "labelled ones of the twelve limb joints"),
    KeyHelp("rule", "how a published set was selected", RULES),
    KeyHelp("has", "whether there is one", POSSESSIONS),
)
HELP_OF: Final[Mapping[str, KeyHelp]] = {row.key: row for row in KEYS}
assert HELP_OF.keys() == {*NUMBER_KEYS, *WORD_KEYS}

EXAMPLES: Final[tuple[tuple[str, str], ...]] = (
    ("state:fitted,stale", "people in one of these states"),
    ("suspect:swap suspicion>0.7", "likely left/right swaps that are much doubted"),
    ("rule:12kp", "people with all twelve limb joints, as in COCO-Part"),
    ("rms>10 beta>2", "all that is said has to hold"),
    ("-state:accepted", "a minus in front: everybody else"),
    ('reason:swap by:"Anna B"', "rejected for this reason, by her"),
    ("000123 dataset:coco", "a part of the image name or annotation id"),
    ('"two words"', "quotes keep words together, and keys from being keys"),
)
