"""What a destination shows of views and descriptions, and how it is told of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from dlt.destinations.job_client_impl import SqlJobClientBase
from sqlglot import exp

Comments = Mapping[str | None, str]  # by column; that of the table or view itself has none


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A view as the destination has it."""

    definition: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A view as it should be."""

    name: str
    query: Callable[[], str]  # which takes a while to make
    columns: Comments
    description: Callable[[str], str]  # of the definition that the destination shows for the query


@cache
def _quoted(name: str, dialect: str) -> str:
    """A name as a statement has it; each is in many statements."""
    return exp.to_identifier(name, quoted=True).sql(dialect)


class Catalogue(ABC):
    """The catalogue of a destination; the client is open."""

    dialect: ClassVar[str]
    project: str | None = None  # what full names begin with, where they need it
    replaces_in_place = True  # whatever the columns of the view were

    def __init__(self, client: SqlJobClientBase) -> None:
        self._client = client
        self._sql = client.sql_client
        self.dataset = self._sql.dataset_name
        self.views_dataset = f"{self.dataset}_views"

    def make_views_dataset(self) -> None:
        """Make the dataset of the views, if it does not exist."""
        with self._sql.with_alternative_dataset_name(self.views_dataset):
            if not self._sql.has_dataset():
                self._sql.create_dataset()

    def columns(self, dataset: str, tables: list[str]) -> dict[str, list[str]]:
        """The columns of those of the tables that are there."""
        with self._sql.with_alternative_dataset_name(dataset):
            return {name: [*columns] for name, columns in self._client.get_storage_tables(tables) if columns}

    def letters(self) -> str:
        """The collation by which letters are made small, where one has to be named."""
        return "default"

    @abstractmethod
    def views(self) -> dict[str, Shown]:
        """The views in the dataset of the views."""

    @abstractmethod
    def replace(self, views: Sequence[Wanted]) -> None:
        """Make views, or replace them, in their order."""

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Execute one or more statements."""
        return [tuple(row) for row in self._sql.execute_sql(sql) or ()]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query, by column."""
        with self._sql.execute_query(query) as cursor:
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def full_name(self, *names: str) -> str:
        """The name of a dataset, of a table in it or of a column in that, as a statement has it."""
        parts = [part for part in (self.project, *names) if part is not None]
        return ".".join(_quoted(part, self.dialect) for part in parts)

    def literal(self, text: str) -> str:
        """A text as a statement has it."""
        return str(self._client.capabilities.escape_literal(text))


class CommentingCatalogue(Catalogue):
    """A catalogue that takes ``COMMENT ON``."""

    _definition: ClassVar[str]
    _views: ClassVar[str]
    _comments: ClassVar[str]

    def views(self) -> dict[str, Shown]:
        """The views in the dataset of the views."""
        rows = self.execute(self._views.format(dataset=self.literal(self.views_dataset)))
        return {
            name: Shown(definition=definition, description=comment or "")
            for name, definition, comment in rows
        }

    def replace(self, views: Sequence[Wanted]) -> None:
        """Make views, or replace them, in their order: all or none."""
        with self._sql.begin_transaction():
            self._replace(views)

    def built_on_top(self) -> list[str]:
        """Views of others that are built on ours, where they keep ours from being replaced."""
        return []

    def replace_all(self, views: Sequence[Wanted]) -> None:
        """Make all views anew in one step, in their order; what is built on them by others is in the way."""
        with self._sql.begin_transaction():
            for view in reversed(views):
                self.execute(f"DROP VIEW IF EXISTS {self.full_name(self.views_dataset, view.name)}")
            self._replace(views)

    def comments(self, dataset: str) -> Mapping[str, Comments]:
        """What is said of the tables of a dataset and their columns; nothing of those that say nothing."""
        found: dict[str, dict[str | None, str]] = {}
        for table, column, comment in self.execute(self._comments.format(dataset=self.literal(dataset))):
            found.setdefault(table, {})[column or None] = comment or ""
        return found

    def comment(self, dataset: str, kind: str, said: Mapping[str, Comments]) -> None:
        """Say something of tables or views, by name, and of their columns."""
        with self._sql.begin_transaction():
            self._comment(dataset, kind, said)

    def _comment(self, dataset: str, kind: str, said: Mapping[str, Comments]) -> None:
        statements = [
            f"COMMENT ON {'COLUMN' if column else kind} "
            f"{self.full_name(dataset, name, *filter(None, [column]))} IS {self.literal(text)}"
            for name, comments in said.items()
            for column, text in comments.items()
        ]
        self.execute(";\n".join(statements))

    def _replace(self, views: Sequence[Wanted]) -> None:
        for view in views:
            name = self.full_name(self.views_dataset, view.name)
            self.execute(f"CREATE OR REPLACE VIEW {name} AS {view.query()}")
        shown = self.views()
        said = {
            view.name: {None: view.description(shown[view.name].definition), **view.columns} for view in views
        }
        self._comment(self.views_dataset, "VIEW", said)


class DuckDbCatalogue(CommentingCatalogue):
    """A DuckDB file. Names are without the file's, so that copies and attached files work as well."""

    dialect = "duckdb"
    # a view that somebody changes loses its description; how DuckDB shows its definition changes by itself
    _views = (
        "SELECT view_name, '', comment FROM duckdb_views() "
        "WHERE database_name = current_database() AND schema_name = {dataset}"
    )
    _comments = (
        "SELECT table_name, '', comment FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = {dataset} UNION ALL "
        "SELECT table_name, column_name, comment FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name = {dataset}"
    )


