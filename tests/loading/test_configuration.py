"""Nobody else's configuration decides where and whether rows land."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.common.configuration import resolve
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from airmeet_sandbox import Sandbox, World
from airmeet_source import load
from airmeet_source.errors import UsageError
from airmeet_source.loading.configuration import FIXED, is_the_users, our_configuration
from airmeet_source.loading.destinations import Target, build_pipeline
from tests.support.bigquery_server import BigQueryServer
from tests.support.cli import Cli, query
from tests.support.postgres_server import Databases
from tests.support.warehouse import QUICK

Asked = set[tuple[str, tuple[str, ...]]]

# what dlt 1.31 asks for while it loads, and the user may answer: how a destination is reached …
REACHED_BY = {
    "duckdb": {
        "environment", "extensions", "host", "local_config", "password", "port", "pragmas", "query",
        "read_only", "statements", "username",
    },
    "postgres": {
        "client_encoding", "connect_timeout", "credentials", "csv_format", "database", "environment", "host",
        "password", "port", "query", "username",
    },
    "bigquery": {
        "batch_size", "client_email", "credentials", "environment", "file_upload_timeout", "http_timeout",
        "location", "private_key", "private_key_id", "project_id", "retry_deadline", "token_uri",
    },
}  # fmt: skip
# … and how dlt talks, in section `runtime`. Nothing of that decides where rows land


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A few events of today."""
    with Sandbox(World(seed=7, events=3, people=2)) as running:
        yield running


@pytest.fixture
def arguments(sandbox: Sandbox) -> dict[str, Any]:
    """What leads `load` to the sandbox."""
    return {
        "access_key": sandbox.access_key,
        "secret_key": sandbox.secret_key,
        "base_url": sandbox.base_url,
        "resources": ["tracks"],
        "pipelines_dir": "pipelines",
        "views": False,
        **QUICK,
    }


