"""What every test needs: a clean environment, a sandbox of the API, and a warehouse to load into."""

import fcntl
import gc
import hashlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dlt
import hypothesis
import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.cli.main import call
from airmeet_source.disclosure.secrets import SECRETS, Secrets
from tests.support.bigquery_server import BigQueryServer
from tests.support.cli import Cli, FirstLoad, Result
from tests.support.postgres_server import Databases
from tests.support.remembered_types import remember_types
from tests.support.shared_server import shared_server
from tests.support.small_blocks import use_small_blocks
from tests.support.warehouse import NOW, Warehouse

# a server of the user's own wins over those that the tests start; read before the environment is cleaned
THEIR_POSTGRES = os.environ.get("DESTINATION__POSTGRES__CREDENTIALS", "")
THEIR_BIGQUERY = os.environ.get("DESTINATION__BIGQUERY__CREDENTIALS", "")
DESTINATIONS = {"DuckDB": None, "Postgres": "postgres", "BigQuery (emulator)": "bigquery"}
if THEIR_BIGQUERY:
    DESTINATIONS["BigQuery"] = "real_bigquery"

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell's background jobs ignore it, and so would every program that a test starts and interrupts
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as under nohup
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# how long an example takes says more of the machine than of the code
hypothesis.settings.register_profile("without deadlines", deadline=None)
hypothesis.settings.load_profile("without deadlines")

# each run opens and closes DuckDB files, and a disk makes it wait for that: a fifth of the whole time
_IN_MEMORY, _ENOUGH = Path("/dev/shm"), 4_000_000_000
if _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))

# dlt and pyarrow fill the memory with what stays: to look for garbage in it takes a tenth of each run's time
gc.freeze()
gc.set_threshold(10_000)
remember_types()
use_small_blocks()

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"  # as the command line has it
dlt.current.run_context().initialize_runtime()  # once per process: not with the level of the first test


LONGEST = (  # files whose tests or fixtures take tens of seconds
    *("faults/test_overlaps.py", "cli/test_wheel.py", "test_docs_commands.py", "test_benchmarks.py"),
    *("loading/test_repair.py", "extract/test_increments.py", "loading/test_memory.py"),
    *("reporting/test_app.py", "loading/test_quiet_runs.py", "orchestration/test_dagster.py"),
)


def pytest_xdist_auto_num_workers() -> int:
    """Twice the processors: what waits for a server or a lock leaves its own to others."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that in the end no process waits for it."""
    items.sort(key=lambda item: not str(item.path).endswith(LONGEST))


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("SOURCES__", "DESTINATION__", "AIRMEET")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test has for a key may be a sentence that this one expects to read."""
    for name, value in vars(Secrets()).items():
        monkeypatch.setattr(SECRETS, name, value)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A dozen events in all phases of life, seen at a moment that stands still."""
    with Sandbox(World(seed=7, events=12, people=8, now=NOW)) as running:
        running.clock.freeze(NOW)
        yield running


@pytest.fixture
def warehouse(tmp_path: Path, sandbox: Sandbox) -> Warehouse:
    """An empty warehouse for the sandbox's events."""
    return Warehouse(tmp_path, sandbox)


@pytest.fixture
def another_warehouse(tmp_path: Path, sandbox: Sandbox) -> Callable[[], Warehouse]:
    """More empty warehouses for the same events."""
    return lambda: Warehouse(tmp_path, sandbox)


@pytest.fixture
def cli(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    """The command line with the sandbox's keys in the environment.

    It makes no views where they are not asked for: they would take a third of the time of most runs.
    """
    environment = {
        "ACCESS_KEY": sandbox.access_key,
        "SECRET_KEY": sandbox.secret_key,
        "BASE_URL": sandbox.base_url,
        "PENDING_WAIT": "0.05",
        "BACKOFF": "0.01",
        "MAX_ATTEMPTS": "3",
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"SOURCES__AIRMEET__{name}", value)
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "CRITICAL")  # main sets it; pytest puts it back

    def load(*arguments: str, views: bool = False) -> Result:
        leave = [] if views else ["--no-views"]
        words = ["--pipelines-dir", str(tmp_path / "pipelines"), *leave, *arguments]
        try:
            code = call("load", words, prog="airmeet load")
        except SystemExit as stopped:
            code = int(str(stopped.code))
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return load


@pytest.fixture
def loaded(cli: Cli, sandbox: Sandbox, folder_of_all: Path) -> FirstLoad:
    """The DuckDB file as a first run leaves it, in no time.

    The run itself is made once for all tests whose fixtures make the same community and settings, whichever
    process they are in. To be called before a test changes anything.
    """

    def load(*words: str, views: bool = False) -> None:
        settings = {
            name: value for name, value in os.environ.items() if name.startswith("SOURCES__AIRMEET__")
        }
        for of_this_sandbox in ("ACCESS_KEY", "SECRET_KEY", "BASE_URL"):
            del settings[f"SOURCES__AIRMEET__{of_this_sandbox}"]
        community = repr(sandbox.world.records("airmeets"))
        key = repr((words, views, community, *sorted(settings.items())))
        kept = folder_of_all / f"loaded_{hashlib.sha256(key.encode()).hexdigest()}"
        with kept.open("ab") as content:
            fcntl.flock(content, fcntl.LOCK_EX)
            if not kept.stat().st_size:
                assert cli(*words, views=views).code == 0
                content.write(Path("airmeet.duckdb").read_bytes())
        Path("airmeet.duckdb").write_bytes(kept.read_bytes())

    return load


@pytest.fixture(scope="session")
def folder_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def postgres_databases(folder_of_all: Path) -> Iterator[Databases]:
    """Databases on a real PostgreSQL server: the one that the environment names, or one started here."""
    with ExitStack() as stack:
        server = THEIR_POSTGRES or stack.enter_context(shared_server("postgres", folder_of_all))
        yield stack.enter_context(Databases(server))


@pytest.fixture
def postgres(postgres_databases: Databases) -> Any:
    """The destination Postgres, with an empty database."""
    return dlt.destinations.postgres(postgres_databases.new())


@pytest.fixture(scope="session")
def bigquery_server(folder_of_all: Path) -> Iterator[BigQueryServer]:
    """An emulator of BigQuery, one for all processes of tests."""
    with shared_server("bigquery", folder_of_all) as url:
        yield BigQueryServer(url)


@pytest.fixture
def bigquery(bigquery_server: BigQueryServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The destination BigQuery, led to the emulator by nothing but its configuration."""
    for name, value in bigquery_server.environment.items():
        monkeypatch.setenv(name, value)
    bigquery_server.without_waiting(monkeypatch)
    return dlt.destinations.bigquery(supports_transactions=True)


@pytest.fixture
def real_bigquery(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The destination BigQuery in the project that the environment names."""
    monkeypatch.setenv("DESTINATION__BIGQUERY__CREDENTIALS", THEIR_BIGQUERY)
    return dlt.destinations.bigquery(supports_transactions=True)


@pytest.fixture(params=DESTINATIONS)
def destination(request: pytest.FixtureRequest) -> Any:
    """Each destination in turn; none stands for a DuckDB file."""
    fixture = DESTINATIONS[request.param]
    return fixture and request.getfixturevalue(fixture)
