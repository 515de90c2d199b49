"""--check and the start of a run: is the destination there, and may we write to it?"""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from airmeet_sandbox import Sandbox
from airmeet_source.loading import postgres
from tests.support.bigquery_server import BigQueryServer
from tests.support.cli import Cli, query
from tests.support.postgres_server import Databases


@pytest.fixture
def database(postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty Postgres database, which the command line loads into."""
    address = postgres_databases.new()
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    return address


def execute(database: str, sql: str) -> list[tuple[object, ...]]:
    """What an administrator of the database does."""
    connection = psycopg2.connect(database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def schemas(database: str) -> set[str]:
    """The schemas that users made."""
    rows = execute(
        database, "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public)'"
    )
    return {str(name) for (name,) in rows}


@pytest.fixture
def loader(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A user of that database who may do nothing yet, and whom the command line connects as."""
    name = urlsplit(database).path.replace("/test", "loader")
    execute(database, f"CREATE ROLE {name} LOGIN PASSWORD 'any'")
    address = urlsplit(database)
    theirs = address._replace(netloc=f"{name}:any@{address.hostname}:{address.port}").geturl()
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", theirs)
    yield name
    execute(database, f"DROP OWNED BY {name} CASCADE; DROP ROLE {name}")


class TestCheck:
    def test_a_new_duckdb_file_is_not_left_behind(self, cli: Cli) -> None:
        result = cli("--check")
        assert result.code == 0
        assert "can be created by the first run" in result.out
        assert not Path("airmeet.duckdb").exists()

    def test_what_duckdb_holds_stays(self, cli: Cli) -> None:
        cli("--resources", "airmeets")
        events = query("SELECT count(*) FROM airmeets")
        result = cli("--check")
        assert "exists and can be written to" in result.out
        assert query("SELECT count(*) FROM airmeets") == events

    def test_postgres_keeps_no_trace(self, cli: Cli, database: str) -> None:
        result = cli("--check", "--destination", "postgres")
        assert result.code == 0
        assert not schemas(database)

    def test_a_server_that_is_not_there_is_1(self, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", "postgresql://me:secret-word@127.0.0.1:9/db")
        result = cli("--check", "--destination", "postgres")
        assert result.code == 1
        assert "cannot be reached" in result.err
        assert "secret-word" not in result.err

    @pytest.mark.usefixtures("loader")
    def test_a_user_who_may_not_create_a_schema_is_told_the_grant(self, cli: Cli) -> None:
        result = cli("--check", "--destination", "postgres")
        assert result.code == 2
        assert "create the dataset airmeet_data" in result.err
        assert "GRANT CREATE ON DATABASE" in result.err

    def test_a_user_who_may_not_create_tables_is_told_the_grant(
        self, cli: Cli, database: str, loader: str
    ) -> None:
        execute(database, f"CREATE SCHEMA airmeet_data; GRANT USAGE ON SCHEMA airmeet_data TO {loader}")
        result = cli("--check", "--destination", "postgres")
        assert result.code == 2
        assert "GRANT USAGE, CREATE ON SCHEMA airmeet_data" in result.err

    def test_schemas_that_an_administrator_made_are_enough(
        self, cli: Cli, database: str, loader: str
    ) -> None:
        for schema in ("airmeet_data", "airmeet_data_staging"):
            execute(database, f"CREATE SCHEMA {schema} AUTHORIZATION {loader}")
        assert cli("--check", "--destination", "postgres").code == 0
        assert cli("--destination", "postgres", "--resources", "airmeets").code == 0

    @pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "WIN1252"])
    def test_a_database_that_cannot_store_every_text_is_2_before_anything_is_asked(
        self, cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, database: str, encoding: str
    ) -> None:
        name = f"{urlsplit(database).path[1:]}_{encoding.lower()}"
        execute(database, f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
        address = urlsplit(database)._replace(path=f"/{name}").geturl()
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
        for arguments in ([], ["--check"]):
            result = cli("--destination", "postgres", *arguments)
            assert result.code == 2
            assert f"encoding is {encoding}, UTF8 is needed" in result.err
        assert not sandbox.requests
        execute(database, f"DROP DATABASE {name}")

    @pytest.mark.usefixtures("database")
    def test_a_server_that_cannot_merge_is_2_before_anything_is_asked(
        self, cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres, "_OLDEST", 990_000)
        result = cli("--destination", "postgres")
        assert result.code == 2
        assert "99 or newer is needed" in result.err
        assert not sandbox.requests

    def test_an_address_without_a_password_is_one(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, loader: str, database: str
    ) -> None:
        """The password comes from libpq's own places, or the server wants none."""
        execute(database, f"CREATE SCHEMA airmeet_data AUTHORIZATION {loader}")
        execute(database, f"CREATE SCHEMA airmeet_data_staging AUTHORIZATION {loader}")
        address = urlsplit(database)
        monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
        (tmp_path / "pgpass").write_text(f"{address.hostname}:{address.port}:*:{loader}:any\n")
        (tmp_path / "pgpass").chmod(0o600)
        monkeypatch.setenv(
            "DESTINATION__POSTGRES__CREDENTIALS",
            address._replace(netloc=f"{loader}@{address.hostname}:{address.port}").geturl(),
        )
        assert cli("--destination", "postgres", "--check").code == 0
        assert cli("--destination", "postgres", "--resources", "airmeets").code == 0

    def test_parts_of_an_address_are_one_without_a_password_too(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, database: str
    ) -> None:
        address = urlsplit(database)
        monkeypatch.delenv("DESTINATION__POSTGRES__CREDENTIALS")
        parts = {
            "HOST": address.hostname, "PORT": address.port, "USERNAME": address.username,
            "DATABASE": address.path[1:],
        }  # fmt: skip
        for name, part in parts.items():
            monkeypatch.setenv(f"DESTINATION__POSTGRES__CREDENTIALS__{name}", str(part))
        monkeypatch.setenv("PGPASSWORD", address.password or "")
        assert cli("--destination", "postgres", "--resources", "airmeets").code == 0

    def test_what_a_run_may_not_do_with_a_table_the_check_tells_before(
        self, cli: Cli, database: str, loader: str
    ) -> None:
        for schema in ("airmeet_data", "airmeet_data_staging"):
            execute(database, f"CREATE SCHEMA {schema} AUTHORIZATION {loader}")
        run = ("--destination", "postgres", "--resources", "airmeets")
        assert cli(*run).code == 0
        assert cli(*run, "--check").code == 0
        for right in (
            "SELECT ON airmeet_data._dlt_loads", "INSERT ON airmeet_data.sync_log",
            "DELETE ON airmeet_data.airmeets", "TRUNCATE ON airmeet_data_staging.airmeets",
        ):  # fmt: skip
            execute(database, f"REVOKE {right} FROM {loader}")
            result = cli(*run, "--check")
            assert result.code == 2
            assert f"GRANT {right}" in result.err
            assert cli(*run).code != 0
            execute(database, f"GRANT {right} TO {loader}")
        assert cli(*run, "--check").code == 0

    def test_a_view_in_the_place_of_a_table_is_told(self, cli: Cli, database: str, loader: str) -> None:
        for schema in ("airmeet_data", "airmeet_data_staging"):
            execute(database, f"CREATE SCHEMA {schema} AUTHORIZATION {loader}")
        execute(database, "CREATE VIEW airmeet_data.airmeets AS SELECT 1 AS one")
        run = ("--destination", "postgres", "--resources", "airmeets")
        result = cli(*run, "--check")
        assert result.code == 2
        assert "airmeet_data.airmeets, in whose place there is a view" in result.err
        assert cli(*run).code != 0

    def test_tables_of_another_role_are_told_with_what_is_missing(
        self, cli: Cli, database: str, loader: str
    ) -> None:
        for schema in ("airmeet_data", "airmeet_data_staging"):
            execute(database, f"CREATE SCHEMA {schema} AUTHORIZATION {loader}")
        run = ("--destination", "postgres", "--resources", "tracks", "--check")
        assert cli(*run[:-1]).code == 0
        execute(database, "ALTER TABLE airmeet_data.tracks OWNER TO CURRENT_USER")
        execute(database, f"GRANT ALL ON ALL TABLES IN SCHEMA airmeet_data TO {loader}")
        result = cli(*run)
        assert result.code == 2
        assert "who owns airmeet_data.tracks" in result.err
        (owner,) = execute(database, "SELECT CURRENT_USER")[0]
        execute(database, f"GRANT {owner} TO {loader}")
        assert cli(*run).code == 0

    def test_as_many_connections_as_a_load_takes_are_tried(
        self, cli: Cli, database: str, loader: str, sandbox: Sandbox
    ) -> None:
        for schema in ("airmeet_data", "airmeet_data_staging"):
            execute(database, f"CREATE SCHEMA {schema} AUTHORIZATION {loader}")
        event = sandbox.world.event_in("just_finished")
        run = (
            "--destination",
            "postgres",
            "--exclude",
            "session_attendance,booth_attendance",
            "--events",
            event,
        )
        execute(database, f"ALTER ROLE {loader} CONNECTION LIMIT 9")
        assert cli(*run, "--check").code == 0
        assert cli(*run).code == 0
        execute(database, f"ALTER ROLE {loader} CONNECTION LIMIT 8")
        result = cli(*run, "--check")
        assert result.code == 2
        assert "8 connections, and a load takes 9" in result.err
        execute(database, f"ALTER ROLE {loader} CONNECTION LIMIT 2")
        result = cli(*run)
        assert result.code == 1
        assert "too many connections for role" in result.err

    def test_what_refuses_the_rows_of_a_table_is_named(self, cli: Cli, database: str) -> None:
        run = ("--destination", "postgres", "--resources", "tracks")
        assert cli(*run, "--until", "1999-01-01").code == 0
        for obstacle, told in (
            ('ADD CONSTRAINT "mine" CHECK (track_id IS NULL) NOT VALID', 'check constraint "mine"'),
            (
                'DROP CONSTRAINT "mine", ADD COLUMN "mine" text NOT NULL',
                'null value in column "mine" of relation "tracks"',
            ),
        ):
            execute(database, f"ALTER TABLE airmeet_data.tracks {obstacle}")
            result = cli(*run)
            assert result.code == 1
            assert told in result.err

    def test_a_read_only_database_is_told(self, cli: Cli, database: str, loader: str) -> None:
        for schema in ("airmeet_data", "airmeet_data_staging"):
            execute(database, f"CREATE SCHEMA {schema} AUTHORIZATION {loader}")
        execute(database, f"ALTER ROLE {loader} SET default_transaction_read_only = on")
        result = cli("--destination", "postgres", "--check")
        assert result.code == 2
        assert "read-only" in result.err

    @pytest.mark.usefixtures("bigquery")
    def test_bigquery_keeps_no_trace(self, cli: Cli, bigquery_server: BigQueryServer) -> None:
        result = cli("--check", "--destination", "bigquery", "--dataset", "only_checked")
        assert result.code == 0
        assert "error" in bigquery_server.table("only_checked", "airmeet_check")


class TestWrongDestination:
    def test_without_credentials(self, cli: Cli) -> None:
        result = cli("--destination", "postgres")
        assert result.code == 2
        assert "DESTINATION__" in result.err

    @pytest.mark.parametrize(
        "key", ["no key", "{}", '{"project_id": "p", "client_email": "a@b.c", "private_key": "x"}']
    )
    def test_with_a_key_that_is_none(self, cli: Cli, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
        monkeypatch.setenv("DESTINATION__BIGQUERY__CREDENTIALS", key)
        result = cli("--destination", "bigquery")
        assert result.code in (1, 2)
        assert "credentials" in result.err

    def test_an_unknown_one(self, cli: Cli) -> None:
        result = cli("--destination", "nonsense")
        assert result.code == 2
        assert "Unknown destination" in result.err

    @pytest.mark.parametrize(
        ("destination", "module", "install"),
        [
            ("postgres", "psycopg2", 'pip install "airmeet-source[postgres]"'),
            ("postgres", "adbc_driver_postgresql", 'pip install "airmeet-source[postgres]"'),
            ("snowflake", "snowflake", 'pip install "dlt[snowflake]"'),
        ],
    )
    def test_one_whose_package_is_missing(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, destination: str, module: str, install: str
    ) -> None:
        for loaded in [
            name for name in sys.modules if name.startswith(f"dlt.destinations.impl.{destination}")
        ]:
            monkeypatch.delitem(sys.modules, loaded)
        monkeypatch.setitem(sys.modules, module, None)
        result = cli("--destination", destination)
        assert result.code == 2
        assert install in result.err

    def test_one_that_cannot_replace_rows_is_refused(self, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", Path("lake").resolve().as_uri())
        result = cli("--destination", "filesystem")
        assert result.code == 2
        assert "ducklake" in result.err
        assert not Path("lake").exists()
