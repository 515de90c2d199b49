"""The command line keeps its contract: options, exit codes, messages, report."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source.api.regions import Api
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import resources_of
from tests.support.cli import ABOUT_RUNS, SCRIPT, Cli, query, tables
from tests.support.raw_server import answer, raw_server


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A few events of today."""
    with Sandbox(World(seed=7, events=12, people=6)) as running:
        yield running


class TestLoading:
    def test_everything_is_loaded_and_summed_up(self, cli: Cli) -> None:
        result = cli()
        assert result.code == 0
        assert tables() == set(TABLES) - {"registrations", *ABOUT_RUNS}
        counts = dict(query("SELECT 'participants', count(*) FROM participants"))
        line = next(line for line in result.out.splitlines() if line.startswith("participants "))
        assert line.split() == ["participants", f"{counts['participants']:,}"]
        assert "0 failed" in result.out
        assert "airmeet.duckdb" in result.out

    def test_resources_restrict_what_is_loaded_and_the_file_is_not_called_like_the_pipeline(
        self, cli: Cli
    ) -> None:
        assert cli("--resources", "tracks,utms", "--pipeline-name", "another").code == 0
        assert tables() == {"tracks", "track_sessions", "utms", "sync_log"}

    def test_a_child_resource_alone_finds_its_parents(self, cli: Cli) -> None:
        assert cli("--resources", "session_attendance").code == 0
        assert tables() == {"session_attendance", "sync_log"}

    def test_exclude_leaves_resources_out_and_events_restrict_all_but_the_event_list(
        self, cli: Cli, sandbox: Sandbox
    ) -> None:
        event = sandbox.world.event_in("just_finished")
        others = set(resources_of(Api.CURRENT)) - {"airmeets", "tracks"}
        assert cli("--exclude", ",".join(others), "--events", event).code == 0
        assert tables() == {"airmeets", "tracks", "track_sessions", "sync_log"}
        assert query("SELECT DISTINCT airmeet_id FROM tracks") == [(event,)]
        assert query("SELECT count(*) FROM airmeets") == [(len(sandbox.world.records("airmeets")),)]

    def test_an_unknown_event_is_a_usage_error(self, cli: Cli) -> None:
        result = cli("--events", "no-such-event")
        assert result.code == 2
        assert "no-such-event" in result.err

    def test_since_and_until_go_by_end_and_start(self, cli: Cli) -> None:
        today = f"{query_now():%Y-%m-%d}"
        assert cli("--resources", "airmeets,sessions", "--since", today).code == 0
        past = query(
            "SELECT count(*) FROM sessions JOIN airmeets USING (airmeet_id) "
            f"WHERE end_time < TIMESTAMPTZ '{today} 00:00:00+00'"
        )
        assert past == [(0,)]
        assert query("SELECT count(*) FROM sessions") != [(0,)]

    def test_full_refresh_reads_all_again_and_changes_no_row_count(self, cli: Cli, sandbox: Sandbox) -> None:
        cli("--resources", "event_attendance")
        before = query("SELECT count(*) FROM event_attendance")
        sandbox.clear_requests()
        assert cli("--resources", "event_attendance", "--full-refresh").code == 0
        assert {request.query.get("after") for request in sandbox.requests.to("event_attendance")} >= {None}
        settled = [event for event in sandbox.world.events() if sandbox.world.phase(event) == "long_over"]
        paths = " ".join(request.path for request in sandbox.requests.to("event_attendance"))
        assert settled
        assert all(event in paths for event in settled)
        assert query("SELECT count(*) FROM event_attendance") == before

    def test_credentials_of_the_environment_name_another_file(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", "duckdb:///elsewhere.duckdb")
        assert cli("--resources", "airmeets").code == 0
        assert query("SELECT count(*) > 0 FROM airmeets", "elsewhere.duckdb") == [(True,)]
        assert not Path("airmeet.duckdb").exists()


def query_now() -> Any:
    """Now, in UTC."""
    return duckdb.sql("SELECT timezone('UTC', now())").fetchall()[0][0]


class TestExitCodesAndMessages:
    def test_without_keys_three_lines_say_where_to_get_and_how_to_set_them(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SOURCES__AIRMEET__ACCESS_KEY")
        result = cli()
        assert result.code == 2
        assert len(result.err.strip().splitlines()) == 3
        assert "API Access Key" in result.err
        assert "SOURCES__AIRMEET__SECRET_KEY" in result.err

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--no-such-option"],
            ["--since", "yesterday"],
            ["--resources", "nonsense"],
            ["--exclude", "nonsense"],
            ["--resources", "tracks", "--exclude", "tracks"],
            ["--since", "2026-02-01", "--until", "2026-01-01"],
            ["--report", "/no/such/folder/report.json"],
            ["--destination", "nonsense"],
            ["--check", "--plan"],
            ["--pipeline-name", "a/b"],
            ["--pipeline-name", "a-b"],
            ["--dataset", ""],
            ["--report", "."],
            ["--publish", "airmeet.duckdb"],
        ],
    )
    def test_wrong_usage_is_2_and_no_traceback(self, cli: Cli, arguments: list[str]) -> None:
        result = cli(*arguments)
        assert result.code == 2
        assert "Traceback" not in result.err
        assert arguments[-1].split("/")[-1].split(".")[0] in result.err or "--" in result.err

    @pytest.mark.parametrize(
        ("name", "value"),
        [("REGION", "mars"), ("PENDING_WAIT", "soon"), ("MAX_CONCURRENCY", "0"), ("BASE_URL", "ftp://x"),
         ("INCLUDE_ENTRY_LINKS", "perhaps"), ("ACCESS_KEY", "two words")],
    )  # fmt: skip
    def test_a_setting_that_makes_no_sense_is_2(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(f"SOURCES__AIRMEET__{name}", value)
        result = cli()
        assert result.code == 2
        assert name.lower() in result.err.lower()

    def test_refused_keys_are_2(self, cli: Cli, sandbox: Sandbox) -> None:
        sandbox.revoke_keys()
        result = cli()
        assert result.code == 2
        assert "refuses the keys" in result.err
        assert sandbox.secret_key not in result.out + result.err

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("http://127.0.0.1:9", "refuses connections"),
            ("https://no-such-host.invalid", "cannot be resolved"),
            ("https://127.0.0.1:{port}", "TLS with"),
        ],
    )
    def test_an_api_that_cannot_be_reached_is_1(
        self, cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, url: str, why: str
    ) -> None:
        port = urlsplit(sandbox.base_url).port
        monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", url.format(port=port))
        result = cli()
        assert result.code == 1
        assert why in result.err
        assert "Traceback" not in result.err

    def test_a_failed_unit_is_3_and_named_in_the_apis_own_words_while_all_else_loads(
        self, cli: Cli, sandbox: Sandbox
    ) -> None:
        event = sandbox.world.events()[0]
        sandbox.faults.add(faults.status(500, message="Out of coffee"), endpoint="tracks", path=event)
        result = cli("--resources", "airmeets,tracks", "--report", "report.json")
        assert result.code == 3
        report = json.loads(Path("report.json").read_text())
        assert report["status"] == "partial"
        assert report["units"]["failed"] == 1
        (problem,) = report["problems"]
        assert problem["resource"] == "tracks"
        assert problem["airmeet_id"] == event
        assert problem["message"] == "HTTP 500: Out of coffee (after 3 attempts)"
        assert event in result.out
        assert query(
            "SELECT outcome, error FROM sync_log WHERE resource = 'tracks' AND outcome <> 'loaded'"
        ) == [("failed", problem["message"])]
        sandbox.faults.clear()
        assert cli("--resources", "airmeets,tracks").code == 0

    def test_pending_units_are_3_with_no_wait(self, cli: Cli, sandbox: Sandbox) -> None:
        sandbox.prepare_seconds = 1e9
        result = cli("--resources", "utms", "--no-wait")
        assert result.code == 3
        assert "pending" in result.out

    def test_debug_shows_the_traceback_of_an_error(self, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", "http://127.0.0.1:9")
        assert "Traceback" in cli("--log-level", "DEBUG").err

    def test_quiet_prints_nothing_but_errors(self, cli: Cli, sandbox: Sandbox) -> None:
        result = cli("--quiet", "--resources", "airmeets")
        assert (result.code, result.out, result.err) == (0, "", "")
        sandbox.revoke_keys()
        assert cli("--quiet").err


class TestReport:
    KEYS = (
        "status", "exit_code", "community", "pipeline", "destination", "dataset", "started_at", "finished_at",
        "seconds", "requests", "waited_seconds", "rows", "units", "problems", "error", "run_id",
    )  # fmt: skip

    def test_a_good_run_reports_ok_and_what_it_wrote(self, cli: Cli, sandbox: Sandbox) -> None:
        few = ("--resources", "airmeets,participants,tracks,utms")
        assert cli(*few, "--report", "report.json").code == 0
        report = json.loads(Path("report.json").read_text())
        assert tuple(report) == self.KEYS
        assert (report["status"], report["exit_code"], report["error"]) == ("ok", 0, None)
        assert set(report["units"]) == {"loaded", "pending", "not_available", "failed"}
        for table, rows in report["rows"].items():
            assert query(f'SELECT count(*) FROM "{table}"') == [(rows,)], table
        assert report["requests"] == len(sandbox.requests)
        assert dict(query("SELECT outcome, count(*) FROM sync_log GROUP BY ALL")) == {
            outcome: count for outcome, count in report["units"].items() if count
        }

    def test_a_failed_run_reports_why(self, cli: Cli, sandbox: Sandbox) -> None:
        sandbox.faults.add(faults.status(500), endpoint="airmeets")
        result = cli("--report", "report.json")
        report = json.loads(Path("report.json").read_text())
        assert result.code == report["exit_code"] == 1
        assert report["status"] == "failed"
        assert "event list" in report["error"]


class TestLookingWithoutLoading:
    def test_check_proves_keys_and_destination_and_loads_nothing(self, cli: Cli, sandbox: Sandbox) -> None:
        result = cli("--check")
        assert result.code == 0
        assert "the keys are good" in result.out
        assert {request.endpoint for request in sandbox.requests} == {"auth", "airmeets"}
        assert not query_tables()

    def test_check_of_refused_keys_is_2_and_of_an_unreachable_api_1(
        self, cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sandbox.revoke_keys()
        assert cli("--check").code == 2
        monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", "http://127.0.0.1:9")
        assert cli("--check").code == 1

    def test_plan_shows_what_is_due_and_asks_only_for_the_event_list(
        self, cli: Cli, sandbox: Sandbox
    ) -> None:
        few = ("--resources", "tracks,utms")
        result = cli("--plan", *few)
        assert result.code == 0
        assert {request.endpoint for request in sandbox.requests} == {"auth", "airmeets"}
        first = result.out
        assert planned("tracks", first)[0] == len(sandbox.world.events())
        for event in sandbox.world.records("airmeets"):
            assert f"  {event['uid']}   2 lists  {event['name']}" in first.splitlines()
        assert "at least 36 requests, about 2 s; Airmeet has to prepare 12 of the lists.\n" in first
        assert "were read lately" not in first
        cli(*few)
        again = cli("--plan", *few).out
        due, *not_due = planned("tracks", again)
        assert due < len(sandbox.world.events()) == due + sum(not_due)
        phases = Counter(map(sandbox.world.phase, sandbox.world.events()))
        resting = sum(phases[name] for name in ("tail", "forgotten", "bare", "far_upcoming"))
        assert f"\n{resting:,} lists change slowly and were read lately: " in again


def planned(resource: str, plan: str) -> list[int]:
    """How many lists of a resource are due, rest and are settled, by a plan."""
    [line] = [line for line in plan.splitlines() if line.startswith(f"{resource} ")]
    return [int(number) for number in line.split()[1:4]]


def query_tables() -> list[tuple[Any, ...]]:
    """Whatever tables the DuckDB file of the working directory holds."""
    if not Path("airmeet.duckdb").exists():
        return []
    with duckdb.connect("airmeet.duckdb", read_only=True) as connection:
        return connection.execute("SELECT * FROM information_schema.tables").fetchall()


class TestScript:
    def test_help_lists_every_option_and_the_exit_codes(self) -> None:
        done = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True, check=True)
        for option in (
            "destination", "dataset", "pipeline-name", "pipelines-dir", "resources", "exclude", "events",
            "since", "until", "full-refresh", "no-wait", "demo", "check", "plan", "report", "progress",
            "log-level", "quiet",
        ):  # fmt: skip
            assert f"--{option}" in done.stdout
        assert "exit codes" in done.stdout

    def test_it_runs_from_any_folder_and_ends_with_its_exit_code(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, SCRIPT], capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert done.returncode == 2
        assert "No Airmeet keys" in done.stderr
        assert "Traceback" not in done.stderr


def test_entry_links_are_loaded_only_when_asked_for(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__INCLUDE_ENTRY_LINKS", "true")
    assert cli("--resources", "participants").code == 0
    assert query("SELECT count(*) FROM participants WHERE token IS NOT NULL") != [(0,)]


class TestOddEnvironments:
    @pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
    def test_the_demo_goes_past_a_proxy_and_needs_no_keys(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
        monkeypatch.delenv("SOURCES__AIRMEET__ACCESS_KEY")
        assert cli("--demo", "--resources", "airmeets").code == 0

    def test_certificates_that_are_not_there_are_2_at_once(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", "https://api.example.com")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
        result = cli("--check")
        assert result.code == 2
        assert "REQUESTS_CA_BUNDLE names /nowhere.pem" in result.err

    def test_a_proxy_that_wants_a_password_is_2(self, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", "https://api.example.com")
        with raw_server(lambda _: answer(status="407 Proxy Authentication Required")) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            result = cli("--check")
        assert result.code == 2
        assert "wants a user and a password (HTTP 407)" in result.err

    def test_a_misspelt_setting_is_a_warning(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("SOURCES__AIRMEET__REGOIN", "eu")
        assert cli("--plan", "--resources", "airmeets").code == 0
        assert "SOURCES__AIRMEET__REGOIN" in caplog.text
        assert "did you mean SOURCES__AIRMEET__REGION?" in caplog.text
