"""AirmeetClient: one HTTP exchange at a time, with a token that all threads share.

Neither a key, nor a token, nor a query string ever reaches an exception or a log line.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from airmeet_source.api.answers import (
    Answer,
    Failed,
    TokenRejected,
    after_renewal,
    classify,
    read_body,
    retry_after,
)
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.quoting import Quote, own_words
from airmeet_source.api.regions import REGIONS
from airmeet_source.api.transport import Transport
from airmeet_source.api.writing import Call, Declined, Reply, Unsure, classify_reply
from airmeet_source.disclosure.secrets import SECRETS
from airmeet_source.errors import KeysRefused, KeysRevoked, UsageError
from airmeet_source.fields import pick

_T = TypeVar("_T")

_LONGEST_TOKEN = 16_000  # characters: it is a header of each request
_TRUSTED_AGE = 300.0  # seconds: a 403 for a younger token need not be checked against the keys again


@dataclass(frozen=True)
class _Token:
    value: str
    obtained_at: float
    confirmed: bool = False  # obtained to find out whether a 403 meant that the keys are revoked


class AirmeetClient:
    """Asks one endpoint at a time; safe to use from many threads."""

    def __init__(
        self, transport: Transport, *, access_key: str, secret_key: str, quote: Quote = own_words
    ) -> None:
        self._transport = transport
        self._url = transport.url
        self._keys = {"X-Airmeet-Access-Key": access_key, "X-Airmeet-Secret-Key": secret_key}
        self._quote = quote  # the words of errors
        self._token: _Token | None = None
        self._renewing = threading.Lock()
        self._failure: Failed | None = None  # of the last attempt to obtain a token
        self._failed_at = 0.0
        self.requests = 0  # sent so far, token requests included
        self.server_clock = transport.server_clock

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def ask(self, endpoint: Endpoint, path: str, params: dict[str, str]) -> Answer:
        """Send one request, with a renewed token if the old one is rejected, and say what came back.

        Raises:
            KeysRefused: Airmeet does not accept the keys.
            UsageError: there is no Airmeet API at the address.
        """
        gated = endpoint.plan_gated
        answer = self._authorised(lambda token: self._get(endpoint, path, params, token), gated=gated)
        return after_renewal(endpoint, answer) if isinstance(answer, TokenRejected) else answer

    def send(self, call: Call) -> Reply:
        """Have something changed, with a renewed token if the old one is rejected, and say what came back.

        Raises:
            KeysRefused: Airmeet does not accept the keys.
            UsageError: there is no Airmeet API at the address.
        """
        reply = self._authorised(lambda token: self._send(call, token), gated=False)
        if isinstance(reply, Failed):  # there is no token, so nothing was sent
            return Unsure(reply, may_be_done=False)
        return Declined(reply.reason, reply.status) if isinstance(reply, TokenRejected) else reply

    def _authorised(self, exchange: Callable[[_Token], _T], *, gated: bool) -> _T | Failed:
        """Exchange something with a token, and if that is rejected, with a new one.

        ``gated``: a 403 may also speak of the community's plan.
        """
        token = self._current_token(None)
        if isinstance(token, Failed):
            return token
        answer = exchange(token)
        if not isinstance(answer, TokenRejected):
            return answer
        young = time.monotonic() - token.obtained_at < _TRUSTED_AGE
        if answer.status == 403 and young and (gated or token.confirmed):
            return answer
        token = self._current_token(token, confirms=answer.status == 403)
        return token if isinstance(token, Failed) else exchange(token)

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
        self.requests += 1
        response = self._transport.exchange("POST", "/auth", self._keys, {})
        if isinstance(response, Failed):
            return response
        status, wait = response.status, retry_after(response.headers)
        payload, is_the_apis = read_body(response.data)
        words = f"HTTP {status} at /auth: {self._quote(status, payload, response.data)}".removesuffix(": ")
        if not is_the_apis:  # a proxy or a web server knows neither our keys nor the address of the API
            return Failed(f"{words} (no JSON: if this does not pass, check region and base_url)", wait)
        if status in (400, 401, 403):
            refusal = KeysRefused if self._token is None else KeysRevoked
            raise refusal(_KEYS_REFUSED.format(url=self._url, words=words))
        if 300 <= status < 408 and self._token is None:
            raise UsageError(f"No Airmeet API at {self._url} ({words}): check region and base_url.")
        token = pick(payload, "token") or pick(pick(payload, "data"), "token")
        if status != 200:
            return Failed(words, wait, throttled=status == 429)
        is_header = isinstance(token, str) and token.isascii() and token.isprintable()
        if not is_header or len(token) > _LONGEST_TOKEN:
            return Failed(f"the answer of /auth holds no token ({words})")
        SECRETS.add(token)
        return _Token(token, time.monotonic())

    def _get(self, endpoint: Endpoint, path: str, params: dict[str, str], token: _Token) -> Answer:
        self.requests += 1
        response = self._transport.exchange("GET", path, {"X-Airmeet-Access-Token": token.value}, params)
        if isinstance(response, Failed):
            return response
        answer = classify(endpoint, response.status, response.headers, response.data, self._quote)
        return self._over_the_proxy(answer) if isinstance(answer, Failed) else answer

    def _send(self, call: Call, token: _Token) -> Reply | TokenRejected:
        self.requests += 1
        headers = {"X-Airmeet-Access-Token": token.value}
        response = self._transport.exchange(call.method, call.path, headers, {}, call.content)
        if isinstance(response, Failed):
            return Unsure(response)
        reply = classify_reply(call, response.status, response.headers, response.data, self._quote)
        return (
            replace(reply, failure=self._over_the_proxy(reply.failure))
            if isinstance(reply, Unsure)
            else reply
        )

    def _over_the_proxy(self, failure: Failed) -> Failed:
        proxy = self._transport.proxy
        return failure if proxy is None else replace(failure, reason=f"{failure.reason}, over {proxy}")


_KEYS_REFUSED = f"""\
Airmeet refuses the keys ({{words}}).
Asked: {{url}}. Keys belong to one region: is `region` right ({", ".join(REGIONS)})?
Check access_key and secret_key, or generate new ones: Integrations > API Access Key in the dashboard."""
