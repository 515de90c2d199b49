"""Keys and tokens, and the results that Airmeet takes its time to prepare."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from airmeet_sandbox.clock import SandboxClock
from airmeet_sandbox.seeds import key

if TYPE_CHECKING:
    from airmeet_sandbox.quirks import PendingShape

TOKEN_LIFE = timedelta(days=30).total_seconds()

_SHAPES: "tuple[PendingShape, ...]" = ("status_and_body", "status_only", "body_only")


class ApiError(Exception):
    """A refusal in the API's own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Access:
    """One community's pair of keys and the tokens issued for it."""

    def __init__(self, seed: int, clock: SandboxClock) -> None:
        self.access_key = f"sandbox-access-{key(seed, 'access key'):016x}"
        self.secret_key = f"sandbox-secret-{key(seed, 'secret key'):016x}"
        self._clock = clock
        self._seed = seed
        self._revoked = False
        self._issued: dict[str, float] = {}

    def issue(self, headers: Mapping[str, str]) -> str:
        """A token for the keys in the headers."""
        access, secret = headers.get("x-airmeet-access-key"), headers.get("x-airmeet-secret-key")
        if not access or not secret:
            raise ApiError(400, "X-Airmeet-Access-Key and X-Airmeet-Secret-Key are required")
        if (access, secret) != (self.access_key, self.secret_key):
            raise ApiError(400, "Access key or secret key is wrong")
        if self._revoked:
            raise ApiError(403, "Access key has been revoked")
        token = f"sandbox-token-{key(self._seed, 'token', len(self._issued)):016x}"
        self._issued[token] = self._clock.timestamp()
        return token

    def check(self, token: str | None, bad_token_status: int) -> None:
        """Refuse a token that is missing, unknown, of revoked keys or too old."""
        issued = self._issued.get(token or "")
        if issued is None or self._revoked:
            raise ApiError(bad_token_status, "Access token is not known")
        if self._clock.timestamp() >= issued + TOKEN_LIFE:
            raise ApiError(412, "Access token has expired")

    def expire_tokens(self) -> None:
        """Let all tokens be 30 days old."""
        self._issued = dict.fromkeys(self._issued, float("-inf"))

    def revoke_keys(self, *, revoked: bool = True) -> None:
        """Revoke the keys (403 at /auth) together with their tokens, or give them back."""
        self._revoked = revoked


class Preparation:
    """Which units have been asked for, and which results are ready. A unit is a path."""

    def __init__(self, clock: SandboxClock, prepare_seconds: float, prepared_seconds: float) -> None:
        self._clock = clock
        self.prepare_seconds = prepare_seconds
        self.prepared_seconds = prepared_seconds
        self._asked: dict[str, float] = {}

    def is_ready(self, unit: str) -> bool:
        """Whether the unit's result is there; the first question sets Airmeet to work on it."""
        if self.prepare_seconds <= 0:
            return True
        now = self._clock.timestamp()
        asked = self._asked.get(unit)
        if asked is None or now >= asked + self.prepare_seconds + self.prepared_seconds:
            self._asked[unit] = now
            return False
        return now >= asked + self.prepare_seconds

    def forget(self) -> None:
        """Throw away all prepared results."""
        self._asked.clear()


def pending_shape(unit: str) -> "PendingShape":
    """In which of the observed shapes this unit says that it is not ready."""
    return _SHAPES[key("pending", unit) % len(_SHAPES)]
