"""What the value of a setting has to be, beyond its type. Each check raises UsageError with what to do."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from airmeet_source.api.route import is_loopback
from airmeet_source.communities import require_name
from airmeet_source.errors import UsageError

_QUOTATION_MARKS = tuple("\"'`´‘’‚“”„«»‹›")  # noqa: RUF001 - that is what people paste

Check = Callable[[str, Any], None]


def above_zero(name: str, number: float) -> None:
    """A number that is not zero."""
    if not number:
        raise UsageError(f"{name} must be more than 0.")


def one_of(*choices: str) -> Check:
    """One of some words."""

    def check(name: str, value: str) -> None:
        if value not in choices:
            raise UsageError(f"{name} must be one of {', '.join(choices)}, not {value!r}.")

    return check


def is_quoted(text: str) -> bool:
    """Whether somebody pasted a text together with its quotation marks, or with one of them."""
    return text[:1] in _QUOTATION_MARKS or text[-1:] in _QUOTATION_MARKS


def plain_key(name: str, key: str) -> None:
    """A key as Airmeet shows it."""
    if is_quoted(key):
        raise UsageError(f"{name} is in quotation marks: they do not belong to the key. Leave them out.")
    if not re.fullmatch("[!-~]*", key):
        raise UsageError(f"{name} holds white space or letters that no Airmeet key has.")


def name_of_community(_name: str, community: str) -> None:
    """A name that a community can have."""
    require_name(community)


def plain_address(_name: str, base_url: str) -> None:
    """An address without anything secret, or none."""
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


def plain_hook(name: str, url: str) -> None:
    """An address that can be told of something over HTTPS, or none."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        _ = parts.port
    except ValueError:
        parts, is_safe = urlsplit(""), False
    if not parts.hostname or not is_safe or "@" in parts.netloc or not re.fullmatch("[!-~]*", url):
        raise UsageError(
            f"{name} must be the address of an incoming webhook, such as https://hooks.slack.com/services/…"
        )
