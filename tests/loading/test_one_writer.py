"""One run for each pipeline and dataset, whatever the machine; pipelines that share a dataset do not meet."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airmeet_sandbox import Sandbox
from airmeet_source.errors import AlreadyRunning, LockLost
from airmeet_source.loading import leasing
from airmeet_source.loading.destinations import Target, build_pipeline, staging_dataset_name
from airmeet_source.loading.lease_table import FREE, Lease, LeaseTable
from airmeet_source.loading.leasing import Leasing
from airmeet_source.loading.locking import Locks
from airmeet_source.loading.writers import locks_of
from tests.support.cli import Cli
from tests.support.postgres_server import Databases

LOADED = ("--resources", "airmeets,tracks")
ROWS = "SELECT airmeet_id, track_id, name FROM airmeet_data.tracks ORDER BY 1, 2"


@pytest.fixture
def database(postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty Postgres database, which the command line loads into."""
    address = postgres_databases.new()
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    return address


@pytest.fixture(params=["duckdb", "postgres", "bigquery"])
def warehouse_name(request: pytest.FixtureRequest) -> str:
    """Each destination in turn, ready to be loaded into."""
    if request.param != "duckdb":
        request.getfixturevalue("database" if request.param == "postgres" else "bigquery")
    return str(request.param)


@contextmanager
def connected(database: str) -> Iterator["psycopg2.extensions.cursor"]:
    """Another session of the database, whose transaction ends with the context."""
    connection = psycopg2.connect(database)
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def rows(database: str, sql: str = ROWS) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connected(database) as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@contextmanager
def elsewhere(
    destination: str, name: str = "airmeet", *, dataset: str = Target.dataset_name, timeout: float = 0.2
) -> Iterator[Locks]:
    """The locks of a run on another machine."""
    target = Target(
        destination=destination, dataset_name=dataset, pipeline_name=name, pipelines_dir=Path("elsewhere")
    )
    with locks_of(build_pipeline(target), timeout) as locks:
        yield locks


