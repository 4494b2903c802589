from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sqlalchemy.dialects import sqlite

from db.columns import CAMERA, KEYPOINTS, TRACE, UtcTime, decode_sources, encode_sources
from db.errors import CorruptStoreError

FINITE = st.floats(allow_nan=False, allow_infinity=False)
DIALECT = sqlite.dialect()


@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 40), st.just(3)), elements=FINITE))
def test_arrays_come_back_bit_for_bit(keypoints: np.ndarray) -> None:
    back = KEYPOINTS.decode(KEYPOINTS.encode(keypoints), "row")
    assert back.shape == keypoints.shape
    assert back.tobytes() == keypoints.tobytes()


def test_stored_bytes_are_little_endian_in_c_order() -> None:
    # np.array([[1, 2, 3], [4, 5, 6]], "<f8").tobytes().hex()[:48]
    blob = KEYPOINTS.encode(np.asfortranarray([[1.0, 2, 3], [4, 5, 6]]).astype(">f8"))
    assert blob[:24].hex() == "000000000000f03f00000000000000400000000000000840"


def test_arrays_that_leave_are_read_only() -> None:
    camera = CAMERA.decode(CAMERA.encode([1.0, 2.0, 3.0]), "fit 1")
    with pytest.raises(ValueError, match="read-only"):
        camera[0] = 5.0


@pytest.mark.parametrize("values", [np.zeros((17, 2)), np.zeros(51), np.zeros((1, 17, 3))])
def test_another_shape_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"keypoints has shape .* expected \(any, 3\)"):
        KEYPOINTS.encode(values)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="NaN"):
        CAMERA.encode([1.0, bad, 0.0])


@pytest.mark.parametrize("blob", [b"", b"\0" * 23, b"\0" * 48])
def test_damaged_bytes_name_the_row(blob: bytes) -> None:
    with pytest.raises(CorruptStoreError, match=r"camera of fit 12 is damaged .*backup"):
        CAMERA.decode(blob, "fit 12")


def test_stored_nan_is_damage() -> None:
    with pytest.raises(CorruptStoreError, match="NaN"):
        TRACE.decode(np.full((1, 5), np.nan).tobytes(), "fit 3")


def test_sources_take_a_letter_each() -> None:
    sources = ("imported", "human", "detector", "projected", "synthetic")
    assert decode_sources(encode_sources(sources), "row") == sources
    with pytest.raises(ValueError, match="guess"):
        encode_sources(("guess",))  # type: ignore[arg-type]
    with pytest.raises(CorruptStoreError, match="revision 4"):
        decode_sources("ix", "keypoint revision 4")


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))])))
def test_moments_come_back_in_utc(moment: datetime) -> None:
    column = UtcTime()
    back = column.process_result_value(column.process_bind_param(moment, DIALECT), DIALECT)
    assert back == moment
    assert back.tzinfo is UTC


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), DIALECT)
