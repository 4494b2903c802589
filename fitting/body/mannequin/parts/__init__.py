"""The figure, part by part: tables of sections and solids, read off profile drawings of an adult of 1.74 m.

Heights in these tables count from the sole; x and z are those of the body frame; metres. Parts are listed in the order
in which they melt into one another.
"""

from __future__ import annotations

from fitting.body.mannequin.field import Part
from fitting.body.mannequin.parts.arm import arm_parts
from fitting.body.mannequin.parts.head import head_parts
from fitting.body.mannequin.parts.leg import leg_parts
from fitting.body.mannequin.parts.trunk import trunk_parts


def build_parts() -> list[Part]:
    """All parts of the figure, left side and midline."""
    return [*trunk_parts(), *leg_parts(), *arm_parts(), *head_parts()]
