"""Transport: what a server may do to an exchange, and how long it takes at most."""

import time
from collections.abc import Iterator
from itertools import cycle

import pytest

from airmeet_source.api.answers import Failed
from airmeet_source.api.transport import Transport
from tests.support.raw_server import Respond, answer, raw_server

TIMEOUT = 0.1  # seconds, for each read
EVERY = 0.03  # seconds, that a byte comes

# what comes at once, and what comes byte by byte, again and again
TRICKLES = {
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "header": (b"HTTP/1.1 200 OK\r\nX-Header: ", b"x"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: x\r\n"),
    "status line": (b"", b"H"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "until the end": (b"HTTP/1.1 200 OK\r\n\r\n", b"{"),
}


def trickling(before: bytes, trickle: bytes) -> Respond:
    def respond(_: bytes) -> Iterator[bytes]:
        yield before
        for byte in cycle(trickle):
            yield bytes([byte])
            time.sleep(EVERY)

    return respond


def exchanged(url: str, path: str = "/") -> tuple[bytes | Failed, float]:
    """What one exchange brings, and how long it takes."""
    transport = Transport(url, 1, TIMEOUT)
    started = time.monotonic()
    response = transport.exchange("GET", path, {}, {})
    seconds = time.monotonic() - started
    transport.close()
    return (response if isinstance(response, Failed) else response.data), seconds


@pytest.mark.parametrize("kind", TRICKLES)
def test_an_answer_that_trickles_is_given_up_in_time(kind: str) -> None:
    with raw_server(trickling(*TRICKLES[kind])) as server:
        given, seconds = exchanged(server.url)

    assert isinstance(given, Failed)
    assert given.overtaxed
    assert "within 0.5 s" in given.reason
    assert 5 * TIMEOUT <= seconds < 3


def test_a_proxy_that_trickles_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(trickling(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n")) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        given, seconds = exchanged("https://airmeet.invalid")

    assert isinstance(given, Failed)
    assert seconds < 3


def test_a_server_that_says_nothing_is_given_up_sooner() -> None:
    def nothing(_: bytes) -> bytes:
        time.sleep(1)
        return b""

    with raw_server(nothing) as server:
        given, _ = exchanged(server.url)

    assert isinstance(given, Failed)
    assert "no answer" in given.reason
    assert "within 0.1 s" in given.reason


def test_a_connection_that_is_used_again_has_the_whole_time_again() -> None:
    with raw_server() as server:
        transport = Transport(server.url, 1, TIMEOUT)
        for pause in (0, 5 * TIMEOUT):
            time.sleep(pause)
            given = transport.exchange("GET", "/", {}, {})
            assert not isinstance(given, Failed)
            assert given.data == b"{}"
        transport.close()


@pytest.mark.parametrize("interim", ["100 Continue", "102 Processing", "103 Early Hints", "199 Whatever"])
def test_an_interim_answer_is_not_the_answer_and_each_request_gets_its_own(interim: str) -> None:
    def respond(head: bytes) -> Iterator[bytes]:
        yield f"HTTP/1.1 {interim}\r\nLink: </style.css>\r\n\r\n".encode() * 2
        time.sleep(TIMEOUT / 4)  # long enough for the connection to be used again
        yield answer(head.split(b" ")[1])

    with raw_server(respond) as server:
        transport = Transport(server.url, 1, TIMEOUT)
        for path in ("/a", "/b"):
            given = transport.exchange("GET", path, {}, {})
            assert not isinstance(given, Failed)
            assert (given.status, given.data) == (200, path.encode())
        transport.close()