class PostgresCatalogue(CommentingCatalogue):
    """A Postgres database."""

    dialect = "postgres"
    replaces_in_place = False  # columns can be added at the end, and nothing else
    _views = (
        "SELECT relname, pg_get_viewdef(pg_class.oid), obj_description(pg_class.oid, 'pg_class') "
        "FROM pg_class WHERE relkind = 'v' AND relnamespace = to_regnamespace(quote_ident({dataset}))"
    )
    _comments = (
        "SELECT relname, coalesce(attname, ''), description FROM pg_class "
        "LEFT JOIN LATERAL (SELECT NULL::name, 0 UNION ALL SELECT attname, attnum FROM pg_attribute "
        "WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped) "
        "AS of_it (attname, attnum) ON true "
        "LEFT JOIN pg_description ON objoid = pg_class.oid AND objsubid = of_it.attnum "
        "AND classoid = 'pg_class'::regclass "
        "WHERE relkind IN ('r', 'p') AND relnamespace = to_regnamespace(quote_ident({dataset}))"
    )
    _on_top = (
        "SELECT DISTINCT theirs.oid::regclass::text FROM pg_depend "
        "JOIN pg_class AS ours ON ours.oid = refobjid AND refclassid = 'pg_class'::regclass "
        "JOIN pg_rewrite ON pg_rewrite.oid = objid AND classid = 'pg_rewrite'::regclass "
        "JOIN pg_class AS theirs ON theirs.oid = ev_class AND theirs.relnamespace <> ours.relnamespace "
        "WHERE ours.relnamespace = to_regnamespace(quote_ident({dataset})) ORDER BY 1"
    )
    _letters = (
        "SELECT collname FROM pg_collation WHERE collname IN ('pg_c_utf8', 'und-x-icu') "
        "AND collnamespace = 'pg_catalog'::regnamespace ORDER BY collname LIMIT 1"
    )

    def built_on_top(self) -> list[str]:
        """Views of others that are built on ours, where they keep ours from being replaced."""
        return [
            name for (name,) in self.execute(self._on_top.format(dataset=self.literal(self.views_dataset)))
        ]

    def letters(self) -> str:
        """The collation by which letters are made small; that of a database in locale C knows ASCII only."""
        return next((name for (name,) in self.execute(self._letters)), "default")


class BigQueryCatalogue(Catalogue):
    """A project of BigQuery."""

    dialect = "bigquery"

    def __init__(self, client: SqlJobClientBase) -> None:
        super().__init__(client)
        self.project = self._sql.catalog_name(quote=False)

    def views(self) -> dict[str, Shown]:
        """The views in the dataset of the views."""
        listed = self._sql.native_connection.list_tables(f"{self.project}.{self.views_dataset}")
        return {item.table_id: self._shown(item.table_id) for item in listed if item.table_type == "VIEW"}

    def replace(self, views: Sequence[Wanted]) -> None:
        """Make views, or replace them, in their order."""
        for view in views:
            self._replace(view)

    def _replace(self, view: Wanted) -> None:
        self.execute(
            f"CREATE OR REPLACE VIEW {self.full_name(self.views_dataset, view.name)} AS {view.query()}"
        )
        table = self._table(view.name)
        table.schema = [_described(field, view.columns) for field in table.schema]
        table.description = view.description(table.view_query or "")
        self._sql.native_connection.update_table(table, ["description", "schema"])

    def _shown(self, name: str) -> Shown:
        table = self._table(name)
        return Shown(definition=table.view_query or "", description=table.description or "")

    def _table(self, name: str) -> Any:
        return self._sql.native_connection.get_table(f"{self.project}.{self.views_dataset}.{name}")


def _described(field: Any, descriptions: Comments) -> dict[str, Any]:
    """A field of BigQuery's API with its description."""
    return {**field.to_api_repr(), "description": descriptions[field.name]}


_CATALOGUES: dict[str, type[Catalogue]] = {
    "dlt.destinations.duckdb": DuckDbCatalogue,
    "dlt.destinations.postgres": PostgresCatalogue,
    "dlt.destinations.bigquery": BigQueryCatalogue,
}


def catalogue_of(client: SqlJobClientBase, destination_type: str) -> Catalogue | None:
    """The catalogue of a destination, if views are made there."""
    kind = _CATALOGUES.get(destination_type)
    return kind(client) if kind else None
