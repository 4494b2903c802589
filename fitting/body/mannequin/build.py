"""Build the mannequin and write it: ``python -m fitting.body.mannequin.build [OUT] [--no-correctives]``."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fitting.body.mannequin import anatomy, surface
from fitting.body.mannequin.correctives import build_correctives
from fitting.body.mannequin.field import Part, place, rest_gradient
from fitting.body.mannequin.flips import flip_edges
from fitting.body.mannequin.parts import build_parts
from fitting.body.mannequin.regressors import build_regressor
from fitting.body.mannequin.shape_directions import SHAPE_NAMES, build_shape_directions
from fitting.body.mannequin.skinning import build_weights
from fitting.body.mannequin.training_poses import build_training_poses

Arrays = dict[str, NDArray[np.generic]]
Progress = Callable[[str], None]

NAME = "mannequin"
LICENCE = "Apache-2.0"
DEFAULT_OUT = Path(__file__).resolve().parents[3] / "resources" / "body" / "mannequin.npz"
CARE = (
    (place(0.032, 1.634, 0.083), np.array([0.020, 0.016, 0.020]), 3.0),
    (place(0.032, 1.634, 0.083), np.array([0.035, 0.030, 0.035]), 1.6),
    (place(0.0, 1.570, 0.095), np.array([0.030, 0.020, 0.025]), 3.0),
    (place(0.080, 1.618, 0.000), np.array([0.02, 0.03, 0.02]), 1.4),
    (place(0.0, 1.605, 0.095), np.array([0.05, 0.06, 0.04]), 2.0),
    (place(0.0, 1.650, 0.000), np.array([0.09, 0.11, 0.11]), 1.3),
    (place(0.456, 1.405, -0.025), np.array([0.06, 0.05, 0.05]), 1.5),
    (place(0.094, 0.497, 0.000), np.array([0.07, 0.08, 0.07]), 1.4),
    (place(0.830, 1.400, -0.010), np.array([0.06, 0.04, 0.07]), 1.4),
    (place(0.120, 0.015, 0.140), np.array([0.04, 0.03, 0.04]), 1.3),
)
"""Where the eye looks first, or the skin bends most: face, ear, elbow, knee, fingers, toes (see surface.decimate)."""
_STORED_STEP = 2e-5
"""Directions are stored to 0.02 mm."""
_POSE_FEATURES = 9 * (len(anatomy.JOINT_NAMES) - 1)


@dataclass(frozen=True, slots=True)
class MannequinSettings:
    """How finely to build.

    Attributes:
        spacing: Grid of marching cubes, metres; fingers and lips need 5 mm or less.
        half_faces: Triangles of one half after decimation.
        settle_rounds: Rounds of smoothing and projection.
        correctives: Whether to compute pose correctives (minutes) or leave them zero.
    """

    spacing: float = 0.003
    half_faces: int = 9650
    settle_rounds: int = 10
    correctives: bool = True


def build_mannequin(settings: MannequinSettings | None = None, progress: Progress = lambda _: None) -> Arrays:
    """Every array of the body file, in SMPL's shapes and float32; deterministic.

    Args:
        settings: How finely to build.
        progress: Told, in words, what is being done.
    """
    settings = settings or MannequinSettings()
    parts = build_parts()
    progress("meshing the figure")
    mesh, landmarks = build_surface(parts, settings)
    progress(f"skinning {len(mesh.vertices)} vertices")
    weights = build_weights(mesh, anatomy.build_segments())
    normals = rest_gradient(parts, mesh.vertices)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    directions = build_shape_directions(mesh, normals)
    progress("fitting joint regressors")
    joints = anatomy.build_joints()
    regressor = build_regressor(mesh, directions, joints, anatomy.JOINT_NAMES, most=60)
    extra = build_regressor(mesh, directions, anatomy.build_extra_joints(), anatomy.EXTRA_NAMES, most=30)
    h36m = build_regressor(mesh, directions, anatomy.build_h36m_joints(), anatomy.H36M_NAMES, most=30)
    posedirs = np.zeros((len(mesh.vertices), 3, _POSE_FEATURES))
    if settings.correctives:
        posedirs = build_correctives(parts, mesh, weights, joints, build_training_poses(), progress)
    kintree = np.array([anatomy.PARENTS, range(len(anatomy.PARENTS))], np.int64)
    kintree[0, 0] = 2**32 - 1
    return {
        "v_template": mesh.vertices.astype(np.float32),
        "f": mesh.faces.astype(np.int32),
        "shapedirs": _rounded(directions, _STORED_STEP),
        "posedirs": _rounded(posedirs, _STORED_STEP),
        "weights": weights.astype(np.float32),
        "J_regressor": regressor.astype(np.float32),
        "J_regressor_extra": extra.astype(np.float32),
        "J_regressor_h36m": h36m.astype(np.float32),
        "kintree_table": kintree,
        "landmark_vertices": landmarks,
        "shape_names": np.array(SHAPE_NAMES),
        "name": np.array(NAME),
        "licence": np.array(LICENCE),
    }


def _rounded(values: NDArray[np.float64], step: float) -> NDArray[np.float32]:
    """Values on a grid of ``step`` metres: repeated bytes, and many zeros, compress well."""
    return (np.round(values / step) * step).astype(np.float32)


def build_surface(parts: list[Part], settings: MannequinSettings) -> tuple[surface.Mesh, NDArray[np.int64]]:
    """The rest mesh and its 21 landmark vertices."""
    field, low = surface.sample_grid(parts, settings.spacing)
    vertices, faces = surface.extract_half(field, low, settings.spacing)
    vertices, faces = surface.decimate(vertices, faces, settings.half_faces, CARE)
    half, rim = len(vertices), vertices[:, 0] == 0.0
    for _ in range(2):
        faces = flip_edges(vertices, faces, rim)
        mesh = surface.settle(surface.mirror(vertices, faces), parts, settings.settle_rounds // 2)
        vertices = mesh.vertices[:half]
    mesh, landmarks = surface.pin_landmarks(mesh, parts, anatomy.build_landmarks(), anatomy.LANDMARK_NAMES)
    return surface.settle(mesh, parts, settings.settle_rounds // 2, fixed=landmarks), landmarks


def write_mannequin(arrays: Arrays, path: Path) -> None:
    """Write the body file at once: a reader sees the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as handle:
        temporary = Path(handle.name)
        try:
            np.savez_compressed(handle, **arrays)  # type: ignore[arg-type]
            handle.flush()
            os.fsync(handle.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    temporary.chmod(0o644)
    temporary.replace(path)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Build the mannequin's body file.")
    parser.add_argument("out", nargs="?", type=Path, default=DEFAULT_OUT, help="file to write (.npz)")
    parser.add_argument("--no-correctives", action="store_true", help="leave pose correctives zero (seconds)")
    arguments = parser.parse_args()
    settings = MannequinSettings(correctives=not arguments.no_correctives)
    write_mannequin(build_mannequin(settings, print), arguments.out)
    print(f"wrote {arguments.out} ({arguments.out.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