@pytest.fixture(params=["duckdb", "postgres", "bigquery"])
def destination(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of each destination, configured as a user does it."""
    name: str = request.param
    if name == "postgres":
        databases: Databases = request.getfixturevalue("postgres_databases")
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", databases.new())
    if name == "bigquery":
        server: BigQueryServer = request.getfixturevalue("bigquery_server")
        server.without_waiting(monkeypatch)
        for variable, value in server.environment.items():
            monkeypatch.setenv(variable, value)
    return name


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Fills with every setting that dlt looks for, under each of the sections where it does."""
    found: Asked = set()
    look = resolve.resolve_single_provider_value

    def noted(provider: Any, key: str, hint: Any, pipeline: Any = None, *sections: Any) -> Any:
        section, explicit, embedded = sections
        paths = resolve._build_section_lookup_paths(explicit, embedded, section, provider.supports_sections)
        found.update((key, tuple(path)) for path in paths)
        return look(provider, key, hint, pipeline, *sections)

    monkeypatch.setattr(resolve, "resolve_single_provider_value", noted)
    return found


def test_what_dlt_may_ask_the_users_configuration_is_known(
    arguments: dict[str, Any], destination: str, asked: Asked
) -> None:
    assert load(destination=destination, **arguments).status == "ok"
    assert ("dev_mode", ()) in asked  # the bare name
    assert ("raise_on_failed_jobs", ("load",)) in asked
    of_the_user = {
        name for name, sections in asked if sections[:1] == ("destination",) and is_the_users(name, sections)
    }
    assert of_the_user <= REACHED_BY[destination]
    others = {sections for name, sections in asked if is_the_users(name, sections)}
    assert {sections[-1] for sections in others if sections[0] != "destination"} <= {"airmeet", "runtime"}


def test_the_clients_of_a_pipeline_look_for_no_setting_again(destination: str, asked: Asked) -> None:
    """There are several for each table, and looking takes milliseconds."""
    with our_configuration():
        pipeline = build_pipeline(Target(destination=destination, pipelines_dir="pipelines"))
        assert any(sections[:1] == ("destination",) for _, sections in asked)
        asked.clear()

        with pipeline.sql_client(), pipeline.destination_client():
            pipeline.destination.capabilities()

    assert {name for name, sections in asked if sections[:1] == ("destination",)} <= {"destination_name"}


def test_no_bare_name_counts() -> None:
    assert not is_the_users("credentials", ())
    assert not is_the_users("access_key", ())


HOSTILE = {
    "dev_mode": "true",
    "full_refresh": "true",
    "refresh": "drop_sources",
    "dataset_name": "elsewhere",
    "dataset_name_layout": "prefix_%s",
    "staging_dataset_name_layout": "somewhere",
    "use_single_dataset": "false",
    "restore_from_destination": "false",
    "enable_dataset_name_normalization": "false",
    "naming": "direct",
    "workers": "abc",
    "raise_on_failed_jobs": "false",
    "raise_on_max_retries": "0",
    "truncate_staging_dataset": "true",
    "replace_strategy": "truncate-and-insert",
    "disable_compression": "false",
    "add_dlt_id": "true",
    "add_dlt_load_id": "true",
    "import_schema_path": "/nowhere",
    "export_schema_path": "/nowhere",
    "load_volume_path": "/nowhere",
    "pipelines_dir": "/nowhere",
    "destination_type": "postgres",
    "destination_name": "mine",
    "staging_type": "filesystem",
    "pool_type": "process",
    "start_method": "spawn",
    "buffer_max_items": "-1",
    "file_max_items": "1",
    "compression": "zstd",
    "version": "9.9",
    "credentials": "postgresql://somebody:else@127.0.0.1:9/db",
    "database": "other.duckdb",
    "host": "127.0.0.9",
    "port": "x",
    "username": "somebody",
    "password": "else",
    "location": "mars",
    "project_id": "theirs",
    "read_only": "true",
}
PLACES = (  # bare, those of a step, those of writers
    "{}", "LOAD__{}", "NORMALIZE__{}", "PIPELINES__AIRMEET__{}", "NORMALIZE__DATA_WRITER__{}",
    "NORMALIZE__PARQUET_NORMALIZER__{}", "SOURCES__AIRMEET__DATA_WRITER__{}", "SOURCES__AIRMEET__SCHEMA__{}",
)  # fmt: skip


def test_hostile_values_change_nothing_and_stay_for_other_pipelines_of_the_program(
    arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in PLACES:
        for name, value in HOSTILE.items():
            monkeypatch.setenv(place.format(name.upper()), value)
    for name in ("staging_dataset_name_layout", "replace_strategy", "enable_dataset_name_normalization"):
        monkeypatch.setenv(f"DESTINATION__DUCKDB__{name.upper()}", HOSTILE[name])  # in its own section
    before = list(Container()[PluggableRunContext].providers.providers)
    for _ in range(2):
        assert load(**arguments).status == "ok"
    assert Container()[PluggableRunContext].providers.providers == before
    assert dlt.config["dev_mode"] is True
    assert query("SELECT count(*) > 0 FROM tracks") == [(True,)]
    assert datasets() == OURS


def test_a_configuration_file_of_dlt_decides_nothing(arguments: dict[str, Any]) -> None:
    Path(".dlt").mkdir()
    lines = [f'{name} = "{value}"' for name, value in HOSTILE.items()]
    Path(".dlt/config.toml").write_text("\n".join([*lines, "[load]", *lines, "[normalize]", *lines]))
    with configuration_of_this_folder():
        assert dlt.config["dev_mode"] is True
        assert load(**arguments).status == "ok"
    assert datasets() == OURS


def test_the_command_is_protected_as_well(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name.upper(), value)
    assert cli("--resources", "tracks", views=True).code == 0
    assert cli("--check").code == 0
    assert datasets() == OURS | {"airmeet_data_views"}


def test_what_is_fixed_wins_over_every_other_place(monkeypatch: pytest.MonkeyPatch) -> None:
    for section, name in FIXED:
        monkeypatch.setenv(f"{section}__{name}".upper(), "nonsense")
    with our_configuration():
        found: dict[tuple[str, str], Any] = {at: dlt.config.get(".".join(at)) for at in FIXED}
    assert found == FIXED


@pytest.mark.parametrize("around", [" ", "\n", "\r\n", "\t"])
def test_blanks_and_line_ends_around_credentials_are_left_out(
    monkeypatch: pytest.MonkeyPatch, around: str
) -> None:
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", f"{around}postgresql://u:p@h/db{around}")
    with our_configuration():
        assert dlt.secrets.get("destination.postgres.credentials") == "postgresql://u:p@h/db"


def test_credentials_in_quotation_marks_are_named_and_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", '"postgresql://u:pa55word@h/db"')
    with our_configuration(), pytest.raises(UsageError, match="CREDENTIALS is in quotation") as raised:
        dlt.secrets.get("destination.postgres.credentials")
    assert "pa55word" not in str(raised.value)


OURS = {"airmeet_data", "airmeet_data_staging"}


def datasets() -> set[str]:
    """The schemas of the DuckDB file of the current folder."""
    assert [path.name for path in Path().glob("*.duckdb")] == ["airmeet.duckdb"]
    found = query("SELECT DISTINCT table_schema FROM information_schema.tables")
    return {name for (name,) in found}


@contextmanager
def configuration_of_this_folder() -> Iterator[None]:
    """dlt's providers as they are in a process that starts in the current folder."""
    Container()[PluggableRunContext].reload_providers()
    try:
        yield
    finally:
        Path(".dlt/config.toml").unlink()
        Container()[PluggableRunContext].reload_providers()
