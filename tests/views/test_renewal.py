"""Views are made and renewed beside the tables, and nothing that goes wrong with them fails a load."""

from pathlib import Path
from typing import Any

import dlt
import pytest

from airmeet_source.loading.analysts import place_of, renew_views
from airmeet_source.loading.catalogues import Catalogue, CommentingCatalogue
from airmeet_source.model.tables import TABLES
from airmeet_source.views.building import query_of
from airmeet_source.views.declarations import POLL_OVERVIEW, VIEWS
from airmeet_source.views.weights import FIRST_WEIGHTS
from tests.views.odd_world import WORLD
from tests.views.people import World
from tests.views.tables import assert_views, catalogue_in, put, renewed

SMALL: World = {name: WORLD[name] for name in ("airmeets", "participants", "event_attendance")}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The views that are made, in their order."""
    names: list[str] = []
    for kind in Catalogue.__subclasses__():
        stock = kind.replace

        def replace(self: Any, views: Any, stock: Any = stock) -> None:
            names.extend(view.name for view in views)
            stock(self, views)

        monkeypatch.setattr(kind, "replace", replace)
    return names


def count(catalogue: Catalogue, view: str) -> Any:
    name = catalogue.full_name(catalogue.views_dataset, view)
    return catalogue.execute(f"SELECT count(*) FROM {name}")[0][0]


def test_a_dataset_without_tables_has_views_without_rows_and_tables_that_come_later_fill_them(
    catalogue: Catalogue, made: list[str]
) -> None:
    renew_views(catalogue)
    assert made == list(VIEWS)
    assert [count(catalogue, view) for view in VIEWS] == [0] * len(VIEWS)
    made.clear()

    renew_views(catalogue)
    assert made == []

    put(catalogue, {"poll_responses": WORLD["poll_responses"]})
    renew_views(catalogue)
    assert set(made) == set(VIEWS) - {"data_status", "campaign_overview", "registration_curve"}
    assert count(catalogue, "poll_overview") == 3


def test_views_are_left_alone_by_later_runs(tmp_path: Path, made: list[str]) -> None:
    """DuckDB shows them in another way once the file was closed, and they were all made anew in every run."""
    for made_now in (list(VIEWS), []):
        destination = dlt.destinations.duckdb(str(tmp_path / "some.duckdb"))
        pipeline = dlt.pipeline("views", destination=destination, pipelines_dir=str(tmp_path / "p"))
        with catalogue_in(pipeline) as catalogue:
            renew_views(catalogue)
        assert made == made_now
        made.clear()


def test_columns_that_do_not_exist_are_null(duckdb_catalogue: Catalogue) -> None:
    absent = ("participants.registration_date", "event_attendance.time_spent", "airmeets.end_time")
    renewed(duckdb_catalogue, SMALL, without=absent)

    gone = {name.rpartition(".")[2] for name in absent}
    assert_views(
        duckdb_catalogue,
        {
            name: [{k: v for k, v in row.items() if k not in gone} for row in rows]
            for name, rows in SMALL.items()
        },
    )


def test_what_was_edited_by_hand_is_put_right(catalogue: Catalogue, made: list[str]) -> None:
    renewed(catalogue, SMALL)
    view = catalogue.full_name(catalogue.views_dataset, "registration_curve")
    place = place_of(catalogue, catalogue.columns(catalogue.dataset, [*TABLES]))
    query = query_of("registration_curve", place)
    for edit in (
        f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM ({query}) AS ours WHERE false",
        f"DROP VIEW {view}; CREATE VIEW {view} AS SELECT 1 AS day",
    ):
        catalogue.execute(edit)
        made.clear()

        renew_views(catalogue)

        assert "registration_curve" in made
        assert_views(catalogue, SMALL)


def test_weights_are_the_users(duckdb_catalogue: Catalogue) -> None:
    renewed(duckdb_catalogue, WORLD)
    weights = duckdb_catalogue.full_name(duckdb_catalogue.views_dataset, "engagement_weights")
    assert dict(duckdb_catalogue.execute(f"SELECT * FROM {weights}")) == FIRST_WEIGHTS

    duckdb_catalogue.execute(f"DELETE FROM {weights} WHERE activity <> 'poll_answers'")
    renew_views(duckdb_catalogue)

    people = duckdb_catalogue.full_name(duckdb_catalogue.views_dataset, "event_people")
    assert len(duckdb_catalogue.execute(f"SELECT * FROM {weights}")) == 1
    scores = (
        f"SELECT person, engagement_score_live FROM {people} WHERE poll_answers > 0 AND airmeet_id = 'e1'"
    )
    assert dict(duckdb_catalogue.execute(scores)) == {"u1": 100, "po@x.com": 50, "na": 50}


def test_a_view_of_the_users_own_on_top_of_ours_stops_nothing(
    catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    """On Postgres a view that others are built on keeps its columns."""
    renewed(catalogue, SMALL)
    ours = catalogue.full_name(catalogue.views_dataset, "registration_curve")
    theirs = catalogue.full_name(catalogue.dataset, "theirs")
    catalogue.execute(f"DROP VIEW {ours}")
    catalogue.execute(f"CREATE VIEW {ours} AS SELECT 1 AS number")  # as another version had it
    catalogue.execute(f"CREATE VIEW {theirs} AS SELECT * FROM {ours}")

    renew_views(catalogue)

    if isinstance(catalogue, CommentingCatalogue) and not catalogue.replaces_in_place:
        assert "theirs" in caplog.text
        assert catalogue.execute(f"SELECT number FROM {theirs}") == [(1,)]
        catalogue.execute(f"DROP VIEW {theirs}")
        renew_views(catalogue)
    assert_views(catalogue, SMALL)


def test_a_view_that_cannot_be_made_is_told_and_stops_no_other(
    duckdb_catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    duckdb_catalogue.make_views_dataset()
    table = duckdb_catalogue.full_name(duckdb_catalogue.views_dataset, "poll_overview")
    duckdb_catalogue.execute(f"CREATE TABLE {table} (a INTEGER)")

    renew_views(duckdb_catalogue)

    assert "poll_overview cannot be made" in caplog.text
    assert set(duckdb_catalogue.views()) == set(VIEWS) - {"poll_overview"}


def test_every_view_is_described_in_the_database(duckdb_catalogue: Catalogue) -> None:
    renew_views(duckdb_catalogue)

    told = duckdb_catalogue.execute(
        f"SELECT table_name, column_name, comment FROM duckdb_columns() "
        f"WHERE schema_name = '{duckdb_catalogue.views_dataset}' AND table_name <> 'engagement_weights'"
    )
    assert {(view, column): comment for view, column, comment in told} == {
        (view.name, column.name): column.description for view in VIEWS.values() for column in view.columns
    }
    assert all(
        shown.description.startswith(VIEWS[name].description)
        for name, shown in duckdb_catalogue.views().items()
    )


def test_bigquery_has_the_same(bigquery_catalogue: Catalogue, made: list[str]) -> None:
    views, catalogue = [POLL_OVERVIEW], bigquery_catalogue
    renewed(catalogue, {"poll_responses": WORLD["poll_responses"]}, views)
    renew_views(catalogue, views)
    assert made == ["poll_overview"]

    catalogue.execute(
        f"CREATE OR REPLACE VIEW {catalogue.full_name(catalogue.views_dataset, made[0])} AS SELECT 1 AS a"
    )
    renew_views(catalogue, views)

    assert made == ["poll_overview"] * 2
    assert catalogue.views()["poll_overview"].description.startswith(POLL_OVERVIEW.description)
    assert count(catalogue, "poll_overview") == 3
