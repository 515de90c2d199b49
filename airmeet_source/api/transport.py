"""Transport: HTTP exchanges with one host over pooled connections.

`requests` makes the pool, once, for the way that :mod:`airmeet_source.api.route` finds. The exchanges go
straight to that pool, which is `urllib3`: preparing each of them with `requests` would take more CPU than
everything else that becomes of a page.

Neither a key, nor a token, nor a query string ever reaches an exception or a log line: what `urllib3` raises
is turned into an answer with a clean text.
"""

import logging
import re
import ssl
import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from requests.utils import default_headers
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPHeaderDict, Retry, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from airmeet_source.api.answers import Failed
from airmeet_source.api.route import Proxy, route_to
from airmeet_source.api.server_clock import ServerClock
from airmeet_source.api.wire import limited, read_with_care
from airmeet_source.errors import UsageError

log = logging.getLogger("airmeet_source")

_TIMES_THE_TIMEOUT = 5  # so long may a whole exchange take
_HEADERS = {
    **default_headers(),
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
}
_CODINGS = {"", "identity", "gzip", "x-gzip", "deflate"}  # which `urllib3` unpacks a piece at a time
_PIECE = 65_536  # bytes
_NO_RETRIES = Retry.from_int(retries=False, redirect=False)  # made once, and not for every request
_REFUSED_BY_PROXY = re.compile(r"tunnel connection failed: (\d{3})", re.IGNORECASE)
_PERSON = re.compile(r"/[^/]*%40[^/]*", re.IGNORECASE)
_UNTRUSTED = re.compile(r"certificate verify failed: ([\w ,'.*-]{1,120})")


@dataclass(frozen=True)
class _Line:
    """A pool of connections, and how the urls of requests over it begin."""

    pool: HTTPConnectionPool
    prefix: str


@dataclass(frozen=True, kw_only=True)
class Received:
    """An answer, read to its end and unpacked."""

    status: int
    headers: HTTPHeaderDict
    data: bytes


class _TooMuch(HTTPError):
    """The answer is not read to its end. The text says why."""


