"""Names of files: safe, unique, the same every time, and recognisable."""

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.formats.parts.file_names import build_file_name
from tests.helpers.fit_samples import make_fit_sample


@pytest.mark.parametrize(
    ("image_name", "name"),
    [
        ("000000000790.jpg", "000003_000000000790_ann5.obj"),
        ("walk/000001.png", "000003_walk_000001_ann5.obj"),
        ("../../etc/passwd", "000003_etc_passwd_ann5.obj"),
        ("C:\\Windows\\x.jpg", "000003_C_Windows_x_ann5.obj"),
        ("größe 東京.jpg", "000003_größe_東京_ann5.obj"),
        ("...", "000003_picture_ann5.obj"),
        ("a\nb\0\u202egpj.exe", "000003_a_b_gpj_ann5.obj"),
    ],
)
def test_names_by_hand(image_name: str, name: str) -> None:
    assert build_file_name(make_fit_sample(image_name=image_name, annotation_id=5), 3, ".obj") == name


def test_a_person_without_an_id() -> None:
    assert build_file_name(make_fit_sample(image_name="a.jpg", annotation_id=None), 0, ".glb") == "000000_a.glb"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(image_name=st.text(max_size=400), place=st.integers(0, 10**7))
def test_every_name_can_be_a_file_of_the_folder(tmp_path: Path, image_name: str, place: int) -> None:
    sample = make_fit_sample(image_name=image_name)
    name = build_file_name(sample, place, ".obj")
    assert name == build_file_name(sample, place, ".obj")
    assert name != build_file_name(sample, place + 1, ".obj")
    assert len(PurePosixPath(name).parts) == len(PureWindowsPath(name).parts) == 1
    (tmp_path / name).touch()
    assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    (tmp_path / name).unlink()
