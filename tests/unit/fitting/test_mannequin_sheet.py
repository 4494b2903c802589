"""The sheets of the mannequin show what they say."""

from __future__ import annotations

import numpy as np

from fitting.body.mannequin import sheet
from fitting.body.mannequin.limit_poses import LIMIT_POSES
from fitting.body.mannequin.shape_directions import SHAPE_NAMES
from resources import default_body


def covered(shot: sheet.Shot) -> np.ndarray:
    """Which pixels (90, 60) the body covers."""
    return np.asarray(sheet.draw_shot(default_body(), shot, (60, 90)).convert("L")) < 255


def test_every_limit_is_on_a_sheet() -> None:
    captions = {shot.caption for shot in sheet.pose_shots()}
    assert {limit.caption for limit in LIMIT_POSES} < captions
    assert len(sheet.shape_shots()) == 4 * len(SHAPE_NAMES)
    assert {f"{name} {sigma} SD" for name in SHAPE_NAMES for sigma in ("-3", "+3")} < {
        shot.caption for shot in sheet.shape_shots()
    }


def test_shapes_are_drawn_at_one_scale_and_whole() -> None:
    short, tall = (covered(shot) for shot in (sheet.shape_shots()[0], sheet.shape_shots()[2]))
    assert tall.any(1).sum() > 1.2 * short.any(1).sum()
    assert not tall[[0, -1]].any()


def test_a_close_view_is_centred_on_its_focus() -> None:
    nose = sheet.Shot("", focus=(0.0, 1.601, 0.118), span=0.3)
    picture = covered(nose)
    assert picture[45, 30]
    assert picture.mean() > covered(sheet.Shot("", span=2.2)).mean()


def test_a_sheet_holds_its_pictures_in_rows() -> None:
    drawn = sheet.draw_sheet(default_body(), sheet.turntable_shots()[:3], 2, (60, 90))
    assert drawn.size == (120, 180)
    assert (np.asarray(drawn)[90:, 60:] == 255).all(), "the fourth place is empty"
