"""Looking into body and regressor files: strange ones are a sentence, and no pickle runs."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.services.asset_info import read_body_info, read_card
from app.services.errors import ServiceError
from resources import default_body, default_regressor


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def npy(header: str) -> bytes:
    """Start of an ``.npy`` file with any header."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()


def zipped(name: str, content: bytes, *, encrypted: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    made = bytearray(buffer.getvalue())
    if encrypted:
        made[6] |= 1
        made[made.find(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


STRANGE = {
    "empty": b"",
    "text": b"hello",
    "cut": default_body().read_bytes()[:5000],
    "endless": zipped("f.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000, 3), }\n")),
    "encrypted": zipped("f.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n"), encrypted=True),
    "no array": zipped("f.txt", b"hello"),
    "one array": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n") + bytes(8),
}


@pytest.mark.parametrize("kind", list(STRANGE))
def test_a_strange_body_file_is_a_sentence(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "body.npz"
    path.write_bytes(STRANGE[kind])
    with pytest.raises(ServiceError, match=r"body\.npz is no readable .npz of plain arrays"):
        read_body_info(path)


def test_no_pickle_in_a_body_is_run(tmp_path: Path) -> None:
    np.savez(tmp_path / "body.npz", v_template=np.array([Trap(tmp_path / "sprung")], dtype=object))
    with pytest.raises(ServiceError, match="plain arrays"):
        read_body_info(tmp_path / "body.npz")
    assert not (tmp_path / "sprung").exists()


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"lost\.npz cannot be used"):
        read_body_info(tmp_path / "lost.npz")
    with pytest.raises(ServiceError, match=r"lost\.safetensors cannot be used"):
        read_card(tmp_path / "lost.safetensors")
    shutil.copy(default_regressor(), tmp_path / "alone.safetensors")
    with pytest.raises(ServiceError, match=r"no card alone\.json"):
        read_card(tmp_path / "alone.safetensors")


@pytest.mark.parametrize("text", ["[1]", "5", "hello", "[" * 100_000, ""])
def test_a_strange_card_is_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "net.safetensors").write_bytes(b"")
    (tmp_path / "net.json").write_text(text, encoding="utf-8")
    with pytest.raises(ServiceError, match=r"net\.json is no"):
        read_card(tmp_path / "net.safetensors")


def test_the_shipped_files_are_read() -> None:
    body = read_body_info(default_body())
    assert body.shapes["weights"][1] == 24
    assert len(body.sha256) == 64
    assert read_card(default_regressor())["learning_rate"] > 0
