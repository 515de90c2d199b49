"""What somebody dropped, renamed or changed of ours comes back, and its rows with it."""

import shutil
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source.loading.destinations import Target, build_pipeline
from airmeet_source.loading.storage import BOOKKEEPING
from airmeet_source.model.tables import TABLES
from tests.faults.histories.contents import VOLATILE, Tables, contents
from tests.support.cli import Cli, FirstLoad
from tests.support.warehouse import NOW

LOADED = ("--resources", "airmeets,tracks,utms,session_attendance")
FILE, BASE = Path("airmeet.duckdb"), Path("base.duckdb")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Events that were over long ago: their units are settled by the first load."""
    with Sandbox(World(seed=7, events=3, people=3, now=NOW)) as running:
        running.clock.freeze(NOW)
        yield running


@pytest.fixture
def clean(loaded: FirstLoad) -> Tables:
    """The tables of a first load, which is also kept as a file to begin with."""
    loaded(*LOADED)
    shutil.copy(FILE, BASE)
    return ours(contents(FILE))


def execute(*statements: str) -> None:
    """Change the DuckDB file."""
    with duckdb.connect(str(FILE)) as connection:
        for statement in statements:
            connection.execute(statement)


def ours(tables: Tables) -> Tables:
    """The tables of the data model, without what is theirs; a column that was made again comes last."""
    return {
        name: Counter(tuple(sorted(cell for cell in row if cell[0] != "mine")) for row in rows.elements())
        for name, rows in tables.items()
        if name in TABLES
    }


def stored_columns() -> list[tuple[str, str, str]]:
    """Everything that can be dropped: dataset, table and column."""
    with duckdb.connect(str(BASE), read_only=True) as connection:
        return connection.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() SEMI JOIN duckdb_tables() "
            "USING (schema_name, table_name) WHERE NOT internal ORDER BY ALL"
        ).fetchall()


@st.composite
def harms(draw: st.DrawFn) -> list[str]:
    """A few tables and columns, of ours and of dlt's, dropped or renamed."""
    columns = stored_columns()
    statements: dict[tuple[str, str], str] = {}
    for dataset, table, column in draw(st.lists(st.sampled_from(columns), min_size=1, max_size=3)):
        name = f'{dataset}."{table}"'
        statements[dataset, table] = draw(
            st.sampled_from(
                [
                    f"DROP TABLE {name}",
                    f'ALTER TABLE {name} RENAME TO "_dlt_theirs_{table}"',
                    f'ALTER TABLE {name} DROP COLUMN "{column}"',
                    f'ALTER TABLE {name} RENAME COLUMN "{column}" TO "theirs"',
                ]
            )
        )
    return sorted(statements.values())


