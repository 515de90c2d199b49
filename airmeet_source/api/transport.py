"""Transport: HTTP exchanges with one host over pooled connections.

`requests` finds out what the environment says of proxies and certificates and makes the pool, once. The
exchanges go straight to that pool, which is `urllib3`: preparing each of them with `requests` would take more
CPU than everything else that becomes of a page.

Neither a key, nor a token, nor a query string ever reaches an exception or a log line: what `urllib3` raises
is turned into an answer with a clean text.
"""

import logging
import time
from dataclasses import dataclass
from functools import cached_property
from typing import cast
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from requests.utils import default_headers
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from airmeet_source.api.answers import Failed
from airmeet_source.api.server_clock import ServerClock
from airmeet_source.api.wire import limited, read_with_care

log = logging.getLogger("airmeet_source")

_TIMES_THE_TIMEOUT = 5  # so long may a whole exchange take
_HEADERS = {**default_headers(), "Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True)
class _Line:
    """A pool of connections, and how the urls of requests over it begin."""

    pool: HTTPConnectionPool
    prefix: str


class Transport(HTTPAdapter):
    """Sends requests to one host; safe to use from many threads. ``timeout``: seconds, see the settings."""

    def __init__(self, url: str, connections: int, timeout: float) -> None:
        super().__init__(pool_connections=1, pool_maxsize=connections)
        self._url = url
        self._timeout = Timeout(connect=timeout, read=timeout)
        self._seconds = timeout
        self.server_clock = ServerClock()
        self._most_seconds = _TIMES_THE_TIMEOUT * timeout

    @cached_property
    def _line(self) -> _Line:
        with requests.Session() as session:
            found = session.merge_environment_settings(self._url, {}, None, None, None)
        proxies, verify, cert = found["proxies"], found["verify"], found["cert"]
        request = requests.Request("GET", self._url).prepare()
        pool = self.get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
        self.cert_verify(pool, request.url, verify, cert)  # type: ignore[no-untyped-call]
        read_with_care(cast(HTTPConnectionPool, pool))
        return _Line(cast(HTTPConnectionPool, pool), self.request_url(request, proxies).rstrip("/"))

    def exchange(
        self, method: str, path: str, headers: dict[str, str], params: dict[str, str]
    ) -> BaseHTTPResponse | Failed:
        """Send one request and read its answer to the end."""
        started = time.monotonic()
        try:
            line = self._line
            with limited(self._most_seconds):
                response = line.pool.urlopen(
                    method,
                    f"{line.prefix}{path}?{urlencode(params)}" if params else line.prefix + path,
                    headers={**_HEADERS, **headers},
                    timeout=self._timeout,
                    retries=False,
                    redirect=False,  # a redirect would carry our headers to another host
                    assert_same_host=False,
                )
        except (HTTPError, requests.RequestException, OSError) as error:
            return self._failure(error, time.monotonic() - started)
        self.server_clock.set_by(response.headers)
        log.debug("%s %s: HTTP %d in %.2f s", method, path, response.status, time.monotonic() - started)
        return response

    def _failure(self, error: Exception, seconds: float) -> Failed:
        """A clean text for what happened on the way; the exception's own text may hold the whole request."""
        host = self._url.split("/")[2].rpartition("@")[2]
        if isinstance(error, SSLError):
            return Failed(f"the certificate of {host} is not trusted, or TLS failed")
        # urllib3 takes a connection that is refused for one that is not made in time
        late = isinstance(error, ConnectTimeoutError | ReadTimeoutError)
        if late and not isinstance(error, NewConnectionError):
            if seconds >= self._most_seconds:
                said = f"the answer from {host} did not end within {self._most_seconds:g} s"
            else:
                said = f"no answer from {host} within {self._seconds:g} s"
            return Failed(said, overtaxed=True)
        text = str(error).lower()
        if "resolve" in text or "name or service" in text or "getaddrinfo" in text:
            return Failed(f"the name {host} cannot be resolved")
        if "refused" in text:
            return Failed(f"{host} refuses connections")
        if isinstance(error, ProxyError):
            return Failed("the proxy cannot be reached")
        return Failed(f"the connection to {host} broke off ({type(error).__name__})", overtaxed=True)
