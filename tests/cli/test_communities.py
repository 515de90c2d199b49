"""Several communities by one command: side by side, one report, one exit code; one that fails spoils none."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from airmeet_sandbox import Sandbox, World
from airmeet_source.cli.communities import worst
from airmeet_source.cli.report import print_communities
from airmeet_source.loading.report import OUTCOMES, Report
from tests.support.cli import Cli, query

FEW = ("--resources", "airmeets,utms", "--no-views")
COUNTS = "SELECT community, count(*) FROM airmeets GROUP BY community ORDER BY community"


@pytest.fixture
def communities(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Sandbox]]:  # noqa: ARG001 - it sets keys first
    """Three communities, whose keys are in the environment."""
    for key in ("ACCESS_KEY", "SECRET_KEY", "BASE_URL"):
        monkeypatch.delenv(f"SOURCES__AIRMEET__{key}")
    with ExitStack() as stack:
        made = {
            name: stack.enter_context(Sandbox(World(seed=number, events=2 + number, people=3)))
            for number, name in enumerate(("north", "south", "west"))
        }
        for name, its in made.items():
            for key, value in (
                ("ACCESS_KEY", its.access_key), ("SECRET_KEY", its.secret_key), ("BASE_URL", its.base_url)
            ):  # fmt: skip
                monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__{name.upper()}__{key}", value)
        yield made


def report(file: str = "report.json") -> Any:
    return json.loads(Path(file).read_text())


def test_a_terminal_of_80_columns_shows_the_headings_of_the_summary_whole() -> None:
    moment = datetime(2026, 5, 6, tzinfo=UTC)
    reports = [
        Report(
            run_id="r1", status="partial", exit_code=3, community="north_america", pipeline="airmeet",
            destination="duckdb", dataset="airmeet_data", started_at=moment,
            finished_at=moment + timedelta(minutes=5, seconds=8), requests=1_234, waited_seconds=0.0,
            rows={"participants": 123_456}, units=dict.fromkeys(OUTCOMES, 1_234), problems=(),
            event_names={}, error=None, loaded_into=None,
        )
    ]  # fmt: skip
    written = io.StringIO()

    print_communities(Console(file=written, width=80), reports)

    printed = written.getvalue()
    assert "…" not in printed
    assert {"available", "written", "123,456", "requests"} <= set(printed.split())
    assert "5 min 8 s" in printed


def test_one_that_fails_spoils_none_and_the_exit_code_is_the_worst(
    cli: Cli, communities: dict[str, Sandbox]
) -> None:
    communities["south"].revoke_keys()
    communities["west"].prepare_seconds = 1000.0

    result = cli(*FEW, "--communities", "all", "--no-wait", "--jobs", "2", "--report", "report.json")

    told = report()
    assert result.code == told["exit_code"] == 2
    ends = {
        each["community"]: (each["status"], each["pipeline"], each["exit_code"])
        for each in told["communities"]
    }
    assert ends == {
        "north": ("ok", "airmeet_north", 0),
        "south": ("failed", "airmeet_south", 2),
        "west": ("partial", "airmeet_west", 3),
    }
    assert query(COUNTS) == [("north", 2), ("west", 4)]
    assert "south  error: " in result.err
    assert "utms: 4 pending" in result.out
    assert "partial" in result.out
    assert {("north", "ok"), ("west", "partial")} <= set(query("SELECT community, status FROM runs"))
    for its in communities.values():
        assert its.access_key not in result.out + result.err
        assert its.secret_key not in result.out + result.err


def test_a_signal_stops_all_of_them_and_what_was_complete_stays(
    cli: Cli, communities: dict[str, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("north", "south"):
        assert cli(*FEW, "--community", name).code == 0
    monkeypatch.setenv("SOURCES__AIRMEET__PENDING_WAIT", "1")  # nothing will be ready
    for its in communities.values():
        its.prepare_seconds = 1000.0
        its.forget_prepared()
        its.clear_requests()
    words = [*FEW, "--communities", "all", "--jobs", "2", "--full-refresh", "--report", "report.json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "airmeet_source", "load", *words, "--pipelines-dir", "elsewhere"],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not all(communities[name].requests.to("utms") for name in ("north", "south")):
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)

    assert process.returncode == report()["exit_code"] == 143
    assert [each["exit_code"] for each in report()["communities"]] == [143, 143, 143]
    assert not communities["west"].requests, "it had not begun"
    assert query(COUNTS) == [("north", 2), ("south", 3)]


def test_what_cannot_be_is_exit_2_before_anything_begins(
    cli: Cli, communities: dict[str, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    for words, told in {
        ("--communities", "north", "--community", "north"): "no --community",
        ("--communities", "all", "--pipeline-name", "mine"): "no --pipeline-name",
        ("--communities", "North"): "cannot be the name of a community",
        ("--communities", "north", "--jobs", "0"): "no number from 1",
    }.items():
        result = cli(*FEW, *words)
        assert result.code == 2, words
        assert told in result.err
    key = communities["north"].access_key
    monkeypatch.setenv("SOURCES__AIRMEET__COMMUNITIES__SOUTH__ACCESS_KEY", key)
    result = cli(*FEW, "--communities", "all")
    assert result.code == 2
    assert "north and south have the same access_key" in result.err
    for variable in [name for name in os.environ if "__COMMUNITIES__" in name]:
        monkeypatch.delenv(variable)
    assert "No community is configured" in cli(*FEW, "--communities", "all").err
    assert not any(its.requests for its in communities.values())


@given(st.lists(st.sampled_from([0, 1, 2, 3, 143])))
def test_the_worst_exit_code_wins(exit_codes: list[int]) -> None:
    found = worst(exit_codes)
    by_badness = [143, 1, 2, 3, 0]
    assert found == next((code for code in by_badness if code in exit_codes), 0)
