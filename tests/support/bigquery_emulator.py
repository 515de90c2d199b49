"""bqemulator as a program, mended where it is not BigQuery: ``python bigquery_emulator.py PORT``.

The fixes patch private functions, so its version is pinned exactly. What the emulator cannot do at all is a
transaction: ``BEGIN``, ``COMMIT`` and ``ROLLBACK`` are answered and do nothing. The statements that it was
sent for a dataset, transactions included, can be read at ``/statements/DATASET``.
"""

import gc
import gzip
import json
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlglot
from bqemulator import server
from bqemulator.api.routes import upload
from bqemulator.api.routes.jobs import _apply_default_dataset
from bqemulator.catalog import ddl_sync
from bqemulator.catalog.models import Clustering, TimePartitioning
from bqemulator.config import LogLevel, PersistenceMode, Settings
from bqemulator.jobs import executor
from bqemulator.scripting import interpreter
from bqemulator.sql.rewriter import information_schema
from bqemulator.storage.engine import DuckDBEngine
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

HTTP_CODES = {"notFound": 404, "duplicate": 409, "accessDenied": 403}
TRANSACTION = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK) TRANSACTION\b")
DML = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
ALTER = re.compile(r"(ALTER TABLE\s+\S+)\s+(ADD COLUMN\b[^;]*)")
ALTERED_TABLE = re.compile(r"\s*ALTER\s+TABLE\s+([`\w.\-]+)", re.IGNORECASE)
PARTITION = re.compile(r"PARTITION BY\s+\w+_TRUNC\(\s*`?(\w+)`?\s*,\s*(\w+)\s*\)")
CLUSTER = re.compile(r"\nCLUSTER BY\s+(`\w+`(?:, `\w+`)*)")
COLUMNS_OF = re.compile(r"\bcolumns_of_(\w+)")

statements: list[tuple[str, str]] = []  # with the dataset that names without one belong to


class LikeBigQuery(BaseHTTPMiddleware):
    """Requests and answers as they are with BigQuery."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Mend the request, let the emulator answer it, mend the answer."""
        path = request.url.path
        if path.startswith("/statements/"):
            dataset = path.rpartition("/")[2]
            return JSONResponse([sql for default, sql in statements if dataset in f"{default} {sql}"])
        if path == "/token":  # OAuth for service accounts whose keys are made up
            return JSONResponse({"access_token": "any", "expires_in": 3600, "token_type": "Bearer"})
        if request.method == "POST" and path.endswith(("/queries", "/jobs")):
            await _mend_request(request)
            if path.endswith("/queries"):
                return await _as_http_error(await call_next(request))
        elif (
            request.method == "GET" and "/queries/" in path and request.query_params.get("maxResults") == "0"
        ):
            return await _without_empty_page(await call_next(request))
        return await call_next(request)


async def _mend_request(request: Request) -> None:
    body = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    content = json.loads(body)
    # jobs hold their query deeper than the synchronous endpoint does
    query = content.get("configuration", {}).get("query") or content
    if "query" in query:
        statements.append((query.get("defaultDataset", {}).get("datasetId", ""), query["query"]))
        query["query"] = _runnable(query["query"], query, project=request.url.path.split("/")[-2])
    body = json.dumps(content).encode()
    request._body = body
    replaced = (b"content-length", b"content-encoding")
    headers = [(name, value) for name, value in request.scope["headers"] if name not in replaced]
    request.scope["headers"] = [*headers, (b"content-length", str(len(body)).encode())]


def _runnable(sql: str, query: dict[str, Any], project: str) -> str:
    """SQL that means the same to the emulator."""
    if TRANSACTION.match(sql):
        return "SELECT 1"
    sql = ALTER.sub(_one_action_each, sql)
    if (
        query.get("defaultDataset")
        and DML.match(sql)
        and "INFORMATION_SCHEMA" not in sql
        and _names_bare_tables(sql)
    ):
        return str(_apply_default_dataset(sql, query, request_project_id=project))
    return sql


def _one_action_each(match: re.Match[str]) -> str:
    actions = re.split(r",\s*(?=ADD COLUMN\b)", match[2].strip())
    return ";\n".join(f"{match[1]} {action}" for action in actions)


def _names_bare_tables(sql: str) -> bool:
    if "INFORMATION_SCHEMA" in sql:
        return False
    try:
        parsed = sqlglot.parse(sql, read="bigquery")
    except sqlglot.ParseError:
        return False  # the emulator shall say what is wrong with it
    tables = [table for statement in parsed if statement for table in statement.find_all(exp.Table)]
    return any(not table.db and isinstance(table.this, exp.Identifier) for table in tables)


async def _content(response: Response) -> dict[str, Any]:
    body = b"".join([chunk async for chunk in response.body_iterator])
    content: dict[str, Any] = json.loads(body)
    return content


