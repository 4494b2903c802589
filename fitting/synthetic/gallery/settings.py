"""What all galleries share; what can be chosen is :class:`fitting.spec.GallerySettings`."""

from __future__ import annotations

from typing import Final

from fitting.synthetic.visibility import VisibilitySettings

CHUNK: Final = 32
"""Pictures that share one source of chance, and are written and resumed together."""

VISIBILITY: Final = VisibilitySettings()
"""How people are cut, and which keypoints are not labelled."""