def test_whatever_is_dropped_or_renamed_the_next_run_has_the_rows_of_a_clean_load(
    cli: Cli, clean: Tables
) -> None:
    @settings(max_examples=4, derandomize=True)
    @given(harms())
    def check(statements: list[str]) -> None:
        shutil.copy(BASE, FILE)
        execute(*statements)
        result = cli(*LOADED)
        assert result.code == 0, (statements, result.err)
        assert ours(contents(FILE)) == clean, statements

    check()


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (
            ["CREATE VIEW airmeet_data.my_view AS SELECT * FROM airmeet_data.tracks",
             "DROP TABLE airmeet_data.tracks", "ALTER TABLE airmeet_data.utms RENAME TO mine"],
            ["table tracks was gone", "table utms was gone"],
        ),
        (
            ["ALTER TABLE airmeet_data.tracks DROP name", "ALTER TABLE airmeet_data.tracks DROP color_code",
             "ALTER TABLE airmeet_data.utms RENAME airmeet_id TO event",
             "ALTER TABLE airmeet_data.session_attendance RENAME _dlt_load_id TO mine",
             "ALTER TABLE airmeet_data.sync_log RENAME _dlt_load_id TO mine"],
            ["table tracks lacked name, color_code", "airmeet_id. What was there is kept",
             "table session_attendance lacked _dlt_load_id", "sync_log lacked _dlt_load_id"],
        ),
        (["DROP TABLE airmeet_data_staging.tracks"], ["staging tables"]),
        (["ALTER TABLE airmeet_data_staging.utms ADD mine INTEGER"], ["staging tables"]),
        (["ALTER TABLE airmeet_data_staging._dlt_version DROP schema"], ["staging tables"]),
        (["ALTER TABLE airmeet_data_staging._dlt_version ALTER version TYPE TEXT"], ["staging tables"]),
        (["DROP SCHEMA airmeet_data CASCADE"], ["staging tables"]),
        (
            ["DROP TABLE airmeet_data._dlt_loads",
             "ALTER TABLE airmeet_data._dlt_version RENAME schema TO mine"],
            ["_dlt_loads", "_dlt_version lacked columns"],
        ),
        (
            ["ALTER TABLE airmeet_data.utms ALTER utm_source TYPE INTEGER USING 1",
             "ALTER TABLE airmeet_data.session_attendance ALTER id TYPE VARCHAR"],
            ["type in utm_source", "session_attendance had another type in id"],
        ),
        (
            ["DROP TABLE airmeet_data.tracks", "DROP TABLE airmeet_data._dlt_version"],
            ["table tracks was gone"],
        ),
    ],
    ids=lambda value: value[0].replace("airmeet_data", "") if isinstance(value, list) else "",
)  # fmt: skip
def test_what_is_gone_comes_back_with_its_rows_and_a_line_says_so(
    cli: Cli, clean: Tables, caplog: pytest.LogCaptureFixture, statements: list[str], told: list[str]
) -> None:
    execute(*statements)
    result = cli(*LOADED, "--pipelines-dir", "elsewhere", views="CREATE VIEW" in statements[0])
    assert result.code == 0, result.err
    assert ours(contents(FILE)) == clean
    for words in told:
        assert words in caplog.text


def test_what_is_no_damage_is_not_repaired(cli: Cli, clean: Tables, caplog: pytest.LogCaptureFixture) -> None:
    execute(
        "DROP SCHEMA airmeet_data_staging CASCADE",
        "CREATE TABLE airmeet_data.mine AS SELECT 1 AS airmeet_id",
        "ALTER TABLE airmeet_data.tracks ADD mine INTEGER DEFAULT 7",
    )
    result = cli(*LOADED, "--pipelines-dir", "elsewhere")
    assert result.code == 0, result.err
    assert ours(contents(FILE)) == clean
    assert "Repaired" not in caplog.text


def test_a_run_that_repairs_and_then_fails_leaves_the_rows_due(
    cli: Cli, sandbox: Sandbox, clean: Tables
) -> None:
    execute("DROP TABLE airmeet_data.tracks")
    sandbox.faults.add(faults.status(500), endpoint="airmeets", times=3)
    assert cli(*LOADED).code == 1
    assert cli(*LOADED).code == 0
    assert ours(contents(FILE)) == clean


def test_resources_that_are_not_asked_for_now_are_due_later(cli: Cli, clean: Tables) -> None:
    execute("DROP TABLE airmeet_data.tracks", "ALTER TABLE airmeet_data.session_attendance DROP email")
    assert cli("--resources", "utms").code == 0
    assert cli(*LOADED).code == 0
    assert ours(contents(FILE)) == clean


def test_the_units_of_all_pipelines_of_the_dataset_are_due(cli: Cli, sandbox: Sandbox, clean: Tables) -> None:
    first, *others = sandbox.world.events()
    FILE.unlink()
    one = ("--resources", "tracks", "--events", first, "--pipeline-name", "one")
    other = ("--resources", "tracks", "--events", ",".join(others), "--pipeline-name", "other")
    for pipeline in (one, other):
        assert cli(*pipeline).code == 0
    execute("DROP TABLE airmeet_data.tracks")
    for pipeline in (one, other):
        assert cli(*pipeline).code == 0
    assert ours(contents(FILE))["tracks"] == clean["tracks"]


