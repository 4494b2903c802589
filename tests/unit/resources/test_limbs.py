from __future__ import annotations

import pytest

from resources.limbs import LIMB_NAMES, LIMBS, get_limb
from resources.skeleton import get_skeleton


def test_every_layout_of_annotators_has_both_ends_of_every_limb() -> None:
    for layout in ("coco17", "spin49", "spin24", "lsp14"):
        joints = get_skeleton(layout).joints
        assert all({limb.near, limb.far} <= set(joints) for limb in LIMBS), layout


def test_a_limb_by_name() -> None:
    assert len(set(LIMB_NAMES)) == 8
    limb = get_limb("right_lower_leg")
    assert (limb.title, limb.near, limb.far) == ("right lower leg", "right_knee", "right_ankle")
    with pytest.raises(KeyError, match="no limb 'tail'"):
        get_limb("tail")