class Transport(HTTPAdapter):
    """Sends requests to one host; safe to use from many threads.

    ``timeout`` (seconds), ``most_mb`` and ``system_certificates``: see the settings.

    Raises:
        UsageError: the environment names a proxy or certificates that cannot be used.
    """

    def __init__(
        self,
        url: str,
        connections: int,
        timeout: float,
        *,
        most_mb: float = 128.0,
        system_certificates: bool = False,
    ) -> None:
        super().__init__(pool_connections=1, pool_maxsize=connections)
        self.url = url
        self._host = url.split("/")[2].rpartition("@")[2]
        self._route = route_to(url, system_certificates=system_certificates)
        self._timeout = Timeout(connect=timeout, read=timeout)
        self._seconds = timeout
        self._most_seconds = _TIMES_THE_TIMEOUT * timeout
        self._most_mb = most_mb
        self._was_answered = False
        self.server_clock = ServerClock()

    @property
    def proxy(self) -> Proxy | None:
        """The proxy that requests go over."""
        return self._route.proxy

    @cached_property
    def _line(self) -> _Line:
        proxies, verify = self._route.proxies, self._route.certificates
        request = requests.Request("GET", self.url).prepare()
        found = self.get_connection_with_tls_context(request, verify, proxies=proxies)
        pool = cast(HTTPConnectionPool, found)
        if self._route.context is None:
            self.cert_verify(pool, request.url, verify, None)  # type: ignore[no-untyped-call]
        else:
            pool.conn_kw["ssl_context"] = self._route.context
        read_with_care(pool)
        return _Line(pool, self.request_url(request, proxies).rstrip("/"))

    def exchange(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        params: dict[str, str],
        body: bytes | None = None,
    ) -> Received | Failed:
        """Send one request and read its answer to the end.

        Raises:
            UsageError: the proxy wants a user and a password.
        """
        started = time.monotonic()
        try:
            line = self._line
            with limited(self._most_seconds):
                response = line.pool.urlopen(
                    method,
                    f"{line.prefix}{path}?{urlencode(params)}" if params else line.prefix + path,
                    body=body,
                    headers={**_HEADERS, **headers},
                    timeout=self._timeout,
                    retries=_NO_RETRIES,
                    redirect=False,  # a redirect would carry our headers to another host
                    assert_same_host=False,
                    preload_content=False,
                )
                data = self._read(response)
        except (HTTPError, requests.RequestException, OSError) as error:
            return self._failure(error, time.monotonic() - started)
        if response.status == 407 and self.proxy is not None:
            return self._locked_out(self.proxy)
        self._was_answered = True
        self.server_clock.set_by(response.headers)
        if log.isEnabledFor(logging.DEBUG):
            seconds = time.monotonic() - started
            log.debug("%s %s: HTTP %d in %.2f s", method, _without_people(path), response.status, seconds)
        return Received(status=response.status, headers=response.headers, data=data)

    def _read(self, response: BaseHTTPResponse) -> bytes:
        """The body, unpacked, as long as it is not too large."""
        try:
            codings = response.headers.get("Content-Encoding", "")
            for coding in codings.split(","):
                if coding.strip().lower() not in _CODINGS:
                    raise _TooMuch(f"{self._host} answers in an encoding that it was not asked for")
            pieces, size = [], 0
            while piece := response.read(_PIECE, decode_content=bool(codings)):
                pieces.append(piece)
                size += len(piece)
                if size > self._most_mb * 1_000_000:
                    raise _TooMuch(f"the answer has more than {self._most_mb:g} MB (max_response_mb)")
                if response.length_remaining == 0 and not codings:
                    break
        except BaseException:
            response.close()  # what is left of it must not be taken for the next answer
            raise
        response.release_conn()
        return b"".join(pieces)

    def _failure(self, error: Exception, seconds: float) -> Failed:
        """A clean text for what happened on the way; the exception's own text may hold the whole request."""
        if isinstance(error, _TooMuch):
            return Failed(str(error), overtaxed=True)
        text = str(error)
        proxy, refused = self.proxy, _REFUSED_BY_PROXY.search(text)
        if proxy is not None and refused is not None:
            if refused[1] == "407":
                return self._locked_out(proxy)
            return Failed(f"{proxy} does not connect to {self._host} (HTTP {refused[1]})")
        if proxy is not None and isinstance(error, ProxyError):
            return self._on_the_way_to(str(proxy), error.original_error, seconds)
        failed = self._on_the_way_to(self._host, error, seconds)
        return failed if proxy is None else replace(failed, reason=f"{failed.reason}, over {proxy}")

    def _on_the_way_to(self, host: str, error: Exception, seconds: float) -> Failed:
        text = str(error).lower()
        if isinstance(error, SSLError | ssl.SSLError):
            untrusted = _UNTRUSTED.search(str(error))
            if untrusted is None:
                return Failed(f"TLS with {host} fails")
            return Failed(f"the certificate of {host} is not trusted ({untrusted[1].strip()}). {_TRUST}")
        # urllib3 takes a connection that is refused for one that is not made in time
        late = isinstance(error, ConnectTimeoutError | ReadTimeoutError | TimeoutError)
        if late and not isinstance(error, NewConnectionError):
            if seconds >= self._most_seconds:
                said = f"the answer from {host} did not end within {self._most_seconds:g} s"
            else:
                said = f"no answer from {host} within {self._seconds:g} s"
            return Failed(said, overtaxed=True)
        if "resolve" in text or "name or service" in text or "getaddrinfo" in text:
            return Failed(f"the name of {host} cannot be resolved")
        if "refused" in text:
            return Failed(f"{host} refuses connections")
        return Failed(f"the connection to {host} broke off ({type(error).__name__})", overtaxed=True)

    def _locked_out(self, proxy: Proxy) -> Failed:
        wants = "refuses the user and the password" if proxy.has_user else "wants a user and a password"
        reason = f"{proxy} {wants} (HTTP 407)"
        if self._was_answered:
            return Failed(reason)
        raise UsageError(
            f"{reason[0].upper()}{reason[1:]}.\n"
            f"Put them into its address, as in HTTPS_PROXY=http://user:password@{proxy.name}."
        )


def _without_people(path: str) -> str:
    """The path without an address in it."""
    return _PERSON.sub("/…", path)


_TRUST = (
    "If an authority of your own signs it, set REQUESTS_CA_BUNDLE to a file with its certificate, "
    "or system_certificates to true"
)
