"""Conditions on people, for lists and commands: what is asked; :mod:`db.queries.where` puts it into SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

NumberKey: TypeAlias = Literal["loss", "rms", "beta", "suspicion", "joints", "limbs"]
"""L2d, RMS distance in pixels, max |beta| and suspicion of the current fit; labelled keypoints of the person, and
those among the twelve limb joints."""
WordKey: TypeAlias = Literal["state", "reason", "by", "dataset", "flag", "suspect", "method", "has", "rule"]
Operator: TypeAlias = Literal["<", "<=", ">", ">=", "="]
Rule: TypeAlias = Literal["12kp", "6kp", "vibe", "mpii"]
"""How published sets were selected (eft_method.md 6.1): all twelve limb joints labelled (COCO-Part, SPIN, PoseTrack),
six of them (COCO-All, OCHuman), more than six (3DPW as VIBE has it), all sixteen of MPII's joints."""
Possession: TypeAlias = Literal["fit", "decision", "comment", "flag", "suspect"]

NUMBER_KEYS: tuple[NumberKey, ...] = ("loss", "rms", "beta", "suspicion", "joints", "limbs")
WORD_KEYS: tuple[WordKey, ...] = ("state", "reason", "by", "dataset", "flag", "suspect", "method", "has", "rule")
OPERATORS: tuple[Operator, ...] = ("<=", ">=", "<", ">", "=")
RULES: tuple[Rule, ...] = ("12kp", "6kp", "vibe", "mpii")
POSSESSIONS: tuple[Possession, ...] = ("fit", "decision", "comment", "flag", "suspect")


@dataclass(frozen=True, slots=True)
class Compare:
    """A number is on one side of a limit; people without the number are on none."""

    key: NumberKey
    operator: Operator
    limit: float
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """Something is one of these words.

    ``state`` and ``method`` are compared exactly, ``flag`` and ``suspect`` by name, ``by`` and ``dataset`` in whatever
    case; ``reason`` is a code of the current decision, ``by`` who made it, ``has`` a :data:`Possession`, ``rule`` a
    :data:`Rule`.
    """

    key: WordKey
    words: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """The image path or the annotation id contains a text, in whatever case."""

    text: str
    negated: bool = False


Condition: TypeAlias = Compare | OneOf | Contains
"""A person has to meet all that are given; a negated one is met by everybody else, without a number as well."""
