"""Which parts of a configuration are secrets: also before anybody has understood it, or if nobody can."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus

from airmeet_source.disclosure.secrets import SECRETS

_SENSITIVE_NAME = (
    r"(?i)pass(?:word|wd|phrase|_?code)?|pwd|secret|token|salt|webhook|notify|signature"
    r"|key(?!_?(?:path|file|id)$)"
)
_ADDRESS_NAME = r"(?i)(?:credentials|dsn|connection_?string|conninfo|url|uri|_proxy)$"
_OF_OUR_CONCERN = r"(?i)SOURCES__|DESTINATION__|CREDENTIALS|PGPASSWORD$|.*_PROXY$"

_VALUE = (
    r"""'''(.*?)'''|\"\"\"(.*?)\"\"\""""
    r"""|'((?:''|\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|([^\s&;,'"?][^\s&;,'"]*)"""
)
_ASSIGNED = rf"""(?s)([\w.-]{{1,60}})(?:["']\s*:|["']?[ \t]*=)\s*(?:{_VALUE})"""
_LINE_OF_A_KEY = 32  # characters


def learn_secret(value: str) -> None:
    """Take a value for a secret."""
    _keep(_whole(value))


def learn_asked_for(name: str, value: Any) -> None:
    """Take for a secret what is one in a value that was asked for as such: a password, or all credentials."""
    if isinstance(value, str) and not re.search(_ADDRESS_NAME, name):
        _keep(_whole(value))
    else:
        _keep(_in(value))


def learn_configuration() -> None:
    """The same for what the environment, and ``secrets.toml`` where dlt reads it, configure for us."""
    for name, value in os.environ.items():
        if re.match(_OF_OUR_CONCERN, name):
            _keep(_named(name, value))
    for file in secrets_files():
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        _keep(_assigned(text))


def secrets_files() -> list[Path]:
    """Where dlt reads secrets, and where a file with them may be."""
    project = Path(os.environ.get("DLT_PROJECT_DIR", "."))
    folders = (project / ".dlt", Path("~/.dlt").expanduser(), Path("/var/dlt"))
    return [folder / "secrets.toml" for folder in folders]


def _keep(secrets: Iterable[str]) -> None:
    from airmeet_source.disclosure.records import keep_secrets_out_of_records  # noqa: PLC0415 - it imports logging

    SECRETS.add(*secrets)
    keep_secrets_out_of_records()


def _in(value: Any) -> Iterator[str]:
    """What is secret in a connection string, in JSON, or in a table of settings."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _named(str(name), inner) if isinstance(inner, str) else _in(inner)
    elif isinstance(value, str):
        yield from _in_address(value)
        yield from _assigned(value)


def _named(name: str, value: str) -> Iterator[str]:
    if re.search(_ADDRESS_NAME, name) and not re.search(_SENSITIVE_NAME, name.rpartition("__")[2]):
        yield from _in(value)
    elif re.search(_SENSITIVE_NAME, name.rpartition("__")[2].rpartition(".")[2]):
        yield from _whole(value)
    elif "://" in value:
        yield from _in_address(value)


def _whole(secret: str) -> Iterator[str]:
    """The secret itself; of the address of a hook, the path; of a key of many lines, each of them."""
    hook = re.match(r"https?://[^/]+(/.+)", secret)
    if hook:
        yield hook[1]
    else:
        yield secret.strip()
        yield from (line for line in re.split(r"\s+|\\n", secret) if len(line) >= _LINE_OF_A_KEY)


def _in_address(text: str) -> Iterator[str]:
    """The password in ``user:password@host``, whatever is wrong with it."""
    rest = text.partition("//")[2] or text
    if "@" not in rest:
        password = rest.partition(":")[2].partition("/")[0]
        if "//" in text and not re.match(r"\d*$", password):
            yield password
        return
    for user_info in (rest.rpartition("@")[0], rest.partition("@")[0]):
        user, *others = user_info.split(":")
        for number in range(len(others)):
            password = ":".join(others[number:])
            if password != user:  # what is a name as well stands in plain sight
                yield from (password, unquote(password), unquote_plus(password))


def _assigned(text: str) -> Iterator[str]:
    """The secrets in ``password=…`` and its kin, in the notations of libpq, urls, JSON and TOML."""
    for found in re.finditer(_ASSIGNED, text):
        name, *notations = found.groups()
        value = next((notation for notation in notations if notation is not None), "")
        for meant in (value, value.replace("''", "'"), unquote(value), unquote_plus(value)):
            yield from _named(name, meant)
