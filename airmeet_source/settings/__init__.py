"""Settings: from arguments, environment variables, ``.dlt/secrets.toml`` and ``.dlt/config.toml``."""

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from functools import cached_property
from typing import Any, TypedDict, cast, get_args
from urllib.parse import urlsplit

import dlt

from airmeet_source.api.regions import REGIONS, Api
from airmeet_source.api.route import is_loopback
from airmeet_source.communities import (
    DEFAULT,
    SECTION,
    community_in_use,
    configured,
    require_name,
    section_of,
)
from airmeet_source.disclosure.credentials import learn_secret
from airmeet_source.errors import UsageError
from airmeet_source.model.privacy import Mode, Privacy
from airmeet_source.settings.checks import (
    Check,
    above_zero,
    name_of_community,
    one_of,
    plain_address,
    plain_hook,
    plain_key,
)
from airmeet_source.spelling import did_you_mean

_NO_KEYS = """\
No Airmeet keys: sources.airmeet.access_key and sources.airmeet.secret_key are not set.
Get them in Airmeet's community dashboard: Integrations > API Access Key > Generate access key.
Set SOURCES__AIRMEET__ACCESS_KEY and SOURCES__AIRMEET__SECRET_KEY, or fill in .dlt/secrets.toml (see .dlt/secrets.toml.example)."""  # noqa: E501 - one line to copy

_NO_KEYS_OF = """\
No keys of community {name}: set {section}.access_key and .secret_key, as environment variables \
{variable}__ACCESS_KEY and __SECRET_KEY or in .dlt/secrets.toml{hint}"""


