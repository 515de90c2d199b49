"""Files of people: CSV, JSON lines or Parquet."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from airmeet_source.errors import UsageError
from airmeet_source.fields import JSON, Record
from airmeet_source.push.sheet import Problem, Row, Sheet, numbered

_PARQUET = b"PAR1"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON_LINES = (".json", ".jsonl", ".ndjson")
_LONGEST_CELL = 1_000_000  # characters


def read_file(file: Path) -> Sheet:
    """The rows of a file; what it is, its beginning tells, or its name.

    Raises:
        UsageError: it cannot be read, or not as what it seems to be.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from None
    if content.startswith(_PARQUET):
        return _parquet(file, content)
    text = _text(file, content.removeprefix(_BYTE_ORDER_MARK))
    is_json = file.suffix.lower() in _JSON_LINES or text.lstrip().startswith("{")
    return _json_lines(text) if is_json else _csv(file, text)


def _text(file: Path, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{file} is no UTF-8 (line {line}): save it as UTF-8 and push it again.") from None


def _parquet(file: Path, content: bytes) -> Sheet:
    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError):
        raise UsageError(f"{file} begins like a Parquet file, but cannot be read as one.") from None
    return from_arrow(table)


def from_arrow(table: pa.Table) -> Sheet:
    """The sheet of an Arrow table."""
    names = table.column_names  # two of one name would be one key of a dict
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return numbered(names, [dict(zip(names, row, strict=True)) for row in rows])


def _json_lines(text: str) -> Sheet:
    columns: dict[str, None] = {}
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        try:
            record = json.loads(written, object_pairs_hook=_record)
        except (ValueError, RecursionError) as error:
            why = (
                str(error) if isinstance(error, _NamedTwice) else "is no JSON: one object a line is expected"
            )
            problems.append(Problem(line=line, column=None, value=None, why=why))
            continue
        if not isinstance(record, dict):
            why = "is no JSON object: {…} is expected on each line"
            problems.append(Problem(line=line, column=None, value=None, why=why))
            continue
        columns.update(dict.fromkeys(record))
        rows.append(Row(line=line, cells=record))
    return Sheet(columns=tuple(columns), rows=rows, free=True, problems=tuple(problems))


class _NamedTwice(ValueError):
    """An object has two fields of one name."""


def _record(pairs: list[tuple[str, JSON]]) -> Record:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise _NamedTwice("has two fields of one name: leave one of them out")
    return record


def _csv(file: Path, text: str) -> Sheet:
    csv.field_size_limit(_LONGEST_CELL)
    lines = _cells(file, text, _delimiter(text))
    header_line, header = next(lines, (1, []))
    columns = [name.strip() for name in header]
    rows, problems = [], []
    for line, cells in lines:
        more = [cell for cell in cells[len(columns) :] if cell.strip()]
        if more:
            why = (
                f"has {len(cells)} cells, but there are {len(columns)} columns: are quotation marks missing?"
            )
            problems.append(Problem(line=line, column=None, value=more[0], why=why))
        rows.append(Row(line=line, cells=dict(zip(columns, cells, strict=False))))
    named = [name for number, name in enumerate(columns) if name or _is_filled(rows, columns, number)]
    return Sheet(
        columns=tuple(named), rows=rows, header=header_line, separates=True, problems=tuple(problems)
    )


def _is_filled(rows: list[Row], columns: list[str], number: int) -> bool:
    """Whether a column without a name has a value: spreadsheets like to end lines with empty ones."""
    return any(str(row.cells.get(columns[number], "")).strip() for row in rows)


def _delimiter(text: str) -> str:
    """What stands between the names of the first line that has any."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;", key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))


def _cells(file: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each record that has any, and the physical line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UsageError(f"{file}, line {line}: {error}. Nothing was sent.") from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1
