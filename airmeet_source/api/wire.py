"""Answers as they come over the wire: the final ones, within a limit of time.

`urllib3` limits how long each read of a socket may take. A server that sends a byte from time to time, in
the body, in a header or in interim answers without end, would keep a thread for ever. And `http.client`
takes every interim answer but 100 for the final one, which then lies on the connection and becomes the answer
to the next request.
"""

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse, parse_headers
from typing import Any

from urllib3 import HTTPConnectionPool

_SWITCHING_PROTOCOLS = 101  # is final
_MOST_INTERIM = 100  # before the final answer

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
    pool.ConnectionCls = type(kind.__name__, (kind,), {"response_class": _Response})


class _Response(HTTPResponse):
    """Reads the final answer from a socket as long as there is time."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Bytes(self.fp.detach(), sock))

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status >= 200 or status == _SWITCHING_PROTOCOLS:
                return version, status, reason
            parse_headers(self.fp)
        raise HTTPException("interim answers without end")


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
        self._sock.settimeout(left if self._seconds is None else min(left, self._seconds))
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()
