"""Options: --help and mistakes are answered at once, in a line or two, with the name that was meant."""

import subprocess
import sys
from pathlib import Path

import pytest

from airmeet_source.cli import main
from airmeet_source.cli.main import COMMANDS, call
from tests.support.cli import SCRIPT

HEAVY = ("dlt", "duckdb", "pyarrow", "requests", "urllib3", "pendulum")
AIRMEET = [sys.executable, "-m", "airmeet_source"]


def mistake(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `airmeet load` answers to a mistake."""
    with pytest.raises(SystemExit) as stopped:
        call("load", words, prog="airmeet load")
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert not out
    assert len(err.splitlines()) <= 2
    return err.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--destnation", "x"], "--destnation: no such option, did you mean --destination?"),
        (["--destnation=x"], "--destnation: no such option, did you mean --destination?"),
        (["--zzz"], "--zzz: no such option"),
        (["tracks"], "'tracks' belongs to no option"),
        (["--resources"], "--resources: expected one argument"),
        (["--resources", ","], "--resources: names separated by commas are expected"),
        (["--resources", "airmeets,trakcs"], "--resources: unknown resource trakcs, did you mean tracks?"),
        (["--exclude", "zzz"], "--exclude: unknown resource zzz; there are airmeets, sessions, "),
        (
            ["--log-level", "warnin"],
            "--log-level: 'WARNIN' is not one of TRACE, DEBUG, INFO, WARNING, ERROR, did you mean WARNING?",
        ),
        (["--schema-contract", "frozen"], "--schema-contract: 'frozen' is not one of evolve, freeze"),
        (["--since", "tomorrow"], "--since: 'tomorrow' is no date such as 2026-05-31"),
        (["--lock-timeout", "-1s"], "--lock-timeout: expected one argument"),
        (["--lock-timeout", "soon"], "--lock-timeout: 'soon' is no number of seconds"),
        (["--check", "--plan"], "--check and --plan cannot be used together"),
        (["--report", "."], "--report: . is a folder"),
    ],
)
def test_a_mistake_is_answered_in_a_line(
    capsys: pytest.CaptureFixture[str], words: list[str], answer: str
) -> None:
    assert mistake(capsys, *words).startswith(f"error: {answer}")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--help"], 0),
        (["load", "--help"], 0),
        (["laod"], 2),
        ([], 2),
        (["load", "--destnation", "postgres"], 2),
        (["load", "--resources", "trakcs"], 2),
        (["load", "--since", "2026-02-01", "--until", "2026-01-01"], 2),
        (["load", "--report", "no/such/folder/report.json"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_and_mistakes_need_no_dlt(tmp_path: Path, words: list[str], code: int) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "airmeet_source", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert told.returncode == code
    imported = {line.split("|")[-1].strip() for line in told.stderr.splitlines() if "import time:" in line}
    assert "airmeet_source.cli.main" in imported
    assert not imported & set(HEAVY)


def test_the_package_needs_no_dlt_until_a_name_does() -> None:
    code = (
        "import sys, airmeet_source; assert 'dlt' not in sys.modules; "
        "airmeet_source.UsageError; assert 'dlt' not in sys.modules; "
        "assert set(airmeet_source.__all__) <= set(dir(airmeet_source)); "
        "[getattr(airmeet_source, name) for name in airmeet_source.__all__]; assert 'dlt' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_command_lists_its_commands_and_names_the_one_that_was_meant() -> None:
    told = subprocess.run([*AIRMEET, "--help"], capture_output=True, text=True, check=True).stdout
    assert all(name in told for name in COMMANDS)
    mistaken = subprocess.run([*AIRMEET, "laod"], capture_output=True, text=True, check=False)
    answer = f"error: COMMAND: 'laod' is not one of {', '.join(COMMANDS)}, did you mean load?"
    assert mistaken.stderr.splitlines()[0] == answer


def test_a_program_that_is_stopped_while_it_starts_says_so_and_no_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "call", interrupted)
    assert main.program("load", [], prog="airmeet load") == 130
    assert capsys.readouterr() == ("", "error: stopped\n")


def test_the_script_is_the_command_load() -> None:
    def options_of(*command: str | Path) -> str:
        told = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
        return told.partition("\n\n")[2]

    assert options_of(sys.executable, SCRIPT) == options_of(*AIRMEET, "load")
