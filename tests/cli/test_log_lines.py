"""The lines of the log: one record is one line, whoever writes it, as text or as JSON."""

import io
import json
import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from airmeet_source.cli.log_lines import LogLines, tell_error
from airmeet_source.disclosure.secrets import SECRETS

KEY = "l0gL1nes+Key/4Lines="
OURS, DLT, URLLIB3, OTHER = "airmeet_source", "dlt", "urllib3.connectionpool", "google.auth"
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"


def written(record: logging.LogRecord, *, as_json: bool = False, everything: bool = False) -> str:
    """What the log has of a record."""
    file = io.StringIO()
    lines = LogLines(Console(file=file, width=80), as_json=as_json, everything=everything)
    lines.run_id = "r1"
    lines.handle(record)
    return file.getvalue()


def record_of(name: str, level: int, message: str) -> logging.LogRecord:
    return logging.getLogger(name).makeRecord(name, level, "", 0, message, (), None)


@pytest.fixture(autouse=True)
def _key() -> None:
    SECRETS.add(KEY)


@pytest.mark.parametrize(
    ("name", "level", "shown"),
    [
        (OURS, logging.DEBUG, True),
        ("airmeet_sources", logging.DEBUG, False),
        (DLT, logging.ERROR, False),
        (DLT, logging.CRITICAL, True),
        (URLLIB3, logging.WARNING, False),
        (OTHER, logging.INFO, False),
        (OTHER, logging.WARNING, True),
    ],
)
def test_what_other_packages_log_is_for_the_level_trace(name: str, level: int, shown: bool) -> None:
    record = record_of(name, level, "words")
    assert bool(written(record)) == shown
    assert written(record, everything=True)


@given(message=st.text(max_size=300), name=st.sampled_from([OURS, DLT, URLLIB3, OTHER]))
def test_a_record_is_one_line_and_tells_no_secret(message: str, name: str) -> None:
    SECRETS.add(KEY)
    record = record_of(name, logging.INFO, f"{message}{KEY}\n{message}")

    text = written(record, everything=True)
    content = json.loads(written(record, everything=True, as_json=True))

    assert text.count("\n") == 1
    assert re.match(f"{TIME} INFO ", text)
    assert KEY not in text
    assert KEY not in json.dumps(content)
    assert {name: content[name] for name in ("level", "logger", "run_id")} == {
        "level": "INFO", "logger": name, "run_id": "r1"
    }  # fmt: skip


def test_a_line_is_not_broken_on_a_narrow_terminal_and_json_is_ascii() -> None:
    record = record_of(OURS, logging.WARNING, "event " + "é1234567" * 50)

    assert "é1234567" * 50 in written(record)
    line = written(record, as_json=True)
    assert line.isascii()
    assert "é1234567" * 50 in json.loads(line)["message"]


def test_tracebacks_and_facts_are_part_of_the_line() -> None:
    try:
        raise ValueError(KEY)
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.getLogger(OURS).makeRecord(OURS, logging.ERROR, "", 0, "failed", (), info)

    assert re.search(r"failed Traceback .*ValueError", written(record))
    assert "ValueError" in json.loads(written(record, as_json=True))["traceback"]

    file = io.StringIO()
    lines = LogLines(Console(file=file), as_json=True)
    lines.say(logging.WARNING, "utms failed", unit={"resource": "utms", "airmeet_id": KEY})
    tell_error(lines, "one line\nand another", "Traceback: …")
    told, error_told = map(json.loads, file.getvalue().splitlines())
    assert told["unit"]["resource"] == "utms"
    assert KEY not in file.getvalue()
    assert (error_told["level"], error_told["message"]) == ("ERROR", "one line and another")
    assert error_told["traceback"].startswith("Traceback")