def _setting(default: Any, check: Check | None = None, *, secret: bool = False) -> Any:
    """A field of the settings with what its value has to be, beyond its type."""
    return field(default=default, metadata={"check": check, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set in section ``sources.airmeet``; the defaults suit a daily run.

    Numbers are finite and not below zero.
    """

    community: str = _setting(DEFAULT, name_of_community)
    access_key: str = _setting("", plain_key, secret=True)
    secret_key: str = _setting("", plain_key, secret=True)
    region: str = _setting("default", one_of(*REGIONS))
    base_url: str = _setting("", plain_address)
    pending_wait: float = _setting(300.0)  # seconds between asks for a result in preparation
    pending_timeout: float = _setting(1800.0)  # seconds until a unit is left pending for the next run
    max_concurrency: int = _setting(8, above_zero)  # requests in flight
    request_timeout: float = _setting(65.0, above_zero)  # seconds; the limit of Airmeet's proxy is 60
    max_attempts: int = _setting(6, above_zero)
    backoff: float = _setting(1.0)  # seconds, first pause; doubles with each attempt
    settle_days: float = _setting(7.0)  # days after the end until attendance, polls … are final
    replay_days: float = _setting(90.0)  # the same for registrations, UTM, replays, recordings
    reread_hours: float = _setting(20.0)
    tail_hours: float = _setting(20.0)
    log_days: float = _setting(90.0)  # days until rows of sync_log and runs are deleted
    max_response_mb: float = _setting(128.0, above_zero)  # of an answer, unpacked
    system_certificates: bool = _setting(default=False)
    allow_http: bool = _setting(default=False)
    include_entry_links: bool = _setting(default=False)
    pii: str = _setting("keep", one_of(*get_args(Mode)))
    pii_salt: str = _setting("", secret=True)
    notify_url: str = _setting("", plain_hook, secret=True)
    notify_after_hours: float = _setting(24.0)  # that something is pending until somebody is told

    def __repr__(self) -> str:
        """Never shows the keys."""
        return f"Settings(community={self.community!r}, region={self.region!r}, base_url={self.url!r})"

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


class SettingsArguments(TypedDict, total=False):
    """The same as arguments of a function that hands them on."""

    community: str
    access_key: str
    secret_key: str
    region: str
    base_url: str
    pending_wait: float
    pending_timeout: float
    max_concurrency: int
    request_timeout: float
    max_attempts: int
    backoff: float
    settle_days: float
    replay_days: float
    reread_hours: float
    tail_hours: float
    log_days: float
    max_response_mb: float
    system_certificates: bool
    allow_http: bool
    include_entry_links: bool
    pii: str
    pii_salt: str
    notify_url: str
    notify_after_hours: float


_SHORTEST_SALT = 16


def resolve_settings(**explicit: Any) -> Settings:
    """Explicit values first, then what dlt's configuration providers hold under ``sources.airmeet``.

    dlt's own injection would fall back to bare names, and a ``SECRET_KEY`` or ``BASE_URL`` of some other
    program in the environment would be taken for ours and sent to Airmeet: so exact names are asked for.

    Raises:
        UsageError: a value is missing or makes no sense.
    """
    return _with_keys(_resolved(**explicit))


def resolve_settings_of_rows(**explicit: Any) -> Settings:
    """The same for who asks nothing of Airmeet: the keys may be missing, unless rows are made by them.

    Raises:
        UsageError: a value is missing or makes no sense.
    """
    settings = _resolved(**explicit)
    is_made_by_keys = settings.pii == "drop" and not settings.pii_salt
    return _with_keys(settings) if is_made_by_keys else settings


def _resolved(**explicit: Any) -> Settings:
    known = [setting.name for setting in fields(Settings)]
    for name in explicit:
        if name not in known:
            raise UsageError(f"Unknown setting {name}{did_you_mean(name, known)}")
    community = require_name(community_in_use(explicit.get("community")))
    found = (
        (setting, _found(setting, section_of(community, setting.name), explicit))
        for setting in fields(Settings)
    )
    values = {setting.name: value for setting, value in found if value is not None}
    return _consistent(Settings(**{**values, "community": community}))


def notify_url_of(**explicit: Any) -> str:
    """Whom to tell that the settings make no sense; empty if nobody, or if this one makes none either."""
    setting = next(setting for setting in fields(Settings) if setting.name == "notify_url")
    try:
        return _found(setting, SECTION, explicit) or ""
    except UsageError:
        return ""


def _found(setting: Field[Any], section: str, explicit: Mapping[str, Any]) -> Any:
    """The value of a setting; None if nobody has set it."""
    name = f"{section}.{setting.name}"
    value = explicit.get(setting.name)
    if value is None:
        value = (dlt.secrets if setting.metadata["secret"] else dlt.config).get(name)
    if value is None:
        return None
    if setting.metadata["secret"]:
        learn_secret(str(value))
    return _checked(setting, name, value)


def _checked(setting: Field[Any], name: str, value: Any) -> Any:
    typed = _typed(type(setting.default), name, str(value).strip())
    check: Check | None = setting.metadata["check"]
    if check is not None:
        check(name, typed)
    return typed


def _typed(wanted: type, name: str, text: str) -> Any:
    if wanted is str:
        return text
    if wanted is bool:
        if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise UsageError(f"{name} must be true or false, not {text!r}.")
        return text.lower() in ("true", "1", "yes")
    try:
        number = float(text)
    except ValueError:
        raise UsageError(f"{name} must be a number, not {text!r}.") from None
    whole = "whole " if wanted is int else ""
    if not math.isfinite(number) or number < 0 or (whole and not number.is_integer()):
        raise UsageError(f"{name} must be a {whole}number from 0, not {text!r}.")
    return wanted(number)


def _consistent(settings: Settings) -> Settings:
    """The settings, if they agree with one another."""
    if settings.pii == "hash" and len(settings.pii_salt) < _SHORTEST_SALT:
        raise UsageError(
            f"{SECTION}.pii = hash needs a secret {SECTION}.pii_salt of at least {_SHORTEST_SALT} letters."
        )
    address = urlsplit(settings.url)
    if address.scheme == "http" and not settings.allow_http and not is_loopback(address.hostname or ""):
        raise UsageError(
            f"base_url begins with http://, so the keys would travel to {address.hostname} for all to read.\n"
            "Use https://, or set allow_http to true."
        )
    return settings


def _with_keys(settings: Settings) -> Settings:
    if not settings.access_key or not settings.secret_key:
        raise UsageError(_no_keys(settings.community))
    return settings


def _no_keys(community: str) -> str:
    section = section_of(community, "access_key")
    if section == SECTION:
        return _NO_KEYS
    there_are = [name for name in configured() if name != community]
    hint = did_you_mean(community, there_are) or (
        f". There are {', '.join(there_are)}." if there_are else "."
    )
    variable = section.replace(".", "__").upper()
    return _NO_KEYS_OF.format(name=community, section=section, variable=variable, hint=hint)