def test_full_refresh_repairs_everything(cli: Cli, clean: Tables) -> None:
    execute(*(f"DROP TABLE airmeet_data.{name}" for name in clean), "DROP TABLE airmeet_data_staging.utms")
    assert cli(*LOADED, "--full-refresh").code == 0
    assert ours(contents(FILE)) == clean


@pytest.mark.usefixtures("clean")
def test_looking_repairs_nothing_and_a_plan_knows_what_will_be_due(cli: Cli) -> None:
    execute("DROP TABLE airmeet_data.tracks")
    before = contents(FILE)
    assert cli("--check").code == 0
    result = cli("--plan", "--resources", "tracks,utms")
    assert result.code == 0
    due = {
        line.split()[0]: line.split()[1] for line in result.out.splitlines() if line[:4] in ("trac", "utms")
    }
    assert due == {"tracks": "3", "utms": "0"}
    execute("ALTER TABLE airmeet_data._dlt_version DROP schema")
    assert cli("--check").code == cli("--plan").code == 0
    assert contents(FILE) == before


class OnEachDestination:
    """A dataset on any destination."""

    def __init__(self, destination: str, tables: Iterable[str]) -> None:
        self.dataset = f"data_{uuid.uuid4().hex[:8]}"
        self._tables = tables
        self._target = Target(destination=destination, dataset_name=self.dataset, pipelines_dir="another")

    def execute(self, *statements: str) -> None:
        """Run SQL, with ``{our}`` and ``{staging}`` in front of the tables."""
        with build_pipeline(self._target).sql_client() as client:
            for statement in statements:
                client.execute_sql(statement.format(our=self.dataset, staging=f"{self.dataset}_staging"))

    def rows(self) -> Tables:
        """The tables as multisets of rows."""
        found: Tables = {}
        with build_pipeline(self._target).sql_client() as client:
            for name in self._tables:
                everything = f"SELECT * FROM {client.make_qualified_table_name(name)}"
                with client.execute_query(everything) as cursor:
                    columns = [column[0] for column in cursor.description]
                    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
                found[name] = Counter(
                    tuple(sorted((c, v) for c, v in row.items() if v is not None and c not in VOLATILE))
                    for row in rows
                )
        return found


@pytest.mark.parametrize("destination_name", ["postgres", "bigquery"], indirect=True)
def test_on_other_destinations_nothing_is_repaired_without_need_and_what_is_gone_comes_back(
    cli: Cli, destination_name: str, caplog: pytest.LogCaptureFixture
) -> None:
    tables = ["airmeets", "tracks", "utms"]  # the emulator is slow, and cannot rename tables
    if destination_name != "bigquery":
        tables.append("session_attendance")
    there = OnEachDestination(destination_name, tables)
    run = ("--resources", ",".join(tables), "--destination", destination_name, "--dataset", there.dataset)
    for _ in range(2):
        assert cli(*run).code == 0
    assert "Repaired" not in caplog.text
    clean = there.rows()
    there.execute(
        "DROP TABLE {our}.tracks",
        "ALTER TABLE {our}.utms DROP COLUMN utm_source",
        "ALTER TABLE {our}.airmeets DROP COLUMN _dlt_load_id",
        "DROP TABLE {our}._dlt_version",
        "DROP TABLE {staging}.utms",
    )
    if "session_attendance" in tables:
        there.execute("ALTER TABLE {our}.session_attendance DROP COLUMN airmeet_id")
    assert cli(*run).code == 0
    for table in ("tracks", "utms", "airmeets", "_dlt_version", "staging"):
        assert table in caplog.text
    assert there.rows() == clean
    there.execute("DROP TABLE {our}._dlt_loads", "DROP TABLE {our}.utms")
    assert cli(*run).code == 0
    assert there.rows() == clean


@pytest.mark.usefixtures("clean")
def test_dlts_own_tables_have_the_columns_that_are_expected() -> None:
    found: dict[str, set[str]] = {name: set() for name in BOOKKEEPING}
    for dataset, table, column in stored_columns():
        if dataset == "airmeet_data" and table in found:
            found[table].add(column)
    assert found == BOOKKEEPING
