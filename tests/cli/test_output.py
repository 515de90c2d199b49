"""Printing never decides: exit code, report and snapshot are as if everything had been read."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source.cli.output import Output, safe_output
from airmeet_source.cli.signals import stopping_cleanly
from airmeet_source.errors import Interrupted
from airmeet_source.extract.extraction import Extraction
from airmeet_source.settings import Settings

COMMAND = (sys.executable, "-m", "airmeet_source", "load", "--pipelines-dir", "pipelines")
OPTIONS = "--resources tracks --no-views --report report.json --publish snapshot.duckdb --progress lines"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Two events, one of which fails with words in a language of its own."""
    with Sandbox(World(seed=7, events=2, people=1)) as running:
        event = running.world.events()[0]
        running.faults.add(faults.status(500, message="सर्वर ▓ ☕"), endpoint="tracks", path=event)
        yield running


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """What leads the command to the sandbox, from any process."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "HOME": str(tmp_path),
        "SOURCES__AIRMEET__ACCESS_KEY": sandbox.access_key,
        "SOURCES__AIRMEET__SECRET_KEY": sandbox.secret_key,
        "SOURCES__AIRMEET__BASE_URL": sandbox.base_url,
        "SOURCES__AIRMEET__MAX_ATTEMPTS": "1",
    }


@pytest.mark.parametrize(
    ("redirection", "variables"),
    [
        ("2>/dev/full | head -1 >/dev/null", {}),
        (">&- 2>&- <&-", {}),
        (">out 2>err", {"PYTHONIOENCODING": "cp932", "LC_ALL": "C", "PYTHONUTF8": "0"}),
    ],
    ids=["a reader that is gone and a full disk", "closed", "another encoding"],
)
def test_what_becomes_of_the_output_decides_nothing(
    environment: dict[str, str], redirection: str, variables: dict[str, str]
) -> None:
    script = " ".join(("set -o pipefail;", *COMMAND, OPTIONS, redirection))

    done = subprocess.run(["bash", "-c", script], env={**environment, **variables}, check=False)

    assert done.returncode == 3
    report = json.loads(Path("report.json").read_text())
    assert (report["status"], report["units"]["loaded"], report["units"]["failed"]) == ("partial", 1, 1)
    assert "सर्वर ▓ ☕" in report["problems"][0]["message"]
    assert Path("snapshot.duckdb").exists()
    if "out" in redirection:
        assert "loaded into" in Path("out").read_text()


@pytest.mark.parametrize("words", [["--help"], ["load", "--help"], ["load", "--no-such-option"]])
def test_help_and_mistakes_survive_a_full_disk_as_well(words: list[str]) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = [sys.executable, "-m", "airmeet_source", *words]
        done = subprocess.run(
            command,
            stdout=full,
            stderr=full,
            check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )

    assert done.returncode == (2 if "--no-such-option" in words else 0)


class Broken(io.StringIO):
    """A stream that can do nothing."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def write(self, _: str) -> int:
        raise self._error

    def flush(self) -> None:
        raise self._error

    def isatty(self) -> bool:
        raise self._error


@pytest.mark.parametrize(
    "error", [BrokenPipeError(), OSError(28, "full"), ValueError("closed"), OSError(5, "gone")]
)
def test_a_stream_that_fails_is_no_failure(error: Exception) -> None:
    stream = Output(Broken(error))

    assert stream.write("text") == 4
    stream.flush()
    assert not stream.isatty()


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "latin-1"])
def test_letters_that_a_stream_does_not_have_are_escaped(encoding: str) -> None:
    written = io.BytesIO()
    stream = Output(io.TextIOWrapper(written, encoding=encoding))

    stream.write("told: सर्वर\n")
    stream.flush()

    assert (
        written.getvalue().decode("ascii")
        == "told: " + "सर्वर".encode("ascii", "backslashreplace").decode() + "\n"
    )


@pytest.mark.parametrize("missing", [("stdout",), ("stderr",), ("stdout", "stderr")])
def test_streams_that_python_does_not_have(monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]) -> None:
    for name in missing:
        monkeypatch.setattr(sys, name, None)

    with safe_output():
        print("told", file=sys.stdout)  # noqa: T201
        print("told", file=sys.stderr)  # noqa: T201


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("ignored", [True, False])
def test_a_signal_that_is_ignored_stays_ignored(number: signal.Signals, *, ignored: bool) -> None:
    extraction = Extraction(Settings(access_key="a", secret_key="b"))
    before = signal.signal(number, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        with stopping_cleanly(extraction):
            signal.raise_signal(number)
        after: Any = signal.getsignal(number)
    finally:
        signal.signal(number, before)
        extraction.close()

    if ignored:
        assert extraction.error is None
    else:
        assert isinstance(extraction.error, Interrupted)
        assert extraction.error.exit_code == 128 + number
        assert number.name in str(extraction.error)
    assert after == (signal.SIG_IGN if ignored else signal.SIG_DFL)
