"""Downloads: one request for a file or for the rest of one, over redirects, without any header of ours.

A link is a secret: whoever has it can download the file. None of it but the name of the host reaches a
message or a log line.
"""

import logging
import re
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, LocationParseError, ReadTimeoutError
from urllib3.exceptions import SSLError as TlsError

from airmeet_source.api.answers import Failed, retry_after
from airmeet_source.api.route import Route, route_to

MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (408, 425, 429)
_PIECE = 65_536  # bytes
_TIMES_THE_TIMEOUT = 5  # so long may it take until there is progress that deserves the name
_SLOWEST = 1_000  # bytes a second
_BEGINNINGS = (b"<", b"{", b"[")  # of pages and messages
_TEXT = re.compile(r"(text/|application/(json|xml)\b|[^;]*\+(json|xml)\b)", re.IGNORECASE)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True, kw_only=True)
class Part:
    """The part of a file that is there already. ``etag``: a strong one; ``size``: of the whole file."""

    length: int
    etag: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An answer with a file or the rest of one.

    Attributes:
        response: Whose body is still to be read.
        start: Where in the file it begins.
        size: Of the whole file; None: its end will show.
        etag: A strong one.
        is_doubtful: Whether it calls itself a text, which many servers do with whatever they do not know.
    """

    response: requests.Response
    start: int
    size: int | None
    etag: str | None
    is_doubtful: bool = False


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The link is not good, or not any more."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Astray:
    """The link leads nowhere where a file could be."""

    reason: str


class Broken(Exception):
    """The transfer broke off. The text says why."""


_sending = threading.local()  # `is_ours`: whether this thread is about to send a link


def _is_without_links(_record: logging.LogRecord) -> bool:
    return not getattr(_sending, "is_ours", False)


# it logs whole addresses
logging.getLogger("urllib3.connectionpool").addFilter(_is_without_links)


class Downloads(HTTPAdapter):
    """Follows links; safe to use from many threads.

    ``timeout`` (seconds) and ``system_certificates``: see the settings.
    """

    def __init__(self, connections: int, timeout: float, *, system_certificates: bool = False) -> None:
        super().__init__(pool_maxsize=connections)
        self._timeout = timeout
        self._system_certificates = system_certificates
        self._context: ssl.SSLContext | None = None

    def open(self, link: str, part: Part | None = None) -> Opened | Refused | Astray | Failed:
        """Ask for a file, or for what is missing of it; if that cannot be had, the file begins anew.

        Raises:
            UsageError: the environment names a proxy or certificates that cannot be used.
        """
        headers = {"Accept-Encoding": "identity"}
        if part is not None:
            headers |= {"Range": f"bytes={part.length}-", "If-Range": part.etag}
        address = link
        for _ in range(MOST_REDIRECTS + 1):
            response = self._get(address, headers)
            if not isinstance(response, requests.Response):
                return response
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or location is None:
                break
            response.close()
            address = _joined(address, location)
        else:
            return Astray(reason=f"the link leads over more than {MOST_REDIRECTS} redirects")
        opened = self._taken(response, part)
        if not isinstance(opened, Opened):
            response.close()
        return self.open(link) if opened is None else opened

    def pieces(self, opened: Opened) -> Iterator[bytes]:
        """The bytes of an answer, as they come.

        Raises:
            Broken: they do not come to their end.
        """
        stream = opened.response.raw
        since, came, is_doubtful = time.monotonic(), 0, opened.is_doubtful
        try:
            while piece := stream.read1(_PIECE, decode_content=False):
                if is_doubtful and piece.lstrip().startswith(_BEGINNINGS):
                    raise Broken("what comes is no recording, but a page or a message")
                is_doubtful = False
                yield piece
                came += len(piece)
                seconds = time.monotonic() - since
                if seconds > _TIMES_THE_TIMEOUT * self._timeout:
                    if came < _SLOWEST * seconds:
                        raise Broken(f"hardly anything came for {seconds:.0f} s")
                    since, came = time.monotonic(), 0
        except (HTTPError, OSError) as error:
            raise Broken(self._why(error, "the server")) from None
        finally:
            opened.response.close()

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """As `requests` has it, unless the operating system's certificates are wanted."""
        if self._context is None:
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
        else:
            conn.conn_kw["ssl_context"] = self._context

    def _get(self, address: str, headers: dict[str, str]) -> requests.Response | Astray | Failed:
        host = ""
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
            if parts.scheme.lower() not in ("http", "https") or not host:
                return Astray(reason="the link leads to no address on the web")
            route = self._route(address)
            request = requests.Request("GET", address, headers=headers).prepare()
            timeout = (self._timeout, self._timeout)
            _sending.is_ours = True
            return self.send(
                request, stream=True, timeout=timeout, verify=route.certificates, proxies=route.proxies
            )
        except (LocationParseError, ValueError):  # also those of `requests`
            return Astray(reason="the link leads to no address on the web")
        except (requests.RequestException, HTTPError, OSError) as error:
            return Failed(self._why(error, host))
        finally:
            _sending.is_ours = False

    def _route(self, address: str) -> Route:
        route = route_to(address, system_certificates=self._system_certificates)
        self._context = self._context or route.context
        return route

    def _taken(self, response: requests.Response, part: Part | None) -> Opened | Refused | Failed | None:
        """What an answer is; None: what is missing cannot be had by itself."""
        status, headers = response.status_code, response.headers
        if status == 416 and part is not None:
            return None
        if status in _PASSING or status >= 500:
            return Failed(f"HTTP {status} for the file", retry_after(headers), throttled=status == 429)
        if status not in (200, 206):
            return Refused(reason=f"HTTP {status} for the file")
        if headers.get("Content-Encoding", "identity").lower() != "identity":
            return Failed("the file comes in an encoding that it was not asked for in")
        etag = headers.get("ETag", "")
        etag = etag if etag.startswith('"') else ""
        if status == 206:
            return self._rest(response, part, etag)
        size = _length(headers.get("Content-Length"))
        if size is None and not response.raw.chunked:
            return Failed("the server does not say how long the file is")
        is_text = _TEXT.match(headers.get("Content-Type", "")) is not None
        return Opened(response=response, start=0, size=size, etag=etag or None, is_doubtful=is_text)

    def _rest(self, response: requests.Response, part: Part | None, etag: str) -> Opened | Failed | None:
        if part is None:
            return Failed("a part of the file came where all of it was asked for")
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != part.length or etag != part.etag:
            return None
        if found[3] not in ("*", str(part.size)):
            return None
        return Opened(response=response, start=part.length, size=part.size, etag=etag)

    def _why(self, error: Exception, host: str) -> str:
        if isinstance(error, ReadTimeoutError | TimeoutError | requests.Timeout):
            return f"nothing came from {host} for {self._timeout:g} s"
        if isinstance(error, TlsError | ssl.SSLError | requests.exceptions.SSLError):
            return f"TLS with {host} fails"
        return f"the connection to {host} broke off ({type(error).__name__})"


def _joined(address: str, location: str) -> str:
    try:
        return urljoin(address, location)
    except ValueError:
        return location


def _length(header: str | None) -> int | None:
    return int(header) if header is not None and header.isascii() and header.isdecimal() else None
