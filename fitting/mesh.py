"""Posing a body: its mesh, for export."""

from __future__ import annotations

import numpy as np

from fitting.body.model import load_body
from fitting.spec import MeshJob, MeshResult


def run_mesh_job(job: MeshJob) -> MeshResult:
    """Vertices of the body, camera frame, metres, and its triangles.

    Raises:
        AssetError: The body cannot be read.
    """
    body = load_body(job.body)
    vertices_cam = np.asarray(body.vertices_of(job.fit), dtype=np.float64)
    return MeshResult(job.job_id, vertices_cam, np.asarray(body.faces, dtype=np.int64), body.asset.sha256)
