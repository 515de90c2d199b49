"""Airmeet -> warehouse: a dlt source with one resource per endpoint of the Airmeet API.

    pipeline.run(airmeet())

loads everything that is due; see the README for the tables, the settings and the command line.
"""

from collections.abc import Callable, Iterator
from typing import Any

import dlt
from dlt.common.configuration.specs import BaseConfiguration
from dlt.extract import DltResource

from airmeet_source.errors import AirmeetError, EventListFailed, KeysRefused, TooManyFailures, UsageError
from airmeet_source.extract.event_list import EventList
from airmeet_source.extract.extraction import Checkpoint, Extraction, Selection
from airmeet_source.extract.feed import Feed
from airmeet_source.extract.hints import CONTRACT, declaration, table_hints
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import AIRMEETS, EVENT_RESOURCES, RESOURCES, resources_of
from airmeet_source.settings import Settings, resolve_settings

__all__ = [
    "EVENT_RESOURCES",
    "RESOURCES",
    "TABLES",
    "AirmeetError",
    "Checkpoint",
    "EventListFailed",
    "Extraction",
    "KeysRefused",
    "Selection",
    "Settings",
    "TooManyFailures",
    "UsageError",
    "airmeet",
    "airmeet_from",
    "resolve_settings",
]


@dlt.source(name="airmeet", section="airmeet", spec=BaseConfiguration, schema_contract=CONTRACT)
def airmeet(
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str | None = None,
    base_url: str | None = None,
    **settings: Any,
) -> list[DltResource]:
    """All of a community's Airmeet data, incrementally.

    Every argument is a setting of section ``sources.airmeet`` and may stand in dlt's configuration instead;
    ``settings`` are the other fields of :class:`Settings`.

    Raises:
        UsageError: a setting is missing or makes no sense.
    """
    given = {"access_key": access_key, "secret_key": secret_key, "region": region, "base_url": base_url}
    resolved = resolve_settings(**given, **settings)
    return _resources(lambda: Extraction(resolved), resolved)


@dlt.source(name="airmeet", section="airmeet", spec=BaseConfiguration, schema_contract=CONTRACT)
def airmeet_from(extraction: Extraction) -> list[DltResource]:
    """The same source over an extraction of the caller's, who can choose, watch and stop it."""
    return _resources(lambda: extraction, extraction.settings)


class _Runs:
    """The generators of the run that is under way; asked after its end, they begin a new one."""

    def __init__(self, new_extraction: Callable[[], Extraction]) -> None:
        self._new_extraction = new_extraction
        self._extraction: Extraction | None = None
        self._generators: dict[str, Callable[[], Iterator[Any]]] = {}

    def rows(self, resource: str) -> Iterator[Any]:
        """The rows of a resource in the current load package."""
        if self._extraction is None or self._extraction.finished or self._extraction.abandoned:
            self._begin()
        extraction = self._extraction
        try:
            yield from self._generators[resource]()
        except BaseException:
            if extraction is not None:
                extraction.abandon()
            raise

    def _begin(self) -> None:
        extraction = self._new_extraction()
        if extraction is self._extraction:
            # the caller's own: its generators know what the packages so far hold, new ones would not
            if extraction.abandoned:
                raise AirmeetError("This extraction was given up while it was loaded; begin a new one.")
            return
        self._extraction = extraction
        event_list = EventList(extraction)
        self._generators = {AIRMEETS.name: event_list.rows, "sync_log": extraction.log_rows}
        for resource in EVENT_RESOURCES.values():
            self._generators[resource.name] = Feed(extraction, event_list, resource).rows


def _resources(new_extraction: Callable[[], Extraction], settings: Settings) -> list[DltResource]:
    """One resource per endpoint that the region's API has, and the sync log."""
    runs = _Runs(new_extraction)
    filled = {resource.name: resource.tables for resource in resources_of(settings.api).values()}
    filled["sync_log"] = ("sync_log",)
    return [_resource(runs, name, tables, settings) for name, tables in filled.items()]


def _resource(runs: _Runs, name: str, tables: tuple[str, ...], settings: Settings) -> DltResource:
    def rows() -> Iterator[Any]:
        yield from runs.rows(name)

    resource: DltResource = dlt.resource(rows, name=name, write_disposition="merge", file_format="parquet")
    for table in tables:
        resource.merge_hints(table_hints(declaration(table, settings)), create_table_variant=True)
    return resource
