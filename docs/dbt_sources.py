"""dbt's sources, from the declarations of tables and views."""

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from airmeet_source.model.columns import AIRMEET_ID, PERSON_KEY, RECORD_ID, Column
from airmeet_source.model.table import Parent, Table, all_columns
from airmeet_source.model.tables import TABLES
from airmeet_source.model.tables.events import EVENT
from airmeet_source.model.tables.log import RUN_ID
from airmeet_source.resources import RESOURCES
from airmeet_source.views.declarations import VIEWS
from airmeet_source.views.view import View, ViewColumn
from airmeet_source.views.weights import WEIGHTS

_HEAD = "# Written by `python docs/generate.py` from the declarations of tables and views; do not edit.\n"
_DATASET = "{{ var('airmeet_dataset') }}"
# never null, whatever Airmeet sends: the connector itself fills them
_FILLED = frozenset(column.name for column in (AIRMEET_ID, PERSON_KEY, RECORD_ID, RUN_ID))
_FRESHNESS = {
    "loaded_at_field": "finished_at",
    "freshness": {
        "warn_after": {"count": 26, "period": "hour"},
        "error_after": {"count": 50, "period": "hour"},
        "filter": "outcome = 'loaded'",  # a run that only fails makes nothing fresh
    },
}

Entry = dict[str, Any]


def dbt_sources() -> str:
    """dbt/models/sources.yml."""
    sources = [
        {
            "name": "airmeet",
            "description": "What the Airmeet connector loads, one table per list of the API",
            "schema": _DATASET,
            "tables": [_of_table(table) for table in TABLES.values()],
        },
        {
            "name": "airmeet_views",
            "description": "Views on these tables, with the figures that people ask for",
            "schema": f"{_DATASET}_views",
            "tables": [*map(_of_view, VIEWS.values()), _of_table(WEIGHTS)],
        },
    ]
    return _HEAD + yaml.safe_dump({"sources": sources}, sort_keys=False, width=110, allow_unicode=True)


def _of_table(table: Table) -> Entry:
    entry = _entry(table, all_columns(table), [*_on_key(table), *_on_parent(table)])
    if table.name == "sync_log":
        entry["config"] = _FRESHNESS
    return entry


def _of_view(view: View) -> Entry:
    tests = [_test("unique_together", view.key)]
    certain = [name for name in view.key if name not in view.nullable]
    return _entry(view, view.columns, [*tests, _test("not_null_together", certain)])


def _entry(declared: Table | View, columns: Iterable[Column | ViewColumn], tests: list[Entry]) -> Entry:
    entry = {"name": declared.name, "description": declared.description}
    described = {"columns": [_of_column(column) for column in columns]}
    return {**entry, **({"data_tests": tests} if tests else {}), **described}


def _of_column(column: Column | ViewColumn) -> Entry:
    entry: Entry = {
        "name": column.name,
        "description": column.description,
        "data_type": column.data_type,
    }
    if isinstance(column, Column) and column.personal:
        entry["config"] = {"meta": {"personal": True}}
    return entry


# -- tests ---------------------------------------------------------------------------------------


def _on_key(table: Table) -> Iterator[Entry]:
    """What holds for its key; what depends on Airmeet only warns."""
    own = {resource.tables[0] for resource in RESOURCES.values()}
    if table.key and not table.repeats:
        yield _test("unique_together", table.key, warns=table.name not in own)
    certain = [name for name in table.key if name in _FILLED]
    if certain:
        yield _test("not_null_together", certain)
    others = [name for name in table.key if name not in _FILLED]
    if others and not table.repeats:
        yield _test("not_null_together", others, warns=True)


def _on_parent(table: Table) -> Iterator[Entry]:
    """That its rows belong to something; a list of their own may be older or newer than the parent's."""
    parent = table.parent
    if parent is None:
        return
    to = f"source('airmeet', '{parent.table}')"
    is_together = parent == EVENT or _are_read_together(table, parent)
    yield _test("relationships_together", parent.key, warns=not is_together, to=to)


def _are_read_together(table: Table, parent: Parent) -> bool:
    return any({table.name, parent.table} <= set(resource.tables) for resource in RESOURCES.values())


def _test(name: str, columns: Iterable[str], *, warns: bool = False, **arguments: str) -> Entry:
    test: Entry = {"arguments": {**arguments, "columns": list(columns)}}
    if warns:
        test["config"] = {"severity": "warn"}
    return {name: test}
