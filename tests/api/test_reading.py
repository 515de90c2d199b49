"""Units and their readings: where to ask, and in which order."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airmeet_source.api.reading import LONGEST_ID, Reading, Unit
from airmeet_source.api.transport import Transport
from airmeet_source.resources import RESOURCES
from tests.support.raw_server import RawServer, raw_server

IDS = st.text() | st.text("./\\%?#&;= 2eE5cC\r\n\x00\t:@", max_size=8)


def reading(resource: str, *ids: str) -> Reading:
    return Reading(
        unit=Unit(resource, *ids), endpoint=RESOURCES[resource].endpoint, deliver_to=resource, after=None
    )


@pytest.mark.parametrize(
    ("unit", "path"),
    [
        (("airmeets",), "/airmeets"),
        (("sessions", "e1"), "/airmeet/e1/info"),
        (("session_attendance", "e1", "s/1"), "/session/s%2F1/attendees"),
        (("booth_attendance", "e 1", "b?1"), "/airmeet/e%201/booth/b%3F1/booth-attendance"),
    ],
)
def test_ids_cannot_lead_to_another_path(unit: tuple[str, ...], path: str) -> None:
    assert reading(*unit).path == path


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


@pytest.fixture(scope="module")
def transport(server: RawServer) -> Iterator[Transport]:
    transport = Transport(f"{server.url}/prod", 1, 5.0)
    yield transport
    transport.close()


@given(IDS, IDS)
@example("..", "b")
@example("e", "%2e%2E")
@example("a/b?x=1#y", "../../auth")
@example("e", "\r\nX: y")
@example("\x00", "\ud800")
@example("e" * LONGEST_ID, "\U0010ffff" * LONGEST_ID)
@example("e", "e" * (LONGEST_ID + 1))
def test_an_id_is_one_segment_of_what_the_server_sees_or_is_not_sent(
    server: RawServer, transport: Transport, airmeet_id: str, booth_id: str
) -> None:
    """Whatever `urllib3` and `requests` do to a url on its way."""
    each = reading("booth_attendance", airmeet_id, booth_id)
    if not each.unit.is_sendable:
        return

    transport.exchange("GET", each.path, {}, {"size": "50"})

    path, _, query = server.targets[-1].partition("?")
    segments = path.split("/")
    assert [*segments[:3], segments[4], *segments[6:]] == ["", "prod", "airmeet", "booth", "booth-attendance"]
    sent = [unquote(segments[place]) for place in (3, 5)]
    assert sent == [id_.encode("utf-8", "replace").decode() for id_ in (airmeet_id, booth_id)]
    assert not {".", ".."} & set(sent)
    assert query == "size=50"


@pytest.mark.parametrize("id_", ["", ".", "..", "e" * 5_000])
def test_an_id_that_cannot_be_a_segment_is_not_sendable(id_: str) -> None:
    assert not Unit("tracks", id_).is_sendable
    assert not Unit("booth_attendance", "e1", id_).is_sendable


def test_a_restart_is_an_attempt_however_many_pages_came() -> None:
    each = reading("event_attendance", "e1")
    for restarts in range(3):
        each.begun, each.attempts = True, 0
        each.restart()
        assert (each.begun, each.attempts) == (False, restarts)
