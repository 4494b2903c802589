"""Formats of fits are told by their content, whatever a file is called."""

import json
from pathlib import Path

import numpy as np
import pytest

from db.formats import FORMATS, get_fit_writer, sniff_fits
from db.formats.errors import FormatError
from db.formats.fits import ExportContext
from tests.helpers.fit_records import make_sample
from tests.helpers.fit_samples import CONTEXT, make_tetrahedron

MESHES = ExportContext(CONTEXT.dataset_name, CONTEXT.raw_name, CONTEXT.tool_version, 1500.0, make_tetrahedron)
WRITTEN = [row for row in FORMATS.values() if row.exports]


@pytest.mark.parametrize("row", WRITTEN, ids=lambda row: row.name)
def test_what_is_written_is_recognised(row: object, tmp_path: Path) -> None:
    assert row in WRITTEN
    name, suffix = row.name, row.suffix  # type: ignore[attr-defined]
    written = get_fit_writer(name)(tmp_path / f"fits{suffix}", [make_sample(0)], MESHES).path
    assert sniff_fits(written) == name
    if not written.is_dir():
        assert sniff_fits(written.rename(tmp_path / "no suffix")) == name


def test_others_files_are_recognised(tmp_path: Path) -> None:
    np.savez(tmp_path / "a", global_orient=np.zeros(3), body_pose=np.zeros(69), betas=np.zeros(10))
    np.savez(tmp_path / "b", poses=np.zeros((1, 156)), trans=np.zeros((1, 3)), betas=np.zeros(16))
    (tmp_path / "c.json").write_text(json.dumps({"meta": {}, "data": [{"imageName": "x", "parm_pose": []}], "ver": 1}))
    (tmp_path / "d.obj").write_text("# a body\no body\nv 0 0 0\n")
    found = [sniff_fits(tmp_path / name) for name in ("a.npz", "b.npz", "c.json", "d.obj")]
    assert found == ["smplx-npz", "amass-npz", "eft-json", "obj"]


@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04 but no zip", b"\x80\x04K\x01."])
def test_what_is_none_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    for path in (tmp_path / "file", tmp_path):
        with pytest.raises(FormatError, match="is in no known format of fits; say which one it is"):
            sniff_fits(path)
    with pytest.raises(FormatError, match="does not exist"):
        sniff_fits(tmp_path / "nothing")
