"""dlt's ``rest_api`` source over the attendance of every event, rows as dicts.

As it comes, times and numbers stay text. ``--convert`` types them with the functions that the connector uses,
in a processing step per row, which is how dlt's documentation does it.
"""

import argparse
from typing import Any

import dlt
from api import BASE_URL, DUCKDB_FILE, token_headers
from dlt.common import pendulum
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from dlt.sources.rest_api import rest_api_source
from dlt.sources.rest_api.typing import EndpointResource, RESTAPIConfig

from airmeet_source.model.values import to_bigint, to_timestamp


def converted(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its time as a time and its number as a number."""
    row["time_stamp"] = pendulum.from_timestamp(to_timestamp(row["time_stamp"]) / 1_000_000)
    row["time_spent"] = to_bigint(row["time_spent"])
    return row


def config(*, convert: bool) -> RESTAPIConfig:
    """The declaration of the source."""
    attendance: EndpointResource = {
        "name": "event_attendance",
        "primary_key": "id",
        "endpoint": {
            "path": "airmeet/{resources.airmeets.uid}/attendees",
            "params": {"size": 50},
            "data_selector": "data",
        },
        "include_from_parent": ["uid"],
    }
    if convert:
        attendance["processing_steps"] = [{"map": converted}]
    paginator = JSONResponseCursorPaginator("cursors.after", "after", stop_after_empty_page=True)
    return {
        "client": {"base_url": BASE_URL, "headers": token_headers(), "paginator": paginator},
        "resource_defaults": {"write_disposition": "merge"},
        "resources": [
            {
                "name": "airmeets",
                "primary_key": "uid",
                "endpoint": {"path": "airmeets", "params": {"size": 500}, "data_selector": "data"},
            },
            attendance,
        ],
    }


def main() -> None:
    """Load all attendance."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--convert", action="store_true")
    options = parser.parse_args()
    pipeline = dlt.pipeline(
        "rest_api",
        destination=dlt.destinations.duckdb(DUCKDB_FILE),
        dataset_name="airmeet_data",
        pipelines_dir="pipelines",
    )
    pipeline.run(rest_api_source(config(convert=options.convert)))


if __name__ == "__main__":
    main()
