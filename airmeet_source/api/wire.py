"""What goes over the wire: requests whose head is written once, and final answers, within a limit of time.

`urllib3` opens the connections and watches over them. It and `http.client` write each header anew for every
request, and read those of an answer as if they were an e-mail; for a page of fifty records that would take
more CPU than the records do.

They limit how long each read of a socket may take. A server that sends a byte from time to time, in
the body, in a header or in interim answers without end, would keep a thread for ever. And `http.client`
takes every interim answer but 100 for the final one, which then lies on the connection and becomes the answer
to the next request.
"""

import io
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from http import HTTPStatus
from http.client import (
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    InvalidURL,
    LineTooLong,
    UnknownProtocol,
    parse_headers,
)
from typing import Any

import urllib3
from urllib3 import HTTPConnectionPool, HTTPHeaderDict
from urllib3.connection import HTTPConnection

_MOST_INTERIM = 100  # before the final answer
_LONGEST_LINE = 65_536  # bytes; this limit and the next are those of `http.client`
_MOST_HEADERS = 100
_READ = 65_536  # bytes that are asked for at a time: nearly every answer comes as one piece
_USUAL_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*+([^\r\n\x00]*+)\r\n")
_FOLD = re.compile(r"(?:(?<![ \t])[ \t]+)?\r\n[ \t]+")  # becomes a blank, as `urllib3` has it
_TARGET = re.compile(r"[!-~]+")

_current = threading.local()  # `ends_at`: when the exchange of this thread has to be over


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let what this thread reads over a pool of :func:`read_with_care` be over in time.

    What is not ends with the error of a read that took too long.
    """
    _current.ends_at = time.monotonic() + seconds
    try:
        yield
    finally:
        del _current.ends_at


def read_with_care(pool: HTTPConnectionPool) -> None:
    """Make the connections of a pool read final answers only, and keep the limits of :func:`limited`."""
    kind = pool.ConnectionCls
    pool.ConnectionCls = type(kind.__name__, (_Connection, kind), {})


class _Response(HTTPResponse):
    """Reads the final answer from a socket as long as there is time."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Bytes(self.fp.detach(), sock), _READ)

    def begin(self) -> None:
        """Read status and headers; all that is said of how the body ends is taken as ``http.client`` does."""
        version, self.status, reason = self._read_status()
        self.code, self.reason = self.status, reason.strip()
        if not version.startswith(("HTTP/1.", "HTTP/0.9")):
            raise UnknownProtocol(version)
        self.version = 10 if version in ("HTTP/1.0", "HTTP/0.9") else 11
        self.headers = self.msg = _headers(self.fp)
        self.chunked = (self.headers.get("transfer-encoding") or "").lower() == "chunked"
        self.chunk_left = None
        self.length = None if self.chunked else _length(self.headers.get("content-length"))
        if self.status in (HTTPStatus.SWITCHING_PROTOCOLS, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.length = 0
        ends_with_connection = not self.chunked and self.length is None
        self.will_close = ends_with_connection or self._check_close()  # type: ignore[attr-defined]

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status >= 200 or status == HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            _headers(self.fp)
        raise HTTPException("interim answers without end")


def _headers(lines_of: io.BufferedReader) -> HTTPMessage:
    lines: list[bytes] = []
    while (line := lines_of.readline(_LONGEST_LINE + 1)) not in (b"\r\n", b"\n", b""):
        lines.append(line)
        if len(line) > _LONGEST_LINE:
            raise LineTooLong("header line")
        if len(lines) >= _MOST_HEADERS:
            raise HTTPException(f"got {_MOST_HEADERS} headers or more")
    headers = HTTPMessage()
    for line in lines:
        usual = _USUAL_HEADER.fullmatch(line)
        if usual is None:
            return _unfolded(parse_headers(io.BytesIO(b"".join([*lines, b"\r\n"]))))
        headers.set_raw(usual[1].decode(), usual[2].decode("latin-1"))
    return headers


def _unfolded(headers: HTTPMessage) -> HTTPMessage:
    unfolded = HTTPMessage()
    for name, value in headers.items():
        unfolded.set_raw(name, _FOLD.sub(" ", value))
    return unfolded


def _length(header: str | None) -> int | None:
    try:
        length = int(header or "")
    except ValueError:
        return None
    return length if length >= 0 else None


class _Connection(HTTPConnection):
    """A connection of `urllib3`, plain or TLS."""

    response_class = _Response
    _draft: tuple[object, bytes] = (
        None,
        b"",
    )  # method, headers and body, and what goes behind the first line
    _written: list[bytes] | None = None  # what would be sent, while that is drafted

    def request(  # type: ignore[override]
        self, method: str, url: str, body: bytes | None = None, *, headers: Mapping[str, str], **options: Any
    ) -> None:
        """Send a request; behind the first line, equal headers without a body are the same bytes again."""
        self._method = method
        what = (method, *headers.items())
        if body is not None or self._draft[0] != what:
            lines = self._drafted(method, url, body=body, headers=headers, **options)
            self._draft = what if body is None else None, lines
        if not _TARGET.fullmatch(url):
            raise InvalidURL("a blank or a control character")
        if self.sock is not None:
            _limit(self.sock, self.timeout)
        self.send(f"{method} {url} HTTP/1.1\r\n".encode() + self._draft[1])

    def _drafted(self, method: str, url: str, **given: Any) -> bytes:
        """What `urllib3` makes of a request, behind its first line."""
        other, written = copy(self), list[bytes]()
        other._written = written  # noqa: SLF001 - its own kind
        super(_Connection, other).request(method, url, **given)
        return b"".join(written).partition(b"\r\n")[2]

    def send(self, data: Any) -> None:
        """Send bytes, and connect before if need be."""
        if self._written is None:
            super().send(data)
        else:
            self._written.append(data)

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as `urllib3` has it
        """The answer to the request, with its body still to be read."""
        _limit(self.sock, self.timeout)
        answer = _Response(self.sock, method=self._method)
        try:
            answer.begin()
        except BaseException:
            answer.close()
            raise
        if answer.will_close:
            self.close()  # the answer keeps what it needs of it
        return urllib3.HTTPResponse(
            body=answer,
            headers=HTTPHeaderDict(answer.headers.items()),
            status=answer.status,
            version=answer.version,
            reason=answer.reason,
            preload_content=False,
            original_response=answer,
            request_method=self._method,
        )


def _limit(sock: socket.socket, seconds: float | None) -> None:
    """Let each read and write take so long; setting it is a call of the system, at which threads switch."""
    if sock.gettimeout() != seconds:
        sock.settimeout(seconds)


class _Bytes(io.RawIOBase):
    """What comes from a socket; each read is allowed what is left of the time, or the socket's own limit."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._seconds = sock.gettimeout()
        self._ends_at: float = _current.ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole answer is over")
        _limit(self._sock, left if self._seconds is None else min(left, self._seconds))
        return self._sock.recv_into(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
