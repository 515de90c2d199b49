"""Settings: from arguments, environment variables, ``.dlt/secrets.toml`` and ``.dlt/config.toml``."""

import math
import re
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, cast, get_args, get_type_hints
from urllib.parse import urlsplit

import dlt

from airmeet_source.api.regions import REGIONS, Api
from airmeet_source.errors import UsageError
from airmeet_source.model.privacy import Mode, Privacy

SECTION = "sources.airmeet"


_NO_KEYS = """\
No Airmeet keys: sources.airmeet.access_key and sources.airmeet.secret_key are not set.
Get them in Airmeet's community dashboard: Integrations > API Access Key > Generate access key.
Set SOURCES__AIRMEET__ACCESS_KEY and SOURCES__AIRMEET__SECRET_KEY, or fill in .dlt/secrets.toml (see .dlt/secrets.toml.example)."""  # noqa: E501 - one line to copy


@dataclass(frozen=True)
class Settings:
    """Everything that can be set in section ``sources.airmeet``; the defaults suit a daily run."""

    access_key: str = ""
    secret_key: str = ""
    region: str = "default"
    base_url: str = ""
    pending_wait: float = 300.0  # seconds between asks for a result in preparation
    pending_timeout: float = 1800.0  # seconds until a unit is left pending for the next run
    max_concurrency: int = 8  # requests in flight
    request_timeout: float = 65.0  # seconds to connect, and between two reads; the proxy's limit is 60
    max_attempts: int = 6
    backoff: float = 1.0  # seconds, first pause; doubles with each attempt
    settle_days: float = 7.0  # days after the end until attendance, polls … are final
    replay_days: float = 90.0  # days after the end until registrations, UTM, replays, recordings are final
    reread_hours: float = 20.0
    include_entry_links: bool = False
    pii: str = "keep"
    pii_salt: str = ""

    def __repr__(self) -> str:
        """Never shows the keys."""
        return f"Settings(region={self.region!r}, base_url={self.url!r})"

    @property
    def url(self) -> str:
        """The prefix of every request."""
        return (self.base_url or REGIONS[self.region].url).rstrip("/")

    @property
    def api(self) -> Api:
        """The version of the API, which decides what resources there are, wherever ``base_url`` leads."""
        return REGIONS[self.region].api

    @cached_property
    def privacy(self) -> Privacy:
        """What to do with personal data. Dropping needs a salt for keys; any secret that stays will do."""
        return Privacy(cast(Mode, self.pii), self.pii_salt or self.secret_key)


_KEYS = ("access_key", "secret_key")
_SECRETS = (*_KEYS, "pii_salt")
_SHORTEST_SALT = 16
_ABOVE_ZERO = ("request_timeout", "max_concurrency", "max_attempts")


def resolve_settings(**explicit: Any) -> Settings:
    """Explicit values first, then what dlt's configuration providers hold under ``sources.airmeet``.

    dlt's own injection would fall back to bare names, and a ``SECRET_KEY`` or ``BASE_URL`` of some other
    program in the environment would be taken for ours and sent to Airmeet: so exact names are asked for.

    Raises:
        UsageError: a value is missing or makes no sense.
    """
    unknown = sorted(set(explicit) - {field.name for field in fields(Settings)})
    if unknown:
        raise UsageError(f"Unknown setting {', '.join(unknown)}.")
    values: dict[str, Any] = {}
    for field in fields(Settings):
        value = explicit.get(field.name)
        if value is None:
            accessor = dlt.secrets if field.name in _SECRETS else dlt.config
            value = accessor.get(f"{SECTION}.{field.name}")
        if value is not None:
            values[field.name] = _typed(field.name, value)
    settings = Settings(**values)
    _validate(settings)
    return settings


def _typed(name: str, value: Any) -> Any:
    wanted = get_type_hints(Settings)[name]
    text = str(value).strip()
    if wanted is str:
        return text
    if wanted is bool:
        if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise UsageError(f"{SECTION}.{name} must be true or false, not {text!r}.")
        return text.lower() in ("true", "1", "yes")
    try:
        number = float(text)
    except ValueError:
        raise UsageError(f"{SECTION}.{name} must be a number, not {text!r}.") from None
    if not math.isfinite(number) or number < 0 or (wanted is int and not number.is_integer()):
        raise UsageError(
            f"{SECTION}.{name} must be a {'whole ' * (wanted is int)}number from 0, not {text!r}."
        )
    return wanted(number)


def _validate(settings: Settings) -> None:
    if settings.region not in REGIONS:
        raise UsageError(f"Unknown region {settings.region!r}: use one of {', '.join(REGIONS)}.")
    _validate_base_url(settings.base_url)
    if settings.pii not in get_args(Mode):
        raise UsageError(f"{SECTION}.pii must be {', '.join(get_args(Mode))}, not {settings.pii!r}.")
    if settings.pii == "hash" and len(settings.pii_salt) < _SHORTEST_SALT:
        raise UsageError(
            f"{SECTION}.pii = hash needs a secret {SECTION}.pii_salt of at least {_SHORTEST_SALT} letters."
        )
    for name in _ABOVE_ZERO:
        if not getattr(settings, name):
            raise UsageError(f"{SECTION}.{name} must be more than 0.")
    if not settings.access_key or not settings.secret_key:
        raise UsageError(_NO_KEYS)
    for name in _KEYS:
        if not re.fullmatch("[!-~]+", getattr(settings, name)):
            raise UsageError(f"{SECTION}.{name} holds white space or letters that no Airmeet key has.")


def _validate_base_url(base_url: str) -> None:
    if not base_url:
        return
    try:
        parts = urlsplit(base_url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("base_url must be an address such as https://api-gateway.airmeet.com/prod.")
    if parts.username or parts.password or parts.query:
        raise UsageError("base_url must hold neither a user, a password nor a query string.")
