"""Tables of a dataset, put there without a load, and the views on them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import dlt
import pytest
from dlt.destinations.job_client_impl import SqlJobClientBase
from sqlglot import exp

from airmeet_source.loading.analysts import renew_views
from airmeet_source.loading.catalogues import Catalogue, catalogue_of
from airmeet_source.model.tables import TABLES
from airmeet_source.views.declarations import VIEWS
from airmeet_source.views.view import View
from tests.views.people import Row, World
from tests.views.reference import views as rows_of_views

ALL = tuple(VIEWS.values())
TYPES = {
    "text": "TEXT",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}
ROUNDED = ("engagement_score_live", "engagement_score_on_demand")


@contextmanager
def catalogue_in(pipeline: dlt.Pipeline) -> Iterator[Catalogue]:
    """The catalogue of a pipeline's destination, with its dataset."""
    with pipeline._get_destination_clients(dlt.Schema("airmeet"))[0] as client:
        assert isinstance(client, SqlJobClientBase)
        if not client.sql_client.has_dataset():
            client.sql_client.create_dataset()
        catalogue = catalogue_of(client, pipeline.destination.destination_type)
        assert catalogue is not None
        yield catalogue


def put(catalogue: Catalogue, world: World, *, without: tuple[str, ...] = ()) -> None:
    """Make the tables of a world with their rows; ``without`` names columns as ``table.column``."""
    for name, rows in world.items():
        columns = [c for c in TABLES[name].columns if f"{name}.{c.name}" not in without]
        declared = ", ".join(
            exp.ColumnDef(
                this=_quoted(c.name), kind=exp.DataType.build(TYPES[c.data_type], dialect="duckdb")
            ).sql(catalogue.dialect)
            for c in columns
        )
        catalogue.execute(f"CREATE TABLE {catalogue.full_name(catalogue.dataset, name)} ({declared})")
        _insert(catalogue, name, rows, [column.name for column in columns])


def replace_rows(catalogue: Catalogue, world: World) -> None:
    """Put the rows of a world into tables that are there."""
    for name, rows in world.items():
        catalogue.execute(f"DELETE FROM {catalogue.full_name(catalogue.dataset, name)} WHERE TRUE")
        _insert(catalogue, name, rows, list(TABLES[name].column_names))


def _insert(catalogue: Catalogue, table: str, rows: list[Row], columns: list[str]) -> None:
    if rows:
        values = ", ".join(f"({', '.join(_literal(catalogue, row.get(c)) for c in columns)})" for row in rows)
        catalogue.execute(f"INSERT INTO {catalogue.full_name(catalogue.dataset, table)} VALUES {values}")


def _quoted(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def _literal(catalogue: Catalogue, value: Any) -> str:
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'".replace(
            "TIMESTAMP", "TIMESTAMP" if catalogue.dialect == "bigquery" else "TIMESTAMPTZ"
        )
    if isinstance(value, str):
        return catalogue.literal(value)
    return "NULL" if value is None else repr(value)


def assert_views(catalogue: Catalogue, world: World, compared: Iterable[View] = ALL) -> None:
    """Compare all rows of all views with what the contract says of the world's rows."""
    expected = rows_of_views(world)
    for view in compared:
        columns = [column.name for column in view.columns]
        quoted = ", ".join(exp.to_identifier(c, quoted=True).sql(catalogue.dialect) for c in columns)
        name = catalogue.full_name(catalogue.views_dataset, view.name)
        found = [
            dict(zip(columns, row, strict=True)) for row in catalogue.execute(f"SELECT {quoted} FROM {name}")
        ]
        told = [{name: _roughly(name, value) for name, value in row.items()} for row in expected[view.name]]
        assert _sorted(found, view.key) == _sorted(told, view.key), view.name


def _sorted(rows: list[Row], key: tuple[str, ...]) -> list[Row]:
    plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
    return sorted(plain, key=lambda row: [str(row[name]) for name in key])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return float(value) if isinstance(value, Decimal) else value


def _roughly(name: str, value: Any) -> Any:
    if isinstance(value, float) or (name in ROUNDED and value is not None):
        return pytest.approx(value, rel=1e-9, abs=0.0501 if name in ROUNDED else 1e-9)
    return value


def renewed(
    catalogue: Catalogue, world: World, views: Iterable[View] = ALL, *, without: tuple[str, ...] = ()
) -> None:
    """A world's tables, and the views on them."""
    put(catalogue, world, without=without)
    renew_views(catalogue, views)
