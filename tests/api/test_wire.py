"""Wire: requests are those of `urllib3`, and heads of answers are read as `http.client` and `urllib3` do."""

import re
import socket
from http.client import HTTPException, HTTPResponse
from typing import Any

import urllib3
from hypothesis import example, given
from hypothesis import strategies as st

from airmeet_source.api.transport import Received, Transport
from airmeet_source.api.wire import limited, read_with_care
from tests.support.raw_server import answer, raw_server

STATUS_LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 204 No Content",
        b"HTTP/1.1 304",
        b"HTTP/1.1 101 Switching Protocols",
        b"HTTP/1.7 503  Later ",
        b"HTTP/2 200",
        b"HTTP/0.9 200 OK",
        b"HTTP 200 OK",
        b"<html>",
        b"",
    ]
)
LINES = st.sampled_from(
    [
        b"Content-Length: 5",
        b"content-length:7",
        b"Content-Length: 5, 5",
        b"Content-Length: -1",
        b"Content-Length: many",
        b"Content-Length:",
        b"Transfer-Encoding: Chunked",
        b"Transfer-Encoding: gzip, chunked",
        b"Connection: close",
        b"Connection: keep-alive, Close",
        b"Keep-Alive: timeout=5",
        b"Proxy-Connection: keep-alive",
        b"Retry-After: \t 30 ",
        b"Folded: a\r\n  b",
        b" folded at once",
        b"Set-Cookie: a=1",
        b"Set-Cookie: b=2",
        b"From here",
        b"no colon",
        b"blank : before",
        b": no name",
        b"lone: a\rb: c",
        b"latin: \xe4\xff",
        b"nul: a\x00b",
        b"bell: \x07\x0b\x0c\x1c\x85",
    ]
)
ENDS = st.sampled_from([b"\r\n", b"\n"])
HEADS = st.builds(
    lambda status, lines, end: b"".join(line + end for line in (status, *lines, b"")),
    STATUS_LINES,
    st.lists(LINES, max_size=5),
    ENDS,
)
FOLD = re.compile(r"(?:(?<![ \t])[ \t]+)?\r\n[ \t]+")


class Careful(urllib3.HTTPConnectionPool):
    """A pool that reads with care."""


def read(kind: Any, head: bytes) -> tuple[Any, ...]:
    """What a kind of response makes of a head, or the kind of error that it raises."""
    ours, theirs = socket.socketpair()
    with ours, theirs, limited(5.0):
        theirs.sendall(head)
        theirs.shutdown(socket.SHUT_WR)
        response = kind(ours, method="GET")
        try:
            response.begin()
        except HTTPException as error:
            return (type(error),)
        finally:
            response.close()
        headers = [(name, FOLD.sub(" ", value)) for name, value in response.headers.items()]
        ends = (response.chunked, response.length, response.will_close)
        return response.status, response.reason, response.version, headers, ends


@given(HEADS)
@example(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 99 + b"\r\n")
@example(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 100 + b"\r\n")
@example(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 65_531 + b"\r\n\r\n")
@example(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 65_532 + b"\r\n\r\n")
@example(b"HTTP/1.1 200 OK\r\nX: x\r\n")
@example(b"HTTP/1.1 200 OK\r\nX:" + b" " * 65_000 + b"\n\n")
def test_a_head_is_read_as_http_client_reads_it(head: bytes) -> None:
    pool = Careful("127.0.0.1")
    read_with_care(pool)

    assert read(pool.ConnectionCls.response_class, head) == read(HTTPResponse, head)  # type: ignore[attr-defined]


def test_requests_are_those_of_urllib3_also_when_the_headers_stay_or_change() -> None:
    wanted = [("GET", "/a?b=1"), ("GET", "/c%20d"), ("POST", "/auth"), ("GET", "/a")]
    with raw_server() as server:
        transport = Transport(server.url, 1, 5.0)
        for method, path in wanted:
            for token in ("one", "one", "two"):
                given = transport.exchange(method, path, {"X-Token": token}, {})
                assert isinstance(given, Received)
        transport.close()
        ours = list(server.heads)
        server.heads.clear()

        plain = urllib3.HTTPConnectionPool("127.0.0.1", server.port)
        for head in ours:
            first, *lines = head.decode().split("\r\n")
            method, target, _ = first.split(" ")
            ours_only = (line for line in lines if not line.startswith(("Host", "Content-Length")))
            headers = dict(line.split(": ", 1) for line in ours_only)
            plain.urlopen(method, target, headers=headers)

    assert len(ours) == 12
    assert server.heads == ours


def test_a_connection_serves_all_requests_until_an_answer_closes_it() -> None:
    with raw_server(lambda head: answer(b"{}", *(["Connection: close"] * (b"/last" in head)))) as server:
        transport = Transport(server.url, 1, 5.0)
        connections = set()
        for path in ("/a", "/b", "/last", "/c"):
            assert isinstance(transport.exchange("GET", path, {}, {}), Received)
            connections.add(server.connections)
        transport.close()

    assert connections == {1, 2}
