"""LoadPackage: the dlt load package that is being filled - who takes part, how full it is, what goes in."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import dlt
from dlt.common.schema.typing import TTableSchemaColumns

from airmeet_source.extract.hints import declaration
from airmeet_source.extract.marking import load_id, marked
from airmeet_source.model.batches import TableBatches
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.spool import Room
from airmeet_source.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """When a load package is closed although the run goes on: after so many seconds, or bytes of Arrow data.

    A crash loses no more than that, and the memory that the destination needs to merge it is bounded.
    """

    seconds: float = 300.0
    size: int = 24_000_000


class LoadPackage:
    """The current load package, or the last one while dlt normalises and loads it."""

    def __init__(self, settings: Settings, checkpoint: Checkpoint | None) -> None:
        self._settings = settings
        self._checkpoint = checkpoint
        self._active: set[str] = set()  # resources whose generators run
        self._started = 0.0
        self._types: dict[str, TableTypes] = {}
        self._room = Room()
        self.size = 0  # bytes of Arrow data
        self.rows: Counter[str] = Counter()  # by table, of all packages of the run
        self.abandoned = False
        self.loaded = 0  # packages of the run that are in the destination
        self.stored: Mapping[str, TTableSchemaColumns] = {}  # by table, what the destination already has

    # -- who takes part --------------------------------------------------------------------------

    def enter(self, resource: str) -> None:
        """A resource's generator starts to fill the package."""
        if not self._active:
            self._started = time.monotonic()
            self.size = 0
        self._active.add(resource)

    def leave(self, resource: str) -> None:
        """A resource's generator has delivered what it has."""
        self._active.discard(resource)

    def takes_part(self, resource: str | None) -> bool:
        """Whether a resource's generator fills the package."""
        return resource in self._active

    def is_open(self) -> bool:
        """Whether any resource's generator fills it."""
        return bool(self._active)

    def is_due(self) -> bool:
        """Whether a checkpoint is due."""
        if self._checkpoint is None:
            return False
        age = time.monotonic() - self._started
        return self.size >= self._checkpoint.size or age >= self._checkpoint.seconds

    def abandon(self) -> None:
        """It is given up: what was taken over for it is lost."""
        self.abandoned = True

    # -- what goes in ----------------------------------------------------------------------------

    def batches(self, table_name: str) -> TableBatches:
        """An empty batch of a table; undocumented columns keep the type that the dlt schema has for them."""
        if table_name not in self._types:
            schema = dlt.current.source_schema()
            known = schema.get_table_columns(table_name) if table_name in schema.tables else {}
            columns = {**self.stored.get(table_name, {}), **known}
            types = {name: column["data_type"] for name, column in columns.items()}
            table = declaration(table_name, self._settings)
            self._types[table_name] = TableTypes(table, types, self._settings.privacy)
        return TableBatches(self._types[table_name], self._folder, self._room)

    @cached_property
    def _folder(self) -> Path:
        """Where rows wait that are too many for the memory; dlt needs milliseconds to find it out."""
        return Path(dlt.current.pipeline().working_dir)

    def add(self, table_name: str, batches: TableBatches) -> Iterator[Any]:
        """The rows so far, as a few items for dlt, or none if there are no rows."""
        self.rows[table_name] += batches.count
        for table in batches.take(load_id()):
            self.size += table.nbytes
            yield marked(table, self._types[table_name])
