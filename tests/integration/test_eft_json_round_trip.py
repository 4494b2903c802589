"""EFT JSON into a project and out again: every field as it came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.services.exporting import export_fits
from app.services.importing_fits import import_fits
from app.services.project import Project
from fitting.runners import InlineRunner
from tests.helpers.builders import write_picture
from tests.helpers.fits import BOX, coco_keypoints, standing_body
from tests.helpers.published_people import SPIN_PART, make_known_person

SIZE = (640, 480)


def write_published(folder: Path) -> Path:
    """Two people as the published files have them: an annotation id, a base name, keypoints of the 24-set alone."""
    rows: list[dict[str, Any]] = []
    for number in range(2):
        fit, known = standing_body(number), make_known_person(number)
        name = f"COCO_train2014_{number + 7:012d}.jpg"
        write_picture(folder / "images" / name, number, SIZE)
        keypoints = np.zeros((49, 3))
        keypoints[25:] = [(*known.points_px[part], 1.0) for part in SPIN_PART.split(", ")]
        keypoints[25 + 13 : 25 + 19] = 0  # COCO has neither head top nor the joints of MPII and Human3.6M
        validity = [1.0, 1.0, *[1.0] * 16]
        rows.append(
            {
                "parm_pose": np.asarray(fit.rotations, dtype=np.float64).tolist(),
                "parm_shape": np.linspace(-0.5, 0.5, 10).tolist(),
                "parm_cam": [float(value) for value in fit.camera],
                "bbox_scale": float(BOX.scale),
                "bbox_center": [float(value) for value in BOX.center_px],
                "joint_validity_openpose18": validity,
                "smpltype": "smpl",
                "annotId": 425226 + number,
                "imageName": name,
                "gt_keypoint_2d": keypoints.tolist(),
            }
        )
    source = folder / "COCO2014-All-ver01.json"
    source.write_text(json.dumps({"ver": 0.1, "data": rows, "meta": {"dbname": "coco", "rawname": "coco"}}))
    return source


def test_what_came_in_goes_out_equal(tmp_path: Path) -> None:
    source = write_published(tmp_path)
    with Project.create(tmp_path / "project") as project:
        report = import_fits(
            project, "eft-json", source, tmp_path / "images", method="paper", make_runner=InlineRunner
        )  # fmt: skip
        assert (report.fits["new"], report.new_people) == (2, 2)
        out = tmp_path / "out.json"
        export_fits(project, "eft-json", out, decision="any", make_runner=InlineRunner)
    came, went = (json.loads(path.read_text())["data"] for path in (source, out))
    assert len(came) == len(went) == 2
    for before, after in zip(came, went, strict=True):
        assert {key: after[key] for key in before} == before
        assert after.keys() <= {*before, "subjectId"}


def test_the_example_is_a_person(tmp_path: Path) -> None:
    """Guards the test above: its keypoints are those of its body."""
    source = write_published(tmp_path)
    row = json.loads(source.read_text())["data"][0]
    nose = np.array(row["gt_keypoint_2d"][25 + 19][:2])
    assert np.abs(nose - coco_keypoints(standing_body(0))[0, :2]).max() < 1e-6
