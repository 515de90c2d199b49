"""AirmeetClient: one HTTP exchange at a time, with a token that all threads share.

Neither a key, nor a token, nor a query string ever reaches an exception or a log line: what `requests` raises
is turned into an answer with a clean text.
"""

import logging
import threading
import time
from dataclasses import dataclass, replace

import requests
from requests.adapters import HTTPAdapter

from airmeet_source.answers import (
    Answer,
    Failed,
    TokenRejected,
    after_renewal,
    classify,
    parse_json,
    reason,
    retry_after,
)
from airmeet_source.endpoints import Endpoint
from airmeet_source.errors import KeysRefused, UsageError
from airmeet_source.records import pick
from airmeet_source.settings import REGIONS, Settings

log = logging.getLogger("airmeet_source")

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_TRUSTED_AGE = 300.0  # seconds: a 403 for a younger token need not be checked against the keys again


@dataclass(frozen=True)
class _Token:
    value: str
    obtained_at: float
    confirmed: bool = False  # obtained to find out whether a 403 meant that the keys are revoked


class AirmeetClient:
    """Asks one endpoint at a time; safe to use from many threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._token: _Token | None = None
        self._renewing = threading.Lock()
        self._failure: Failed | None = None  # of the last attempt to obtain a token
        self._failed_at = 0.0
        self._session = _session(settings.url)
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=settings.max_concurrency)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        self.requests = 0  # sent so far, token requests included

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def ask(self, endpoint: Endpoint, path: str, params: dict[str, str]) -> Answer:
        """Send one request, with a renewed token if the old one is rejected, and say what came back.

        Raises:
            KeysRefused: Airmeet does not accept the keys.
            UsageError: there is no Airmeet API at the address.
        """
        token = self._current_token(None)
        if isinstance(token, Failed):
            return token
        answer = self._get(endpoint, path, params, token)
        if not isinstance(answer, TokenRejected):
            return answer
        young = time.monotonic() - token.obtained_at < _TRUSTED_AGE
        if answer.status == 403 and young and (endpoint.plan_gated or token.confirmed):
            return after_renewal(endpoint, answer)
        token = self._current_token(token, confirms=answer.status == 403)
        if isinstance(token, Failed):
            return token
        answer = self._get(endpoint, path, params, token)
        return after_renewal(endpoint, answer) if isinstance(answer, TokenRejected) else answer

    def _current_token(self, rejected: _Token | None, *, confirms: bool = False) -> "_Token | Failed":
        """The token to use; the first thread whose token was rejected renews it for all."""
        asked_at = time.monotonic()
        with self._renewing:
            if self._failure is not None and self._failed_at > asked_at:
                return self._failure  # another thread has just tried
            if self._token is None or self._token is rejected:
                fresh = self._authenticate()
                if isinstance(fresh, Failed):
                    self._failure, self._failed_at = fresh, time.monotonic()
                    return fresh
                self._token = replace(fresh, confirmed=confirms)
            return self._token

    def _authenticate(self) -> "_Token | Failed":
        headers = {
            "X-Airmeet-Access-Key": self._settings.access_key,
            "X-Airmeet-Secret-Key": self._settings.secret_key,
        }
        response = self._send("POST", "/auth", headers, {})
        if isinstance(response, Failed):
            return response
        status, body = response.status_code, response.content
        try:
            payload = parse_json(body)
        except (ValueError, RecursionError):
            payload = None
        words = f"HTTP {status} at /auth: {reason(payload, body)}".rstrip(": ")
        if status in (400, 401, 403):
            raise KeysRefused(_KEYS_REFUSED.format(url=self._settings.url, words=words))
        if 300 <= status < 408 and self._token is None:
            raise UsageError(f"No Airmeet API at {self._settings.url} ({words}): check region and base_url.")
        if status == 429:
            return Failed(words, retry_after(response.headers), throttled=True)
        token = pick(payload, "token") or pick(pick(payload, "data"), "token")
        if status != 200 or not isinstance(token, str) or not token.isascii() or not token.isprintable():
            return Failed(words if status != 200 else f"the answer of /auth holds no token ({words})")
        return _Token(token, time.monotonic())

    def _get(self, endpoint: Endpoint, path: str, params: dict[str, str], token: _Token) -> Answer:
        response = self._send("GET", path, {"X-Airmeet-Access-Token": token.value}, params)
        if isinstance(response, Failed):
            return response
        return classify(endpoint, response.status_code, response.headers, response.content)

    def _send(
        self, method: str, path: str, headers: dict[str, str], params: dict[str, str]
    ) -> requests.Response | Failed:
        self.requests += 1
        started = time.monotonic()
        try:
            response = self._session.request(
                method,
                self._settings.url + path,
                params=params,
                headers={**_JSON, **headers},
                timeout=self._settings.request_timeout,
                allow_redirects=False,  # a redirect would carry our headers to another host
            )
        except requests.RequestException as error:
            return _network_failure(error, self._settings)
        log.debug("%s %s: HTTP %d in %.2f s", method, path, response.status_code, time.monotonic() - started)
        return response


def _session(url: str) -> requests.Session:
    """A session with the environment's proxies and certificates looked up once, not with each request."""
    session = requests.Session()
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify, session.cert = found["proxies"], found["verify"], found["cert"]
    session.trust_env = False
    return session


_KEYS_REFUSED = f"""\
Airmeet refuses the keys ({{words}}).
Asked: {{url}}. Keys belong to one region: is `region` right ({", ".join(REGIONS)})?
Check access_key and secret_key, or generate new ones: Integrations > API Access Key in the dashboard."""


def _network_failure(error: requests.RequestException, settings: Settings) -> Failed:
    """A clean text for what happened on the way; the exception's own text may hold the whole request."""
    host = settings.url.split("/")[2].rpartition("@")[2]
    if isinstance(error, requests.exceptions.SSLError):
        return Failed(f"the certificate of {host} is not trusted, or TLS failed")
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return Failed(f"no answer from {host} within {settings.request_timeout:g} s", timed_out=True)
    text = str(error).lower()
    if "resolve" in text or "name or service" in text or "getaddrinfo" in text:
        return Failed(f"the name {host} cannot be resolved")
    if "refused" in text:
        return Failed(f"{host} refuses connections")
    if isinstance(error, requests.exceptions.ProxyError):
        return Failed("the proxy cannot be reached")
    return Failed(f"the connection to {host} broke off ({type(error).__name__})")
