"""A catalogue for each test of the views, in a dataset of its own."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pytest

from airmeet_source.loading.catalogues import Catalogue
from tests.views.tables import catalogue_in


@pytest.fixture(params=["DuckDB", "Postgres"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    """The catalogue of a DuckDB file, and that of a Postgres database."""
    is_duckdb = request.param == "DuckDB"
    file = str(tmp_path / "some.duckdb")
    destination = dlt.destinations.duckdb(file) if is_duckdb else request.getfixturevalue("postgres")
    yield from _catalogue(destination, tmp_path)


@pytest.fixture
def bigquery_catalogue(bigquery: Any, tmp_path: Path) -> Iterator[Catalogue]:
    """The catalogue of a project of BigQuery, which other tests use as well."""
    yield from _catalogue(bigquery, tmp_path, f"views_{uuid.uuid4().hex[:8]}")


@pytest.fixture
def duckdb_catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """The catalogue of a DuckDB file."""
    yield from _catalogue(dlt.destinations.duckdb(str(tmp_path / "some.duckdb")), tmp_path)


def _catalogue(destination: Any, folder: Path, name: str = "airmeet_data") -> Iterator[Catalogue]:
    """In datasets of one name the queries of the views are the same, and made once."""
    pipeline = dlt.pipeline(name, destination=destination, dataset_name=name, pipelines_dir=str(folder / "p"))
    with catalogue_in(pipeline) as catalogue:
        yield catalogue
