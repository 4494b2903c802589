"""What all galleries share; what can be chosen is :class:`fitting.spec.GallerySettings`."""

from __future__ import annotations

from typing import Final

from fitting.synthetic.visibility import VisibilitySettings

CHUNK: Final = 32
"""Pictures that share one source of chance, and are written and resumed together."""

DRAWING: Final = 2
"""Raised when the same seed gives other pictures than before, so that no gallery is finished by another program than
the one that began it. 1 had darker light, and did not say so in its order."""

VISIBILITY: Final = VisibilitySettings()
"""How people are cut, and which keypoints are not labelled."""
