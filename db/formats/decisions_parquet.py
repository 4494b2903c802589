"""Decisions as Apache Parquet, typed as :data:`db.formats.parts.decision_table.COLUMNS`; unknown values are null."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.formats.errors import FormatError
from db.formats.parts import decision_table
from db.formats.parts.decision_table import COLUMNS, DecisionEntry, RowDigest, get_cells
from db.formats.parts.files import hash_file, replacing
from db.formats.parts.manifest import WrittenExport

if TYPE_CHECKING:
    import pyarrow as pa

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "decisions, Apache Parquet (zstd)",
    **decision_table.CONVENTIONS,
    "cells": "types as in columns; null where a value is unknown",
}
"""Units, rows and columns, for the manifest beside an export."""

_GROUP = 5000
"""Rows in memory at once."""


def write_decisions(path: Path, entries: Iterable[DecisionEntry]) -> WrittenExport:
    """Write decisions as they come, thousands at a time (a :class:`~db.formats.parts.decision_table.DecisionWriter`).

    Raises:
        FormatError: The disk refuses; an older file stays as it was.
    """
    import pyarrow.parquet as pq

    schema = _build_schema()
    written, read = RowDigest(), RowDigest()
    rows = iter(entries)
    with replacing(path) as (file, temporary):
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            while group := [get_cells(entry) for entry in islice(rows, _GROUP)]:
                for row in group:
                    written.add(row)
                writer.write_batch(_build_batch(group, schema))
        file.flush()
        for cells in _iter_rows(temporary):
            read.add(cells)
        if read != written:
            raise FormatError(f"{path} did not read back as it was written; check the disk and export again")
        sha256 = hash_file(temporary)
    return WrittenExport(path=path, count=written.count, sha256=sha256)


def _build_schema() -> pa.Schema:
    import pyarrow as pa

    types = {
        "int64": pa.int64(),
        "double": pa.float64(),
        "string": pa.string(),
        "bool": pa.bool_(),
        "list<string>": pa.list_(pa.string()),
        "timestamp[us, UTC]": pa.timestamp("us", tz="UTC"),
    }
    return pa.schema([pa.field(column.name, types[column.type], nullable=column.nullable) for column in COLUMNS])


def _build_batch(group: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [pa.array(cells, type=field.type) for cells, field in zip(zip(*group, strict=True), schema, strict=True)]
    return pa.record_batch(columns, schema=schema)


def _iter_rows(path: Path) -> Iterator[tuple[object, ...]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_GROUP):
            columns = [_to_cells(column.to_pylist()) for column in batch.columns]
            yield from zip(*columns, strict=True)


def _to_cells(values: list[Any]) -> list[Any]:
    return [_to_cell(value) for value in values]


def _to_cell(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    # pyarrow's own object for UTC is another than ours.
    return value.astimezone(UTC) if isinstance(value, datetime) else value
