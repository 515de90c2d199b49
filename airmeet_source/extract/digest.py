"""Digest: whether a list holds the same records as when it was last read, whatever their order.

A digest is a sum over the records, so a list that is read on from its cursor has the digest of the whole one.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

from airmeet_source.extract.origin import pii_of
from airmeet_source.fields import exact, squash
from airmeet_source.model.signed import unsigned
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import Resource
from airmeet_source.settings import Settings

_SIZE = 12  # bytes: too many values for two lists to meet by chance


class Digest:
    """What a unit's records sum up to.

    Args:
        resource: whose list it is.
        settings: other columns or other personal data are another digest of the same records.
        text: the digest of the records that came before, if it goes on from there.
    """

    def __init__(self, resource: Resource, settings: Settings, text: str | None = None) -> None:
        self._volatile = _volatile(resource)
        self._start = _ways(resource, settings) if text is None else bytes.fromhex(text)
        self._sum = self._start

    def add(self, records: Iterable[Any], known: str | None = None) -> int:
        """Take in records as the API sent them; what is no record makes no row and does not count.

        Returns:
            With how many of them the digest was ``known``: these and those before are all that it is of.
        """
        wanted = None if known is None else int(known, 16)
        total, reached = int.from_bytes(self._sum), 0
        for number, record in enumerate(records, 1):
            if isinstance(record, dict):
                text = lasting(record, self._volatile)
                total += int.from_bytes(blake2b(text, digest_size=_SIZE).digest())
                total %= 256**_SIZE
                if total == wanted:
                    reached = number
        self._sum = total.to_bytes(_SIZE)
        return reached

    def restart(self) -> None:
        """Forget what was taken in."""
        self._sum = self._start

    def __str__(self) -> str:
        return self._sum.hex()


def lasting(record: dict[str, Any], volatile: AbstractSet[str]) -> bytes:
    """A record as text, without what changes by itself: signed links and the ``volatile`` fields."""
    kept = record
    if volatile:
        kept = {name: value for name, value in record.items() if squash(name) not in volatile}
    text = exact(kept)
    return unsigned(text.decode()).encode() if b"://" in text else text


@cache
def _volatile(resource: Resource) -> frozenset[str]:
    """The fields of a resource's records that are made anew for each answer, without case and separators."""
    columns = (column for table in resource.tables for column in TABLES[table].columns if column.volatile)
    return frozenset(squash(name) for column in columns for name in (column.name, *column.api_names))


def _ways(resource: Resource, settings: Settings) -> bytes:
    """What else than the records decides on the rows: the settings, and the code that makes them."""
    ways = (resource.name, pii_of(settings), settings.include_entry_links, _code_of_rows())
    return blake2b(repr(ways).encode(), digest_size=_SIZE).digest()


@cache
def _code_of_rows() -> str:
    """A digest of the code that makes rows of records: another version may make other ones."""
    folders = [files("airmeet_source.model"), files("airmeet_source.model.tables")]
    modules = [file for folder in folders for file in folder.iterdir() if file.name.endswith(".py")]
    digest = blake2b(digest_size=_SIZE)
    for module in sorted(modules, key=lambda module: module.name):
        digest.update(module.read_bytes())
    return digest.hexdigest()
