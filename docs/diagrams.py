"""Entity-relationship diagrams in Mermaid, from the declarations of tables and views."""

from collections.abc import Iterable, Iterator

from airmeet_source.model.columns import AIRMEET_ID
from airmeet_source.model.table import Table
from airmeet_source.model.tables import TABLES
from airmeet_source.views.declarations import VIEWS
from airmeet_source.views.view import View

_LAYOUT = '%%{init: {"er": {"nodeSpacing": 20, "rankSpacing": 60}}}%%'
_ONE_TO_ONE, _ONE_TO_MANY = "||--||", "||--o{"


def table_diagram() -> str:
    """The tables that belong to an event, their keys and what they refer to."""
    tables = [table for table in TABLES.values() if table.parent is not None or table.name in _parents()]
    return _diagram(_references(tables), tables)


def view_diagram() -> str:
    """The views, their keys, and the table whose rows each has a row or several for."""
    lists = {view.name: _described_by(view) for view in VIEWS.values()}
    references = []
    for view in VIEWS.values():
        table = lists[view.name]
        kind = _ONE_TO_ONE if set(table.key) == set(view.key) else _ONE_TO_MANY
        references.append(f"{table.name} {kind} {view.name} : {table.key[-1]}")
    tables = {table.name: table for table in lists.values()}
    return _diagram([*_references(tables.values()), *references], [*tables.values(), *VIEWS.values()])


def _references(tables: Iterable[Table]) -> Iterator[str]:
    for table in tables:
        if table.parent is not None:
            yield f"{table.parent.table} {_ONE_TO_MANY} {table.name} : {table.parent.key[-1]}"


def _parents() -> set[str]:
    return {table.parent.table for table in TABLES.values() if table.parent is not None}


def _described_by(view: View) -> Table:
    """The list that the view's rows are about: the one with the longest key that is part of the view's."""
    lists = [TABLES[name] for name in sorted(_parents()) if set(TABLES[name].key) <= set(view.key)]
    return max(lists, key=lambda table: len(table.key))


def _diagram(references: Iterable[str], entities: Iterable[Table | View]) -> str:
    boxes = (line for entity in entities for line in _box(entity))
    lines = ["direction LR", *references, *boxes]
    return "\n".join(["```mermaid", _LAYOUT, "erDiagram", *(f"    {line}" for line in lines), "```"])


def _box(entity: Table | View) -> Iterator[str]:
    """What its key has beside the event, which is part of every key."""
    types = {column.name: column.data_type for column in entity.columns}
    own = [name for name in entity.key if name != AIRMEET_ID.name]
    if own:
        yield f"{entity.name} {{"
        yield from (f"    {types[name]} {name}" for name in own)
        yield "}"
