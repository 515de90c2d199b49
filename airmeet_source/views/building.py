"""A view's SQL as a destination takes it, over the tables and columns that are there."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from sqlglot import exp, parse_one

from airmeet_source.model.columns import Column
from airmeet_source.model.table import Table
from airmeet_source.model.tables import TABLES
from airmeet_source.views.declarations import VIEWS
from airmeet_source.views.macros import macros
from airmeet_source.views.weights import WEIGHTS

_WRITTEN_IN = "duckdb"
_TABLES: Mapping[str, Table] = {**TABLES, WEIGHTS.name: WEIGHTS}
_TYPES = {
    "text": "TEXT",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the views are, and what they find there.

    Attributes:
        dialect: The destination's, as sqlglot calls it.
        catalogue: What full names begin with, where they need it.
        missing: Tables that do not exist, and columns of others as ``table.column``.
        letters: The collation by which Postgres makes letters small.
    """

    dialect: str
    catalogue: str | None
    dataset: str
    views_dataset: str
    missing: frozenset[str] = frozenset()
    letters: str = "default"

    def path(self, name: str) -> exp.Table:
        """The full name of a table or view."""
        is_beside = name in VIEWS or name == WEIGHTS.name
        dataset = self.views_dataset if is_beside else self.dataset
        return exp.table_(name, db=dataset, catalog=self.catalogue, quoted=True)

    def full_name(self, name: str) -> str:
        """The full name of a table or view, as a statement has it."""
        return self.path(name).sql(self.dialect)


def query_of(view: str, place: Place) -> str:
    """The query of a view."""
    return _query(view, _as_seen_by(view, place))


def recipe_of(view: str, place: Place) -> str:
    """What the query of a view is made from: the same query comes of the same recipe, which takes no time."""
    seen = _as_seen_by(view, place)
    where = (seen.dialect, seen.catalogue or "", seen.dataset, seen.views_dataset, seen.letters)
    return "\0".join((_sources(), *where, *sorted(seen.missing)))


@cache
def _query(view: str, place: Place) -> str:
    query = _over_tables(_with_parts(_read(view).copy()), place)
    macros(place.dialect, place.letters).write_out(query)
    for division in query.find_all(exp.Div):
        division.set("safe", False)  # the files divide by nothing that can be zero
    for key in query.find_all(exp.Ordered):
        # destinations differ: nulls are the least, unless a key of their own says otherwise
        key.set("nulls_first", not key.args.get("desc"))
    return query.sql(place.dialect, identify=True, comments=False, copy=False)


def read_columns() -> Mapping[str, tuple[str, ...]]:
    """The columns of each table that views may read."""
    return {name: table.column_names for name, table in _TABLES.items()}


# -- the files -----------------------------------------------------------------------------------


@cache
def _part_names() -> frozenset[str]:
    return frozenset(file.name.removesuffix(".sql") for file in (files(__package__) / "parts").iterdir())


@cache
def _text(name: str) -> str:
    folder = "sql" if name in VIEWS else "parts"
    return (files(__package__) / folder / f"{name}.sql").read_text(encoding="utf-8")


@cache
def _read(name: str) -> exp.Query:
    query = parse_one(_text(name), read=_WRITTEN_IN)
    assert isinstance(query, exp.Query)  # noqa: S101 - our own files
    return query


@cache
def _words(view: str) -> frozenset[str]:
    """Every word in the file of a view, and in those of the parts that it is built on."""
    read: dict[str, set[str]] = {}
    unread = {view}
    while unread:
        read.update({name: set(re.findall(r"\w+", _text(name))) for name in unread})
        unread = set().union(*read.values()) & _part_names() - read.keys()
    return frozenset().union(*read.values())


def _as_seen_by(view: str, place: Place) -> Place:
    """The place without what is missing that the view never reads."""
    words = _words(view)
    return replace(
        place, missing=frozenset(name for name in place.missing if words.issuperset(name.split(".")))
    )


@cache
def _sources() -> str:
    """A digest of everything that decides how a query comes out: our files, the tables and sqlglot."""
    types = {
        name: [(column.name, column.data_type) for column in table.columns] for name, table in _TABLES.items()
    }
    digest = blake2b(f"{version('sqlglot')} {types}".encode(), digest_size=10)
    package = files(__package__)
    for folder in (package, package / "sql", package / "parts"):
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest()


# -- parts ---------------------------------------------------------------------------------------


def _with_parts(query: exp.Query) -> exp.Query:
    """The query behind the parts that it is built on, each of them behind its own."""
    parts: dict[str, exp.Query] = {}
    _collect(query, parts)
    return _behind(query, parts)


def _collect(query: exp.Query, parts: dict[str, exp.Query]) -> None:
    for table in _free_tables(query):
        if table.name in _part_names() and table.name not in parts:
            part = _read(table.name).copy()
            _collect(part, parts)
            parts[table.name] = part


def _behind(query: exp.Query, others: Mapping[str, exp.Query]) -> exp.Query:
    """The query with other queries in front of those in its WITH clause."""
    own = len(query.ctes)
    for name, other in others.items():
        query = query.with_(name, as_=other, copy=False)
    if query.ctes:
        clause = query.ctes[0].parent
        assert clause is not None  # noqa: S101 - they stand in one
        clause.set("expressions", [*query.ctes[own:], *query.ctes[:own]])
    return query


def _free_tables(query: exp.Query) -> Iterator[exp.Table]:
    """Where the query names something that it does not define itself."""
    local = {each.alias for each in query.ctes}
    yield from [table for table in query.find_all(exp.Table) if table.name not in local and not table.db]


# -- tables --------------------------------------------------------------------------------------


def _over_tables(query: exp.Query, place: Place) -> exp.Query:
    """The query over what there is: a missing table has no rows, a missing column is null.

    E-mail addresses and user ids are compared in one form everywhere, so that is how they are read.
    """
    wanted = {column.name for column in query.find_all(exp.Column)}
    names = dict.fromkeys(table.name for table in _free_tables(query))
    return _behind(query, {name: _rows_of(name, wanted, place) for name in names})


def _rows_of(name: str, wanted: Collection[str], place: Place) -> exp.Select:
    if name in VIEWS:
        columns = [exp.column(each.name) for each in VIEWS[name].columns if each.name in wanted]
        return exp.select(*columns).from_(place.path(name))
    declared = {column.name: column for column in _TABLES[name].columns if column.name in wanted}
    rows = exp.select(*(_value_of(name, column, place) for column in declared.values()))
    return rows.limit(0) if name in place.missing else rows.from_(place.path(name))


def _value_of(table: str, column: Column, place: Place) -> Any:
    value: Any = exp.column(column.name)
    if not place.missing.isdisjoint((table, f"{table}.{column.name}")):
        value = exp.cast(exp.null(), _TYPES[column.data_type], dialect=_WRITTEN_IN)
    if column.data_type == "text" and place.dialect == "postgres":
        value = exp.Collate(this=value, expression=exp.to_identifier("C", quoted=True))  # by code point
    if column.name == "email":
        value = exp.Anonymous(this="CLEAN", expressions=[value])
    if column.name == "user_id":
        value = exp.func("NULLIF", value, exp.Literal.string(""))
    return exp.alias_(value, column.name)
