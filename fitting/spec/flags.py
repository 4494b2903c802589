"""What may be odd about a finished fit though it lies well on its keypoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

FlagName: TypeAlias = Literal["too_large", "too_small", "trunk_tilted"]

FLAG_NAMES: tuple[FlagName, ...] = ("too_large", "too_small", "trunk_tilted")

Flags: TypeAlias = Mapping[FlagName, float]
"""The flags of a fit, each with how far it goes; empty for a fit about which nothing is odd.

* ``too_large``, ``too_small``: about how many times the body is as large as its box and keypoints allow;
* ``trunk_tilted``: degrees that the trunk leans in depth though the picture lets it stand upright, positive away from
  the camera.
"""
