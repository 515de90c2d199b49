"""dlt's ``rest_api`` source over all asynchronous lists, with a session that waits for each result."""

import argparse

import dlt
from api import BASE_URL, DUCKDB_FILE, token_headers
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator, SinglePagePaginator
from dlt.sources.rest_api import rest_api_source
from dlt.sources.rest_api.typing import EndpointResource, RESTAPIConfig
from patience import PatientSession

EVENT = "airmeet/{resources.airmeets.uid}"
LISTS = {
    "event_attendance": f"{EVENT}/attendees",
    "utms": f"{EVENT}/utms",
    "replay_attendance": f"{EVENT}/event-replay-attendees",
    "session_attendance": "session/{resources.sessions.sessionid}/attendees",
    "booth_attendance": "airmeet/{resources.booths.airmeet_id}/booth/{resources.booths.uid}/booth-attendance",
}
PARENTS = {"sessions": (f"{EVENT}/info", "sessions"), "booths": (f"{EVENT}/booths", "booths")}


def config(wait: float, *, parallel: bool) -> RESTAPIConfig:
    """The declaration of the source. ``parallel``: with dlt's own threads."""
    asynchronous: list[EndpointResource] = [
        {
            "name": name,
            "primary_key": "id",
            "parallelized": parallel,
            "endpoint": {"path": path, "params": {"size": 50}, "data_selector": "data"},
        }
        for name, path in LISTS.items()
    ]
    parents: list[EndpointResource] = [
        {"name": name, "endpoint": {"path": path, "data_selector": key, "paginator": SinglePagePaginator()}}
        for name, (path, key) in PARENTS.items()
    ]
    events: EndpointResource = {
        "name": "airmeets",
        "primary_key": "uid",
        "endpoint": {"path": "airmeets", "params": {"size": 500}, "data_selector": "data"},
    }
    return {
        "client": {
            "base_url": BASE_URL,
            "headers": token_headers(),
            "session": PatientSession(wait),
            "paginator": JSONResponseCursorPaginator("cursors.after", "after", stop_after_empty_page=True),
        },
        "resources": [events, *parents, *asynchronous],
    }


def main() -> None:
    """Load all asynchronous lists."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--wait", type=float, required=True, help="seconds between two asks for a result")
    parser.add_argument("--parallel", action="store_true", help="with dlt's own threads")
    options = parser.parse_args()
    pipeline = dlt.pipeline(
        "rest_api",
        destination=dlt.destinations.duckdb(DUCKDB_FILE),
        dataset_name="airmeet_data",
        pipelines_dir="pipelines",
    )
    pipeline.run(rest_api_source(config(options.wait, parallel=options.parallel)))


if __name__ == "__main__":
    main()
