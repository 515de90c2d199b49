from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airmeet_sandbox import World, faults, file_faults
from tests.sandbox.conftest import NOW

if TYPE_CHECKING:
    from airmeet_sandbox import Sandbox
    from tests.sandbox.conftest import Api


def listed(api: Api, world: World) -> list[dict[str, Any]]:
    recordings: list[dict[str, Any]] = api.ok(
        f"/airmeet/{world.event_in('just_finished')}/session-recordings"
    )["recordings"]
    return recordings


@pytest.fixture
def recording(api: Api, world: World) -> dict[str, Any]:
    return listed(api, world)[0]


def download(recording: dict[str, Any], **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(recording["download_link"], headers=named, timeout=10, allow_redirects=False)


def test_each_recording_has_a_file_that_the_world_knows(api: Api, world: World) -> None:
    recordings = listed(api, world)
    seen: dict[str, int] = {}
    for recording in recordings:
        part = seen[recording["session_id"]] = seen.get(recording["session_id"], -1) + 1
        answer = download(recording)
        assert answer.content == world.recording(recording["session_id"], part)
        assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert max(seen.values()) == 1, "no session has two recordings"
    other = World(now=NOW)
    session = recordings[0]["session_id"]
    assert sha256(other.recording(session)).digest() == sha256(world.recording(session)).digest()


def test_a_range_is_honoured_while_the_file_is_the_same(recording: dict[str, Any], world: World) -> None:
    whole = download(recording)
    rest = download(recording, Range="bytes=1000-", If_Range=whole.headers["ETag"])
    size = len(whole.content)
    assert (rest.status_code, rest.content) == (206, whole.content[1000:])
    assert rest.headers["Content-Range"] == f"bytes 1000-{size - 1}/{size}"
    assert download(recording, Range=f"bytes={size}-").status_code == 416

    world.replace_recording(recording["session_id"], b"another film")
    again = download(recording, Range="bytes=1000-", If_Range=whole.headers["ETag"])
    assert (again.status_code, again.content) == (200, b"another film")


def test_a_link_is_for_get_only_and_dies_after_six_hours(
    recording: dict[str, Any], sandbox: Sandbox, api: Api, world: World
) -> None:
    assert requests.head(recording["download_link"], timeout=10).status_code == 403
    assert download({"download_link": recording["download_link"][:-1] + "x"}).status_code == 403
    sandbox.clock.advance(timedelta(hours=5, minutes=59))
    assert download(recording).status_code == 200
    sandbox.clock.advance(timedelta(minutes=2))
    expired = download(recording)
    assert (expired.status_code, b"expired" in expired.content) == (403, True)
    assert download(listed(api, world)[0]).status_code == 200
    fresh = listed(api, world)[0]
    sandbox.clock.advance(timedelta(days=61))
    assert download(fresh).status_code == 403


def test_faults_of_downloads(recording: dict[str, Any], sandbox: Sandbox) -> None:
    whole = download(recording)

    def hurt(action: faults.Action, **headers: str) -> requests.Response:
        sandbox.faults.add(action, endpoint="recording_files", times=1)
        return download(recording, **headers)

    assert hurt(file_faults.ignoring_range(), Range="bytes=9-").content == whole.content
    elsewhere = hurt(file_faults.range_from(5), Range="bytes=9-")
    assert (elsewhere.status_code, elsewhere.content) == (206, whole.content[5:])
    assert hurt(file_faults.another_etag()).headers["ETag"] != whole.headers["ETag"]
    assert hurt(file_faults.shortened()).content == whole.content[:-1]
    assert hurt(file_faults.redirect("file:///etc/passwd")).headers["Location"] == "file:///etc/passwd"
    unannounced = hurt(file_faults.unannounced())
    assert ("Content-Length" in unannounced.headers, unannounced.content) == (False, whole.content)
    sandbox.faults.add(file_faults.stalled(), endpoint="recording_files", times=1)
    with pytest.raises(requests.ConnectionError):
        assert requests.get(recording["download_link"], timeout=0.1).content
    assert sandbox.requests.to("recording_files")[0].headers["host"] in recording["download_link"]
