"""Pictures of the mannequin at its limits, for the documents: ``python -m fitting.body.mannequin.sheet [OUT]``.

Sheets of poses (front, side, back), of shapes at -3 and +3 standard deviations, of close views, and a turntable.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.spatial.transform import Rotation

from fitting.body.mannequin.build import DEFAULT_OUT
from fitting.body.mannequin.field import place
from fitting.body.mannequin.limit_poses import ARMS_DOWN, LIMIT_POSES
from fitting.body.mannequin.shape_directions import SHAPE_NAMES
from fitting.body.mannequin.training_poses import EulerPose, pose_rotations
from fitting.body.model import load_body
from fitting.render.pyrender_backend import get_renderer
from fitting.spec import BodyFit, Box, JobId, RenderJob, View, Window

FloatArray = NDArray[np.float64]
Size = tuple[int, int]

_PICTURES = Path(__file__).resolve().parents[3] / "docs" / "pictures"
_CLAY = (0.76, 0.76, 0.76)
_UPRIGHT = np.diag([1.0, -1.0, -1.0])
# Camera frame: y down, the pelvis stays 0.17 m above the origin; the tallest person fills 2.2 m around this point.
_STANDING = (0.0, -0.04)
_STANDING_SPAN = 2.2
_GREY_STEP = 3
"""Grey levels are rounded to multiples of it: the files halve, the eye sees no bands."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture of a sheet.

    Attributes:
        caption: Written above it; may be empty.
        pose: Degrees by joint.
        betas: ``(10,)``, standard deviations.
        turn: Degrees the person is turned to their left before the camera.
        tilt: Degrees the camera looks down.
        focus: Place ``(x, height, z)`` of the rest surface to look at, or None to show the standing person.
        span: Height of the picture, metres; None frames the body.
    """

    caption: str
    pose: EulerPose = field(default_factory=lambda: ARMS_DOWN)
    betas: FloatArray = field(default_factory=lambda: np.zeros(len(SHAPE_NAMES)))
    turn: float = 0.0
    tilt: float = 0.0
    focus: tuple[float, float, float] | None = None
    span: float | None = None


def draw_shot(body: Path, shot: Shot, size: Size) -> Image.Image:
    """The picture of one shot on white."""
    rotations = pose_rotations(shot.pose)
    rotations[0] = _UPRIGHT @ Rotation.from_euler("yx", [shot.turn, shot.tilt], degrees=True).as_matrix()
    fit = BodyFit(rotations, shot.betas, np.array([1.0, 0.0, 0.0]))
    window = None if shot.span is None else _window(body, fit, shot, size)
    view: View = "front" if window is None else "camera"
    job = RenderJob(JobId("sheet"), fit, Box(np.zeros(2), 1.0), view, size, body, window, _CLAY)
    layer = Image.fromarray(get_renderer().render(job).rgba)
    picture = Image.new("RGB", size, "white")
    picture.paste(layer, (0, 0), layer)
    return picture


def _window(body: Path, fit: BodyFit, shot: Shot, size: Size) -> Window:
    """The rectangle to cover, in pixels of a camera that shows 100 pixels a metre."""
    model = load_body(body)
    x, y = _STANDING
    if shot.focus is not None:
        nearest = np.linalg.norm(model.asset.v_template - place(*shot.focus), axis=1).argmin()
        x, y, _ = (float(value) for value in model.vertices_of(fit)[nearest])
    height = 100.0 * (shot.span or _STANDING_SPAN)
    width = height * size[0] / size[1]
    return Window(100.0 * x - width / 2, 100.0 * y - height / 2, width, height)


def draw_sheet(body: Path, shots: Sequence[Shot], columns: int, size: Size) -> Image.Image:
    """Shots in rows of ``columns`` pictures, each with its caption."""
    rows = -(-len(shots) // columns)
    sheet = Image.new("RGB", (columns * size[0], rows * size[1]), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for index, shot in enumerate(shots):
        corner = (index % columns * size[0], index // columns * size[1])
        sheet.paste(draw_shot(body, shot, size), corner)
        pen.text((corner[0] + 6, corner[1] + 4), shot.caption, fill=(40, 44, 52), font=font)
    return sheet


def pose_shots() -> list[Shot]:
    """Each limit pose from the front (a little turned), the side and the back."""
    return [
        Shot(limit.caption if turn == 20 else "", limit.pose, turn=turn, tilt=8)
        for limit in LIMIT_POSES
        for turn in (20, 90, 200)
    ]


def shape_shots() -> list[Shot]:
    """Each shape direction at -3 and +3 standard deviations, front and side, all at one scale."""
    return [
        Shot(f"{name} {sigma:+d} SD" if turn == 0 else "", betas=sigma * unit, turn=turn, span=_STANDING_SPAN)
        for name, unit in zip(SHAPE_NAMES, np.eye(len(SHAPE_NAMES)), strict=True)
        for sigma in (-3, 3)
        for turn in (0, -60)
    ]


def close_shots() -> list[Shot]:
    """Where a look from near is merciless: bent joints, armpits, neck, face, hand and foot."""
    pose = {limit.caption: limit.pose for limit in LIMIT_POSES}
    looks: tuple[tuple[str, tuple[float, float, float], float, float, float], ...] = (
        ("elbows bent by 140°", (0.380, 1.40, -0.06), 20, 60, 0.40),
        ("knees bent by 140°", (0.094, 0.62, -0.07), -120, 0, 0.60),
        ("hips at 120°, knees at 90°", (0.12, 0.93, 0.08), -60, 0, 0.75),
        ("hips at 120°, knees at 140°", (0.08, 0.88, -0.13), -130, 0, 0.75),
        ("arms overhead: collar 25° + shoulder 60°", (0.10, 1.36, 0.10), 0, 0, 0.70),
        ("arms overhead: collar 25° + shoulder 60°", (0.10, 1.36, -0.10), 180, 0, 0.70),
        ("trunk twisted by 45°", (0.0, 1.20, 0.11), 10, 0, 0.90),
        ("arms straight ahead", (0.10, 1.36, 0.10), 25, 0, 0.60),
        ("head turned by 70°", (0.0, 1.50, 0.05), -10, 0, 0.50),
        ("head bowed by 50°", (0.0, 1.50, 0.05), -70, 0, 0.50),
        ("sitting", (0.12, 0.93, 0.08), -40, 10, 0.75),
        ("deep squat", (0.08, 0.88, -0.13), -100, 5, 0.90),
    )
    return [Shot(name, pose[name], turn=turn, tilt=tilt, focus=at, span=span) for name, at, turn, tilt, span in looks]


def turntable_shots() -> list[Shot]:
    """The body at rest from six sides, then face, hand and foot."""
    nose, hand, foot = (0.0, 1.601, 0.118), (0.80, 1.42, -0.01), (0.11, 0.09, 0.0)
    around = [Shot("", turn=turn, span=2.0) for turn in (0, -40, -90, -140, 180, 140)]
    faces = [Shot("", turn=turn, focus=nose, span=0.36) for turn in (0, -35, -80)]
    return [
        *around,
        *faces,
        Shot("", {}, tilt=70, focus=hand, span=0.30),
        Shot("", turn=-40, tilt=15, focus=foot, span=0.36),
        Shot("", {}),
    ]


def write_sheets(body: Path, out: Path) -> list[Path]:
    """Draw every sheet into a folder; returns the files."""
    out.mkdir(parents=True, exist_ok=True)
    sheets = {
        "mannequin_sheet_poses.png": (pose_shots(), 6, (320, 390)),
        "mannequin_sheet_shapes.png": (shape_shots(), 8, (250, 430)),
        "mannequin_sheet_close.png": (close_shots(), 4, (480, 480)),
        "mannequin_turntable.png": (turntable_shots(), 6, (270, 420)),
    }
    for name, (shots, columns, size) in sheets.items():
        grey = np.asarray(draw_sheet(body, shots, columns, size).convert("L"))
        Image.fromarray(grey // _GREY_STEP * _GREY_STEP).save(out / name, optimize=True)
    return [out / name for name in sheets]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Draw the mannequin at its limits.")
    parser.add_argument("out", nargs="?", type=Path, default=_PICTURES, help="folder for the pictures")
    parser.add_argument("--body", type=Path, default=DEFAULT_OUT, help="body file (.npz)")
    arguments = parser.parse_args()
    for path in write_sheets(arguments.body, arguments.out):
        print(f"wrote {path} ({path.stat().st_size / 1e3:.0f} kB)")


if __name__ == "__main__":
    main()
