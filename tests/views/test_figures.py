"""The figures of the views are those of the contract, on every destination."""

from airmeet_source.loading.catalogues import Catalogue
from airmeet_source.views.declarations import DATA_STATUS, EVENT_PEOPLE, POLL_OVERVIEW, REGISTRATION_CURVE
from tests.views.odd_world import WORLD
from tests.views.tables import assert_views, renewed

# the emulator takes seconds for each; these call everything that BigQuery calls by another name
ON_BIGQUERY = (EVENT_PEOPLE, DATA_STATUS, POLL_OVERVIEW, REGISTRATION_CURVE)


def test_every_figure_is_what_the_contract_says_in_whatever_time_zone_the_client_is(
    catalogue: Catalogue,
) -> None:
    renewed(catalogue, WORLD)

    assert_views(catalogue, WORLD)
    catalogue.execute("SET TimeZone = 'Pacific/Auckland'")
    assert_views(catalogue, WORLD)


def test_every_figure_is_what_the_contract_says_on_bigquery(bigquery_catalogue: Catalogue) -> None:
    renewed(bigquery_catalogue, WORLD, ON_BIGQUERY)

    assert_views(bigquery_catalogue, WORLD, ON_BIGQUERY)
