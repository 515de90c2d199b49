"""What a run costs besides rows: what takes dlt or DuckDB long is done once."""

from collections import Counter
from typing import Any

import dlt
import pytest

from airmeet_source.loading.catalogues import DuckDbCatalogue
from tests.support.cli import Cli, FirstLoad


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts calls of what is slow."""
    counted: Counter[str] = Counter()
    for owner, name in (
        (dlt.current, "pipeline"),  # reads the configuration
        (dlt.Pipeline, "destination_client"),  # has the schema read from its file
        (dlt.Pipeline, "sql_client"),
        (DuckDbCatalogue, "replace"),
    ):
        slow = getattr(owner, name)

        def call(*arguments: Any, name: str = name, slow: Any = slow, **options: Any) -> Any:
            counted[name] += 1
            return slow(*arguments, **options)

        monkeypatch.setattr(owner, name, call)
    return counted


def test_a_run_does_once_what_is_slow(cli: Cli, loaded: FirstLoad, calls: Counter[str]) -> None:
    loaded()
    assert cli().code == 0  # where the log of runs exists, and the views read it
    calls.clear()

    assert cli().code == 0

    assert calls["replace"] == 0
    assert calls["pipeline"] == 1
    assert calls["destination_client"] == 3  # for the configuration, before there is a schema, and with it
    assert calls["sql_client"] == 1