class TestOneRun:
    def test_a_second_run_on_another_machine_is_told_who_runs_and_leaves(
        self, cli: Cli, warehouse_name: str
    ) -> None:
        # the emulator is shared with tests that load other events into the usual dataset
        run = (
            *("--destination", warehouse_name, "--pipeline-name", "alone", "--dataset", "alone"),
            *("--resources", "airmeets"),
        )
        with elsewhere(warehouse_name, "alone", dataset="alone") as locks, locks.only_run():
            result = cli(*run, "--lock-timeout", "0.2")
        assert result.code == 1
        assert "Another run loads into this dataset" in result.err
        assert str(os.getpid()) in result.err
        assert "since" in result.err
        assert cli(*run).code == 0

    def test_it_waits_for_the_first(self, cli: Cli, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with elsewhere("postgres") as locks:
            first = locks.only_run()
            first.__enter__()
            monkeypatch.setattr(time, "sleep", lambda _: first.__exit__(None, None, None))
            assert cli("--destination", "postgres", *LOADED).code == 0
        assert rows(database)

    def test_another_pipeline_may_run_meanwhile(self, cli: Cli, database: str) -> None:
        with elsewhere("postgres", "other") as locks, locks.only_run():
            assert cli("--destination", "postgres", *LOADED).code == 0
        assert rows(database)

    def test_loads_of_two_pipelines_take_turns(self, cli: Cli, database: str) -> None:
        with elsewhere("postgres", "other") as locks, locks.only_run(), locks.hold():
            result = cli("--destination", "postgres", *LOADED, "--lock-timeout", "0.2")
        assert result.code == 1
        assert "airmeet/other" in result.err
        assert not rows(database, "SELECT 1 FROM pg_namespace WHERE nspname LIKE 'airmeet%'")

    @pytest.mark.usefixtures("database")
    def test_check_waits_for_its_turn_as_well(self, cli: Cli) -> None:
        with elsewhere("postgres", "other") as locks, locks.hold():
            assert cli("--destination", "postgres", "--check", "--lock-timeout", "0.2").code == 1
        assert cli("--destination", "postgres", "--check").code == 0


class TestStaging:
    def test_two_pipelines_have_each_its_own(self, cli: Cli, database: str) -> None:
        for name in ("airmeet", "other"):
            words = ("--destination", "postgres", "--pipeline-name", name, "--resources", "airmeets")
            assert cli(*words, views=name == "other").code == 0
        found = rows(database, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'airmeet%' ORDER BY 1")
        staging = ["airmeet_data_staging", "airmeet_data_staging_other"]
        assert [name for (name,) in found] == ["airmeet_data", *staging, "airmeet_data_views"]

    @given(
        st.lists(st.text("abAB1_-", min_size=1, max_size=80), min_size=2, max_size=2, unique=True),
        st.text("abAB1_", min_size=1, max_size=80),
    )
    def test_no_two_names_become_one(self, pipelines: list[str], dataset: str) -> None:
        naming = dlt.Schema("airmeet").naming
        names = {naming.normalize_table_identifier(staging_dataset_name(dataset, name)) for name in pipelines}
        assert len(names) == 2
        assert all(len(name.encode()) <= 63 and name != dataset for name in names)


class TestALostLock:
    def test_is_noticed_before_the_next_load(self, database: str) -> None:
        with elsewhere("postgres") as locks, locks.only_run():
            end_sessions(database)
            with pytest.raises(LockLost), locks.hold():
                pytest.fail("it must not load")

    def test_ends_the_load_that_goes_on(self, database: str) -> None:
        pipeline = build_pipeline(Target(destination="postgres", pipelines_dir=Path("elsewhere")))
        with locks_of(pipeline, 1.0) as locks, locks.only_run(), pytest.raises(LockLost):
            load_for_long(pipeline, locks, database)

    def test_the_next_run_is_exact(self, cli: Cli, database: str) -> None:
        with elsewhere("postgres") as locks, locks.only_run():
            end_sessions(database)
            assert cli("--destination", "postgres", *LOADED).code == 0
        assert rows(database)


def load_for_long(pipeline: dlt.Pipeline, locks: Locks, database: str) -> None:
    """Lose the locks while a statement of the load runs."""
    with locks.hold(), pipeline.sql_client() as client:
        end_sessions(database, "AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')")
        client.execute_sql("SELECT pg_sleep(30)")


def end_sessions(database: str, condition: str = "") -> None:
    """End the sessions of our runs, as a server that restarts would."""
    rows(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = current_database() AND pid <> pg_backend_pid() {condition}",
    )


LOCKS = {
    "TRUNCATE of staging": "SELECT 1 FROM airmeet_data_staging.tracks",
    "DELETE and INSERT": "LOCK TABLE airmeet_data.tracks IN SHARE MODE",
    "the state": "LOCK TABLE airmeet_data._dlt_pipeline_state IN SHARE MODE",
}


class TestATableThatIsLocked:
    def test_is_waited_for_no_longer_than_allowed_and_nothing_is_lost(self, cli: Cli, database: str) -> None:
        assert cli("--destination", "postgres", *LOADED).code == 0
        before = rows(database)
        again = ("--destination", "postgres", *LOADED, "--full-refresh")
        for what, lock in LOCKS.items():
            with connected(database) as cursor:
                cursor.execute(lock)
                began = time.monotonic()
                result = cli(*again, "--lock-timeout", "0.3")
                took = time.monotonic() - began
                assert result.code == 1, what
                assert f"process {cursor.connection.get_backend_pid()}" in result.err, what
                assert "Nothing was lost" in result.err, what
            assert took < 30, what
            assert rows(database) == before, what
        assert cli(*again).code == 0
        assert rows(database) == before

    def test_a_new_column_waits_as_well(self, cli: Cli, database: str, sandbox: Sandbox) -> None:
        assert cli("--destination", "postgres", *LOADED).code == 0
        event = sandbox.world.event_in("upcoming")
        tracks = [{**track, "room": "blue"} for track in sandbox.world.records("tracks", event)]
        sandbox.world.put(event, "tracks", tracks)
        again = ("--destination", "postgres", *LOADED, "--full-refresh")
        with connected(database) as cursor:
            cursor.execute("SELECT 1 FROM airmeet_data.tracks")
            result = cli(*again, "--lock-timeout", "0.5")
            assert result.code == 1
            assert f"process {cursor.connection.get_backend_pid()}" in result.err
        assert cli(*again).code == 0
        assert len(rows(database, "SELECT 1 FROM airmeet_data.tracks WHERE room = 'blue'")) == len(tracks)


class TestLease:
    @pytest.fixture
    def pipeline(self, tmp_path: Path) -> dlt.Pipeline:
        """A pipeline with a dataset; that it is DuckDB's is of no account."""
        file = str(tmp_path / "leases.duckdb")
        return dlt.pipeline("airmeet", destination=dlt.destinations.duckdb(file), dataset_name="data")

    def test_it_is_free_again_after_the_run(self, pipeline: dlt.Pipeline) -> None:
        for _ in range(2):
            with Leasing(pipeline, 0).only_run():
                _, leases = LeaseTable(pipeline).read()
                assert len(leases) == 1
        assert LeaseTable(pipeline).read()[1] == [FREE]

    def test_a_crash_does_not_hold_it_for_ever(
        self, pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        table = LeaseTable(pipeline)
        now, _ = table.read()
        table.add()
        table.change(FREE, Lease("a run that was killed", now + 60))
        with (
            pytest.raises(AlreadyRunning, match="a run that was killed, until"),
            Leasing(pipeline, 0).only_run(),
        ):
            pass
        monkeypatch.setattr(Lease, "is_over", lambda lease, now: lease.until <= now + 61)
        with Leasing(pipeline, 0).only_run():
            pass

    def test_it_is_renewed_while_the_run_lives(
        self, pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(leasing, "_RENEW_AFTER", 0.05)
        renewed = threading.Event()
        change = LeaseTable.change

        def watched(table: LeaseTable, before: Lease, after: Lease) -> None:
            change(table, before, after)
            if before != FREE:
                renewed.set()

        monkeypatch.setattr(LeaseTable, "change", watched)
        with Leasing(pipeline, 0).only_run():
            assert renewed.wait(20)

    def test_a_renewal_that_fails_is_tried_again(
        self, pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(leasing, "_RENEW_AFTER", 0.05)
        with Leasing(pipeline, 0).only_run():
            attempts = threading.Semaphore(0)

            def failing(_: LeaseTable) -> None:
                attempts.release()
                raise OSError("the network is away")

            monkeypatch.setattr(LeaseTable, "read", failing)
            assert attempts.acquire(timeout=20)
            assert attempts.acquire(timeout=20)

    @pytest.mark.parametrize("after", [Lease("another run", 10**10), None], ids=["taken", "gone"])
    def test_a_lost_one_is_noticed_before_the_next_load(
        self, pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch, after: Lease | None
    ) -> None:
        locks = Leasing(pipeline, 0)
        with locks.only_run():
            with locks.hold():
                pass
            table = LeaseTable(pipeline)
            if after is None:
                with pipeline.sql_client() as client:
                    client.execute_sql("DELETE FROM _airmeet_leases")
            else:
                table.change(table.read()[1][0], after)
            later = time.time() + leasing.TERM
            monkeypatch.setattr(time, "time", lambda: later)
            with pytest.raises(LockLost), locks.hold():
                pytest.fail("it must not load")
        assert table.read()[1] == ([after] if after else [])

    def test_two_first_runs_at_one_moment_do_not_both_get_it(self, pipeline: dlt.Pipeline) -> None:
        table = LeaseTable(pipeline)
        now, _ = table.read()
        table.add()
        table.change(FREE, Lease("the other one", now + 60))
        table.add()  # its own row, made before it saw the other one's
        with pytest.raises(AlreadyRunning), Leasing(pipeline, 0).only_run():
            pass
        assert Lease("the other one", now + 60) in table.read()[1]
