"""What every format of fits promises: what it holds comes back, the same bytes each time, whole or not at all."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from db.formats import FORMATS, get_conventions
from db.formats.errors import FormatError
from db.formats.fits import FitStart
from tests.helpers.fit_exports import FORMAT_NAMES, HELD, make_examples, read, write
from tests.helpers.fit_records import make_sample, only_samples


def files_of(path: Path) -> dict[str, bytes]:
    """Every file in a folder by its relative name, hidden and temporary ones too."""
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def check_same(before: object, after: object, place: str) -> None:
    if isinstance(before, FitStart):
        for field in FitStart.__dataclass_fields__:
            check_same(getattr(before, field), getattr(after, field), f"{place}.{field}")
    elif isinstance(before, np.ndarray | float):
        assert after is not None, place
        np.testing.assert_allclose(np.asarray(after), before, rtol=0, atol=1e-6, err_msg=place)
    else:
        assert before == after, place


def test_every_format_of_fits_is_under_this_contract() -> None:
    assert set(HELD) == set(FORMAT_NAMES)


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_all_that_a_format_holds_comes_back(name: str, tmp_path: Path) -> None:
    samples = make_examples(name)
    written = write(name, tmp_path, samples)
    assert written.count == 3
    found = {sample.image_name: sample for sample in only_samples(read(name, written.path))}
    assert len(found) == 3
    for sample in samples:
        assert found[sample.image_name].item
        for field in HELD[name]:
            check_same(getattr(sample, field), getattr(found[sample.image_name], field), field)


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_the_same_fits_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    first = write(name, tmp_path / "one", make_examples(name))
    second = write(name, tmp_path / "two", make_examples(name))
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert first.sha256 == second.sha256
    other = write(name, tmp_path / "two", make_examples(name)[:2])
    assert other.sha256 != first.sha256


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_nobody_is_a_valid_export(name: str, tmp_path: Path) -> None:
    written = write(name, tmp_path, [])
    assert written.count == 0
    assert read(name, written.path) == []


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_a_failure_leaves_the_older_export_whole(name: str, tmp_path: Path) -> None:
    write(name, tmp_path, make_examples(name))
    before = files_of(tmp_path)
    faulty = make_sample(7, betas=np.full(10, np.nan))
    with pytest.raises(FormatError, match=r"annotation 8 of 0+7\.jpg.*: betas has a value that is not a finite number"):
        write(name, tmp_path, [*make_examples(name), faulty])
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_a_disk_that_forgets_is_found_out(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(name, tmp_path, make_examples(name))
    before = files_of(tmp_path)
    module = import_module(FORMATS[name].module)
    reader = next(key for key in ("iter_fits_of", "_iter_file", "_read_file", "iter_fits") if hasattr(module, key))
    monkeypatch.setattr(module, reader, lambda *_: iter([make_sample(5)]))
    with pytest.raises(FormatError, match="did not read back as it was written"):
        write(name, tmp_path, make_examples(name)[:1])
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_the_manifest_is_told_units_camera_and_orders(name: str) -> None:
    conventions = get_conventions(name)
    text = json.dumps(conventions)
    for word in ("radians" if "npz" in name or name in ("static-fits", "humandata") else "rotation matri", "metres"):
        assert word in text
    assert "right-handed" in text
    assert '"left_hip_smpl"' in text or "smpl24" in text
    if "camera" in HELD[name]:
        assert "[s, tx, ty]" in text
