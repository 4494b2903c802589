"""Contact sheets of sampled poses: ``python -m fitting.synthetic.pose_sheet OUT.png --count 200 --seed 7``.

Every person upright, from the front and from their left side, with the names of their families; :data:`PEOPLE` a
sheet, the further sheets beside the first as ``OUT_2.png`` and so on.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image, ImageDraw

from fitting.spec import BodyFit, Box, ByteImage, FloatArray, JobId, RenderJob, View
from fitting.synthetic.arm_families import ARM_FAMILIES
from fitting.synthetic.leg_families import LEG_FAMILIES
from fitting.synthetic.pose_tables import Families, draw_arm_families, draw_families
from fitting.synthetic.poses import Poses, pose_families
from resources import default_body

PEOPLE: Final = 50
_COLUMNS: Final = 10
_SIZE_PX: Final = (100, 150)
_TEXT_PX: Final = 34
_BACKGROUND: Final = (236, 236, 236)
_VIEWS: Final[tuple[View, ...]] = ("front", "side")


def draw_sheets(poses: Poses, output: Path) -> list[Path]:
    """Write the sheets of ``poses``; their paths."""
    count = len(poses.angles)
    written = []
    for start in range(0, count, PEOPLE):
        people = range(start, min(start + PEOPLE, count))
        path = output if start == 0 else output.with_stem(f"{output.stem}_{start // PEOPLE + 1}")
        _draw_sheet(poses, people).save(path)
        written.append(path)
    return written


def _draw_sheet(poses: Poses, people: range) -> Image.Image:
    width, height = len(_VIEWS) * _SIZE_PX[0], _SIZE_PX[1] + _TEXT_PX
    rows = -(-len(people) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * width, rows * height), _BACKGROUND)
    text = ImageDraw.Draw(sheet)
    for place, person in enumerate(people):
        left, top = place % _COLUMNS * width, place // _COLUMNS * height
        rotations = poses.rotations[person].numpy().astype(np.float64)
        rotations[0] = np.diag([1.0, -1.0, -1.0]) @ poses.upright[person].numpy()
        for number, view in enumerate(_VIEWS):
            tile = Image.fromarray(_draw_body(rotations, view))
            sheet.paste(tile, (left + number * _SIZE_PX[0], top), tile)
        text.text((left + 2, top + _SIZE_PX[1]), _name(poses, person), fill=(20, 20, 20), spacing=0)
    return sheet


def _draw_body(rotations: FloatArray, view: View) -> ByteImage:
    from fitting.render.pyrender_backend import get_renderer

    fit = BodyFit(rotations, np.zeros(10), np.array([0.9, 0.0, 0.0]))
    box = Box(np.array([_SIZE_PX[0] / 2, _SIZE_PX[1] / 2]), 1.0)
    return get_renderer().render(RenderJob(JobId("pose"), fit, box, view, _SIZE_PX, default_body())).rgba


def _name(poses: Poses, person: int) -> str:
    left, right = (ARM_FAMILIES[int(arm)].name for arm in poses.angles.arm_family[person])
    leg = LEG_FAMILIES[int(poses.angles.leg_family[person])].name
    return f"{person} {leg}\n{left}" + ("" if left == right else f"\n{right}")


def _chosen_families(count: int, legs: str | None, generator: torch.Generator) -> Families:
    if legs is None:
        return draw_families(count, generator)
    names = [family.name for family in LEG_FAMILIES]
    leg = torch.tensor([names.index(name) for name in legs.split(",")]).repeat(count)[:count]
    return Families(leg, draw_arm_families(leg, generator))


def main(arguments: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m fitting.synthetic.pose_sheet", description="Draw sampled poses.")
    parser.add_argument("output", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--legs", help="only these leg families, separated by commas")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
    generator = torch.Generator().manual_seed(chosen.seed)
    poses = pose_families(_chosen_families(chosen.count, chosen.legs, generator), generator)
    for path in draw_sheets(poses, chosen.output):
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
