"""Whatever happens on the way, a file is whole or not there."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.responses import Response

from airmeet_sandbox import Sandbox, World, faults, file_faults
from airmeet_sandbox.answers import Answer
from airmeet_sandbox.faults import Action, Honest
from airmeet_source.errors import AlreadyRunning
from airmeet_source.loading.locking import locked_file
from tests.recordings.conftest import FILES, Recordings, copies, expected, require_whole, rows
from tests.support.cli import query

CUT = 0.5


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__REQUEST_TIMEOUT", "0.3")


def asked(sandbox: Sandbox) -> list[str | None]:
    """The ranges that were asked for."""
    return [request.headers.get("range") for request in sandbox.requests.to(FILES)]


def hurt(sandbox: Sandbox, *actions: Action) -> None:
    """Hurt the first requests for a file, one after another."""
    for action in actions:
        sandbox.faults.add(action, endpoint=FILES, times=1)


def several(world: World, sessions: int) -> str:
    """An event with so many recorded sessions."""
    start = world.clock.now() - timedelta(days=1)
    event = world.add_event("Big talk", start, sessions=sessions + 1)
    world.finish_event(event)
    recorded = dict.fromkeys(record["session_id"] for record in world.records("session_recordings", event))
    for session in set(world.sessions(event)) - {*list(recorded)[:sessions]}:
        world.delete_session(session)
    return event


def half(world: World, event: str) -> str:
    """The range that is missing after a cut."""
    return f"bytes={int(len(expected(world, event)[0]) * CUT)}-"


def test_a_transfer_goes_on_where_it_stopped(
    run: Recordings, world: World, single: str, sandbox: Sandbox
) -> None:
    hurt(sandbox, faults.truncated(CUT), file_faults.stalled(0.0), file_faults.shortened(10))
    assert run(of=single).code == 0
    size = len(expected(world, single)[0])
    assert asked(sandbox) == [None, half(world, single), half(world, single), f"bytes={size - 10}-"]
    etags = {request.headers.get("if-range") for request in sandbox.requests.to(FILES)[1:]}
    assert len(etags) == 1
    require_whole(world, single)


def test_what_is_not_the_rest_of_the_same_file_begins_anew(
    run: Recordings, world: World, sandbox: Sandbox
) -> None:
    seconds = [
        file_faults.another_etag(),
        file_faults.another_etag('W/"weak"'),
        file_faults.ignoring_range(),
        file_faults.range_from(5),
        faults.status(416),
        file_faults.range_from(10**9),
    ]
    event = several(world, len(seconds))
    for session, second in zip(world.sessions(event), seconds, strict=True):
        for action in (faults.truncated(CUT), second):
            sandbox.faults.add(action, endpoint=FILES, path=f"{session}/0", times=1)
    assert run(of=event).code == 0
    for session in world.sessions(event):
        ranges = [r.headers.get("range") for r in sandbox.requests.to(FILES) if f"{session}/0" in r.path]
        assert ranges[:2] == [None, f"bytes={int(len(world.recording(session)) * CUT)}-"]
        assert ranges[2:] in ([], [None])
    require_whole(world, event)


def test_a_file_that_was_replaced_meanwhile_is_the_new_one(
    run: Recordings, world: World, single: str, sandbox: Sandbox
) -> None:
    [record] = world.records("session_recordings", single)

    def remake(_request: object) -> bool:
        world.replace_recording(record["session_id"], b"another film" * 5_000)
        return False

    hurt(sandbox, faults.truncated(CUT))
    sandbox.faults.add(faults.reset(), endpoint=FILES, when=remake)
    assert run(of=single).code == 0
    assert [*copies().values()] == [b"another film" * 5_000]
    require_whole(world, single)


def test_a_file_without_a_strong_etag_begins_anew(
    run: Recordings, world: World, single: str, sandbox: Sandbox
) -> None:
    async def weak_and_cut(honest: Honest) -> Answer | Response:
        made = honest()
        weak = replace(made, headers={**made.headers, "ETag": 'W/"weak"'})
        return await faults.truncated(CUT)(lambda: weak)

    hurt(sandbox, weak_and_cut)
    assert run(of=single).code == 0
    assert asked(sandbox) == [None, None]
    require_whole(world, single)


def test_a_link_that_dies_amid_a_transfer_is_renewed(
    run: Recordings, world: World, single: str, sandbox: Sandbox
) -> None:
    hurt(sandbox, faults.truncated(CUT))
    dead = faults.status(403)
    sandbox.faults.add(dead, endpoint=FILES, times=1, when=_later(sandbox))
    assert run(of=single).code == 0
    assert len(sandbox.requests.to("session_recordings")) == 2
    assert asked(sandbox) == [None, half(world, single), half(world, single)]
    assert len({json.dumps(request.query) for request in sandbox.requests.to(FILES)}) == 2
    require_whole(world, single)


def _later(sandbox: Sandbox) -> Callable[[object], bool]:
    def advance(_request: object) -> bool:
        sandbox.clock.advance(timedelta(hours=7))
        return True

    return advance


def test_what_passes_is_tried_again_and_what_does_not_leaves_no_file(
    run: Recordings, world: World, sandbox: Sandbox
) -> None:
    actions = {
        "HTTP 429": faults.status(429, retry_after=0),
        "HTTP 502": faults.html(502),
        "the file is empty": faults.empty(200),
        "no recording, but a page": faults.html(200),
        "or a message": faults.body({"recordings": []}),
        "nothing came": file_faults.stalled(0.0),
        "also with a fresh link": faults.status(403),
    }
    event = several(world, len(actions))
    rules = [
        sandbox.faults.add(action, endpoint=FILES, path=session)
        for session, action in zip(world.sessions(event), actions.values(), strict=True)
    ]
    failed = run(of=event)
    assert (failed.code, copies(), query("SELECT * FROM recording_files")) == (3, {}, [])
    assert not [why for why in actions if why not in failed.out], failed.out
    assert all(2 <= rule.fired <= 6 for rule in rules)
    sandbox.faults.clear()
    for session, action in zip(world.sessions(event), actions.values(), strict=True):
        sandbox.faults.add(action, endpoint=FILES, path=session, times=1)
    assert run(of=event).code == 0
    require_whole(world, event)


def test_one_file_that_fails_keeps_no_other_from_being_copied(
    run: Recordings, world: World, event: str, sandbox: Sandbox
) -> None:
    first = world.records("session_recordings", event)[0]["session_id"]
    sandbox.faults.add(faults.status(404), endpoint=FILES, path=first)
    partial = run()
    assert partial.code == 3
    assert "HTTP 404 for the file, also with a fresh link" in partial.out
    assert sorted(copies().values()) == sorted(expected(world, event)[1:])


def test_ten_files_that_fail_one_after_another_end_the_run(
    run: Recordings, sandbox: Sandbox, world: World
) -> None:
    sandbox.faults.add(faults.status(404), endpoint=FILES)
    ended = run(of=None)
    assert (ended.code, copies()) == (1, {})
    assert "10 recordings failed one after another, the last one with: HTTP 404" in ended.err
    assert len(sandbox.requests.to(FILES)) < 2 * len(world.events()) + 10


@pytest.mark.parametrize("status", [302, 308])
def test_downloads_follow_redirects_on_the_web_without_any_header_of_ours(
    run: Recordings, world: World, single: str, sandbox: Sandbox, status: int
) -> None:
    Path(".netrc").write_text("machine 127.0.0.1 login me password it\n")
    Path(".netrc").chmod(0o600)
    [record] = world.records("session_recordings", single)
    link = record["download_link"].partition("/recordings/")[2]
    hurt(sandbox, file_faults.redirect(f"/recordings/{link}&at=home", status))
    with Sandbox(world) as elsewhere:
        there = elsewhere.base_url.removesuffix("/prod")
        hurt(sandbox, file_faults.redirect(f"{there}/recordings/{link}", status))
        assert run(of=single).code == 0
        sent = [*sandbox.requests.to(FILES), *elsewhere.requests.to(FILES)]
    assert len(sent) == 3
    ours = {"host", "accept-encoding", "user-agent"}
    assert [request.headers.keys() - ours for request in sent] == [set()] * 3
    assert not any("airmeet" in repr(request.headers).lower() for request in sent)
    require_whole(world, single)


def test_redirects_and_links_that_leave_the_web_are_not_followed(
    run: Recordings, world: World, single: str, sandbox: Sandbox
) -> None:
    away = ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[bad", "data:,x"]
    [record] = world.records("session_recordings", single)
    links = [*away, "//"]
    records = [*([record] * len(away)), *({**record, "download_link": link} for link in links)]
    world.put(single, "session_recordings", records)
    hurt(sandbox, *map(file_faults.redirect, away))
    astray = run(of=single)
    assert (astray.code, copies()) == (3, {})
    assert astray.out.count("the link leads to no address on the web") == len(records)
    assert len(asked(sandbox)) == len(away)
    assert "passwd" not in astray.out + astray.err


def test_redirects_without_end_are_given_up(run: Recordings, single: str, sandbox: Sandbox) -> None:
    rule = sandbox.faults.add(file_faults.redirect("?round=again"), endpoint=FILES)
    astray = run(of=single)
    assert (astray.code, rule.fired, copies()) == (3, 6, {})
    assert "more than 5 redirects" in astray.out


def test_redirects_of_the_api_are_not_followed(run: Recordings, single: str, sandbox: Sandbox) -> None:
    with Sandbox(World(seed=1)) as elsewhere:
        sandbox.faults.add(
            file_faults.redirect(f"{elsewhere.base_url}/airmeets"), endpoint="session_recordings"
        )
        assert run(of=single).code == 3
        assert not elsewhere.requests.total


def test_a_length_that_is_not_announced_is_known_by_the_last_chunk(
    run: Recordings, world: World, single: str, sandbox: Sandbox
) -> None:
    hurt(sandbox, file_faults.unannounced())
    assert run(of=single).code == 0
    assert len(asked(sandbox)) == 1
    require_whole(world, single)


def test_no_more_than_three_files_are_on_their_way_at_a_time(
    run: Recordings, world: World, event: str, sandbox: Sandbox
) -> None:
    sandbox.faults.add(faults.delay(0.1), endpoint=FILES)
    assert run().code == 0
    moments = [(r.arrived, 1) for r in sandbox.requests.to(FILES)]
    moments += [(r.answered, -1) for r in sandbox.requests.to(FILES)]
    level, most = 0, 0
    for _, step in sorted(moments):
        level += step
        most = max(most, level)
    assert most == 3
    require_whole(world, event)


def test_a_transfer_that_brings_hardly_anything_new_is_given_up(
    run: Recordings, single: str, sandbox: Sandbox
) -> None:
    rule = sandbox.faults.add(faults.truncated(0.005), endpoint=FILES)
    failed = run(of=single)
    assert (failed.code, copies()) == (3, {})
    assert rule.fired < 10


def test_stopped_in_mid_file_a_run_keeps_what_is_whole_and_the_next_goes_on(
    run: Recordings, world: World, event: str, sandbox: Sandbox
) -> None:
    def stop(_request: object) -> bool:
        if len(sandbox.requests.to(FILES)) < 3:
            return False
        os.kill(os.getpid(), signal.SIGINT)
        return True

    sandbox.faults.add(file_faults.stalled(), endpoint=FILES, when=stop, times=1)
    stopped = run()
    assert stopped.code == 130
    files = copies()
    assert 0 < len(files) < len(expected(world, event))
    assert set(files.values()) <= set(expected(world, event))
    assert rows().keys() == files.keys()
    assert run().code == 0
    require_whole(world, event)


def test_keys_that_are_revoked_end_the_run(
    run: Recordings, event: str, single: str, sandbox: Sandbox
) -> None:
    def revoke(_request: object) -> bool:
        sandbox.revoke_keys()
        return False

    sandbox.faults.add(faults.reset(), endpoint=FILES, when=revoke)
    sandbox.faults.add(faults.status(403), endpoint=FILES, times=1)
    ended = run("--events", f"{single},{event}")
    assert (ended.code, "refuses the keys" in ended.err) == (1, True)
    assert rows().keys() == copies().keys()


def test_a_file_that_calls_itself_a_text_is_a_file(
    run: Recordings, world: World, single: str, sandbox: Sandbox
) -> None:
    [record] = world.records("session_recordings", single)
    film = world.recording(record["session_id"])
    sandbox.faults.add(faults.raw(film, content_type="text/html"), endpoint=FILES)
    assert run(of=single).code == 0
    require_whole(world, single)


def test_a_load_need_not_wait_for_downloads_but_a_second_run_does(
    run: Recordings, single: str, sandbox: Sandbox
) -> None:
    free: dict[str, bool] = {}

    def look(_request: object) -> bool:
        for name in ("airmeet", "airmeet_recordings"):
            try:
                with locked_file(Path(f".airmeet.duckdb.{name}.lock"), 0):
                    free[name] = True
            except AlreadyRunning:
                free[name] = False
        return False

    sandbox.faults.add(faults.reset(), endpoint=FILES, when=look)
    assert run(of=single).code == 0
    assert free == {"airmeet": True, "airmeet_recordings": False}
    assert query("SELECT pipeline FROM runs") == [("airmeet",)]
