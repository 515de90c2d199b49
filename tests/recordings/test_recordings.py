import io
import json
import logging
import stat
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from rich.console import Console

from airmeet_sandbox import Quirks, Sandbox, World, faults
from airmeet_source.cli.recordings import _bars
from airmeet_source.errors import RecordingsMissing
from airmeet_source.loading.files import PRIVATE
from airmeet_source.recordings import copy_recordings
from airmeet_source.recordings.recording import Recording
from tests.recordings.conftest import FILES, PLACE, Recordings, copies, expected, require_whole, rows
from tests.support.cli import database, query
from tests.support.postgres_server import Databases

SECRET = "Signature="


def test_each_recording_is_copied_once(
    run: Recordings, world: World, event: str, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(lambda record: not record.name.startswith("uvicorn"))
    first = run("--report", "report.json", "--log-level", "TRACE")

    assert first.code == 0, first.err
    require_whole(world, event)
    listed = Counter(record["session_id"] for record in world.records("session_recordings", event))
    twice = next(session for session, count in listed.items() if count == 2)
    names = [path.rpartition("/")[2] for path in copies() if twice in path]
    assert sorted(name.removesuffix(".mp4")[-2:] == "-2" for name in names) == [False, True]
    assert {stat.S_IMODE(file.stat().st_mode) for file in PLACE.rglob("*.mp4")} == {PRIVATE}
    report = json.loads(Path("report.json").read_text())
    assert report["recordings"] == {
        "copied": sum(listed.values()),
        "already_there": 0,
        "failed": 0,
        "not_copied": 0,
    }
    assert report["bytes"] == sum(map(len, expected(world, event)))
    assert "session-recordings" in caplog.text
    assert SECRET not in first.out + first.err + caplog.text + json.dumps(report)
    assert SECRET not in repr([query(f"SELECT * FROM {table}") for table in ("recording_files", "runs")])

    before = query("SELECT * FROM recording_files ORDER BY path")
    sandbox.clear_requests()
    second = run()
    assert (second.code, second.out) == (0, f"{sum(listed.values())} already there\n")
    assert not sandbox.requests.to(FILES)
    assert query("SELECT * FROM recording_files ORDER BY path") == before
    assert query("SELECT command, status, exit_code, rows FROM runs ORDER BY started_at") == [
        ("recordings", "ok", 0, len(before)),
        ("recordings", "ok", 0, 0),
    ]


def test_what_is_not_whole_at_the_place_is_copied_again(run: Recordings, world: World, event: str) -> None:
    assert run().code == 0
    gone, cut = sorted(PLACE.rglob("*.mp4"))[:2]
    gone.unlink()
    cut.write_bytes(b"half")
    with database() as connection:
        comment = connection.execute(
            "SELECT comment FROM duckdb_columns() WHERE table_name || column_name = 'recording_filesbytes'"
        ).fetchone()
    assert comment == ("Size of the file, in bytes",)

    again = run()

    assert again.out.startswith("2 copied · ")
    require_whole(world, event)


def test_only_the_events_that_are_asked_for_are_asked_about(
    run: Recordings, world: World, sandbox: Sandbox
) -> None:
    def asked() -> set[str]:
        found = {request.path.split("/")[3] for request in sandbox.requests.to("session_recordings")}
        sandbox.clear_requests()
        return found

    assert run(of=None).code == 0
    phases = {world.phase(event) for event in asked()}
    assert {"just_finished", "tail", "forgotten", "live", "long_over"} <= phases
    require_whole(world, *world.events())
    run("--since", "2026-05-25", "--until", "2026-05-31", of=None)
    assert {world.phase(event) for event in asked()} <= {"just_finished"}
    over = world.event_in("long_over")
    assert run(of=over).out == "There are no recordings.\n"
    assert asked() == {over}
    unknown = run(of="nobody")
    assert (unknown.code, "Not in the event list" in unknown.err) == (2, True)
    senseless = run("--since", "2026-05-02", "--until", "2026-05-01", of=None)
    assert (senseless.code, "since must be before until" in senseless.err) == (2, True)


def test_a_list_that_cannot_be_read_keeps_no_other_from_being_copied(
    run: Recordings, world: World, event: str, single: str, sandbox: Sandbox
) -> None:
    rule = sandbox.faults.add(faults.status(500), endpoint="session_recordings", path=event)
    partial = run("--events", f"{event},{single}")
    assert partial.code == 3
    assert f"event {event}: the recordings cannot be listed: HTTP 500" in partial.out
    require_whole(world, single)
    assert query("SELECT status, exit_code FROM runs") == [("partial", 3)]
    sandbox.faults.remove(rule)

    sandbox.quirks = Quirks(gated={"session_recordings": 403})
    assert run().out == "There are no recordings.\n"


@pytest.mark.usefixtures("keys")
def test_a_program_gets_the_report_and_may_have_an_error(
    world: World, single: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.add(faults.status(404), endpoint=FILES)
    report = copy_recordings(to=tmp_path / "copies", events=[single])
    assert (report.status, report.recordings["failed"]) == ("partial", 1)
    with pytest.raises(RecordingsMissing, match="HTTP 404 for the file, also with a fresh link"):
        report.raise_on_problems()
    sandbox.faults.clear()
    copy_recordings(to=tmp_path / "copies", events=[single]).raise_on_problems()
    require_whole(world, single, place=tmp_path / "copies")


def test_the_first_version_of_the_api_has_no_recordings(
    run: Recordings, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__REGION", "legacy")
    monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", sandbox.legacy_base_url)
    refused = run()
    assert (refused.code, "has no recordings" in refused.err) == (2, True)


def test_nothing_is_written_outside_the_place_whatever_sessions_are_called(
    run: Recordings, world: World, single: str
) -> None:
    [honest] = world.records("session_recordings", single)
    odd: list[dict[str, Any]] = [
        {"session_id": "../../x", "session_name": "/etc/passwd"},
        {"session_id": None, "session_name": None},
        {"session_id": 7, "session_name": {"de": "Hallo"}},
        {"session_id": "\0", "session_name": "😀" * 300},
        *({"session_id": name, "session_name": ".."} for name in ("con", "Ab", "aB")),
    ]
    world.put(single, "session_recordings", [*({**honest, **record} for record in odd), None, 5])
    before = {file for file in Path().rglob("*") if PLACE not in file.parents}

    assert run(of=single).code == 0

    files = copies()
    assert len({path.casefold() for path in files}) == len(odd)
    assert {file.parent for file in PLACE.rglob("*.mp4")} == {PLACE / single}
    assert {f"{single}/recording.mp4", f"{single}/7-de-hallo.mp4", f"{single}/Ab.mp4"} <= files.keys()
    new = {file for file in Path().rglob("*") if PLACE not in file.parents} - before
    assert all(file == PLACE or "airmeet.duckdb" in file.name for file in new)
    assert rows().keys() == files.keys()


def test_it_is_the_same_on_postgres(
    run: Recordings, single: str, postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres_databases.new()
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    assert run("--destination", "postgres", of=single).out.startswith("1 copied")
    [gone] = PLACE.rglob("*.mp4")
    gone.unlink()
    assert run("--destination", "postgres", of=single).out.startswith("1 copied")
    assert run("--destination", "postgres", of=single).out == "1 already there\n"
    with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT path, bytes FROM airmeet_data.recording_files")
        assert cursor.fetchall() == [(path, len(file)) for path, file in copies().items()]


def test_each_file_has_a_bar_with_its_name_and_no_link(single: str, world: World) -> None:
    [record] = world.records("session_recordings", single)
    recording = Recording(
        airmeet_id=single,
        session_id="s1",
        session_name="Talk",
        number=1,
        link=record["download_link"],
        path="e/s1-[talk].mp4",
    )
    assert SECRET not in repr(recording)
    shown = io.StringIO()
    with _bars(Console(file=shown, force_terminal=True, width=100), silent=False) as bars:
        assert bars is not None
        bars.begin(recording)
        bars.follow(recording, 1_000_000, 2_000_000)
        bars._progress.refresh()
        bars.end(recording)
    assert "s1-[talk].mp4" in shown.getvalue()
    assert "1.0/2.0 MB" in shown.getvalue()
    assert SECRET not in shown.getvalue()
    with _bars(Console(file=shown, force_terminal=False), silent=False) as bars:
        assert bars is None
