"""Measures of a body at rest that clothes are cut by. Read from the file, so that any body can be dressed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fitting.body.assets import BodyAsset
from fitting.spec import FloatArray
from resources.skeleton import get_skeleton


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Heights (y), widths (x) and places of a body in T-pose, body frame, metres.

    Attributes:
        vertices: ``(V, 3)`` rest vertices.
        head_weights: ``(V,)`` how much each vertex follows the head.
        sole, ankle, knee, hip, waist, neck, crown: Heights from the soles to the top of the head.
        shoulder, elbow, wrist: Distances from the midline.
        eye: Left eye ``(3,)``; nose and ear likewise; chin: height of the jaw's lower end.
    """

    vertices: FloatArray
    head_weights: FloatArray
    sole: float
    ankle: float
    knee: float
    hip: float
    waist: float
    neck: float
    crown: float
    shoulder: float
    elbow: float
    wrist: float
    eye: FloatArray
    nose: FloatArray
    ear: FloatArray
    chin: float


@lru_cache(maxsize=4)
def measure_figure(asset: BodyAsset) -> Figure:
    """Measures of a body file at zero betas."""
    vertices = asset.v_template.astype(np.float64)
    joints = asset.J_regressor @ vertices
    names = get_skeleton("smpl24").joints
    place = dict(zip(names, joints, strict=True))
    landmarks = vertices[asset.landmark_vertices]
    head = vertices[asset.weights[:, names.index("head_smpl")] > 0.5]
    return Figure(
        vertices=vertices,
        head_weights=asset.weights[:, names.index("head_smpl")].astype(np.float64),
        sole=float(vertices[:, 1].min()),
        ankle=float(place["left_ankle"][1]),
        knee=float(place["left_knee"][1]),
        hip=float(place["left_hip_smpl"][1]),
        waist=float(place["spine1"][1]),
        neck=float(place["neck_smpl"][1]),
        crown=float(vertices[:, 1].max()),
        shoulder=float(abs(place["left_shoulder"][0])),
        elbow=float(abs(place["left_elbow"][0])),
        wrist=float(abs(place["left_wrist"][0])),
        eye=landmarks[2],
        nose=landmarks[0],
        ear=landmarks[4],
        chin=float(head[:, 1].min()),
    )