async def _as_http_error(response: Response) -> Response:
    """BigQuery answers SQL that fails with an HTTP error, the emulator with 200."""
    content = await _content(response)
    errors = content.get("errors")
    if response.status_code != 200 or not errors or content.get("rows"):
        return JSONResponse(content, response.status_code)
    first = errors[0]
    code = HTTP_CODES.get(first.get("reason"), 400)
    error = {"code": code, "message": first.get("message"), "errors": [{**first, "domain": "global"}]}
    return JSONResponse({"error": error}, code)


async def _without_empty_page(response: Response) -> Response:
    """BigQuery leaves ``rows`` out; clients take an empty list for an empty first page."""
    content = await _content(response)
    if not content.get("rows"):
        content.pop("rows", None)
        content.pop("pageToken", None)
    return JSONResponse(content, response.status_code)


def mend() -> None:
    """Patch the emulator."""
    DuckDBEngine._load_spatial = lambda _self: None  # a download, and only for GEOGRAPHY
    _unzip_uploads()
    _match_parquet_columns_by_name()
    _put_columns_into_the_finished_query()
    _remember_partitions_clusters_and_new_columns()
    _parse_each_text_once()
    create_app = server.create_app

    def create_mended_app(context: Any) -> Any:
        app = create_app(context)
        app.add_middleware(LikeBigQuery)
        return app

    server.create_app = create_mended_app


def _unzip_uploads() -> None:
    """BigQuery notices that a text file is gzipped."""
    run_load = upload._run_load

    def unzip(file: Path) -> None:
        content = file.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            file.write_bytes(gzip.decompress(content))

    async def run_unzipped(*, media_path: Any, **arguments: Any) -> Any:
        unzip(Path(media_path))
        return await run_load(media_path=media_path, **arguments)

    upload._run_load = run_unzipped


def _match_parquet_columns_by_name() -> None:
    """The emulator matches by position: wrong values as soon as a column is new."""

    def load(path: str, table: str, context: Any) -> Any:
        return context.engine.execute(f"INSERT INTO {table} BY NAME SELECT * FROM read_parquet(?)", [path])

    executor._LOAD_FORMAT_HANDLERS["PARQUET"] = load


def _put_columns_into_the_finished_query() -> None:
    """The emulator writes INFORMATION_SCHEMA.COLUMNS into the query as text, which it then parses often."""
    stock_text, stock_fetch = information_schema._columns_as_values, DuckDBEngine.fetch_arrow
    texts: dict[str, str] = {}

    def name(tables: Any, project: str, dataset: str) -> str:
        texts[dataset] = stock_text(tables, project, dataset)
        return f"(SELECT * FROM columns_of_{dataset})"

    def fetch(engine: DuckDBEngine, sql: str, *parameters: Any) -> Any:
        return stock_fetch(engine, COLUMNS_OF.sub(lambda match: texts[match[1]], sql), *parameters)

    information_schema._columns_as_values = name
    DuckDBEngine.fetch_arrow = fetch


def _remember_partitions_clusters_and_new_columns() -> None:
    stock_sync = ddl_sync.sync_created_table

    def sync(sql: str, project: str, context: Any) -> None:
        stock_sync(sql, project, context)
        changes: dict[str, Any] = {}
        created = ddl_sync._detect_plain_create_table(sql)
        if created is not None:
            table = ddl_sync._split_target(created, project)
            if found := PARTITION.search(sql):
                changes["time_partitioning"] = TimePartitioning.model_validate(
                    {"type": found[2], "field": found[1]}
                )
            if found := CLUSTER.search(sql):
                changes["clustering"] = Clustering(fields=tuple(re.findall(r"\w+", found[1])))
        elif altered := ALTERED_TABLE.match(sql):
            table = (project, *altered[1].replace("`", "").split("."))[-3:]
            changes["schema_"] = ddl_sync._introspect_schema(*table, context)
        meta = context.catalog.get_table(*table) if changes else None
        if meta is not None:
            context.catalog.update_table(meta.model_copy(update=changes))

    executor.sync_created_table = interpreter.sync_created_table = ddl_sync.sync_created_table = sync


def _parse_each_text_once() -> None:
    """Each step of the emulator parses a statement anew, a dozen times in all: most of its time."""
    parse = Dialect.parse

    @lru_cache(maxsize=1_000)
    def parsed(dialect: type[Dialect], sql: str) -> list[exp.Expr | None]:
        return parse(dialect(), sql)

    def parse_once(self: Dialect, sql: str, **options: Any) -> list[exp.Expr | None]:
        if options:
            return parse(self, sql, **options)
        return [each and each.copy() for each in parsed(type(self), sql)]

    Dialect.parse = parse_once


if __name__ == "__main__":
    mend()
    gc.set_threshold(100_000)  # syntax trees are many objects, and most of them stay
    server.run_forever(
        Settings(
            persistence_mode=PersistenceMode.EPHEMERAL,
            rest_host="127.0.0.1",
            rest_port=int(sys.argv[1]),
            grpc_host="127.0.0.1",
            grpc_port=0,
            enable_format_extensions=False,
            log_level=LogLevel.WARNING,
        )
    )
