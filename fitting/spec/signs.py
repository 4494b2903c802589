"""What a worker notices about a finished fit beside its flags: what suspicion is made of (docs/suspicion.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

SignName: TypeAlias = Literal["swap_body", "swap_arms", "swap_legs", "outlier", "pose"]
Signs: TypeAlias = Mapping[SignName, float]
"""The signs of a fit:

* ``swap_body``, ``swap_arms``, ``swap_legs``: log-odds that left and right of the keypoints are exchanged, as if half
  of all people were swapped; left out where nothing labelled would change places;
* ``outlier``: how far the worst joint lies from its keypoint beyond twice the median of all, half sides of the box;
* ``pose``: how unlikely the pose is: energy under the pose prior, 0 for the median of natural poses and 1 for their
  99th percentile.
"""
