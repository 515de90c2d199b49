"""A declarative connector of the Airbyte CDK over all asynchronous lists; 202 is retried after a pause."""

import argparse
import json
import logging
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer, Type
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
from api import BASE_URL, DUCKDB_FILE, token_headers

EVENT = "/airmeet/{{ stream_partition.event }}"
CHILD = "{{ stream_partition.child }}"
PARENTS = {"sessions": (f"{EVENT}/info", "sessions"), "booths": (f"{EVENT}/booths", "booths")}
LISTS = {
    "event_attendance": ("airmeets", "uid", "event", f"{EVENT}/attendees"),
    "utms": ("airmeets", "uid", "event", f"{EVENT}/utms"),
    "replay_attendance": ("airmeets", "uid", "event", f"{EVENT}/event-replay-attendees"),
    "session_attendance": ("sessions", "sessionid", "child", f"/session/{CHILD}/attendees"),
    "booth_attendance": (
        "booths",
        "uid",
        "child",
        "/airmeet/{{ stream_partition.parent_slice.event }}/booth/" + CHILD + "/booth-attendance",
    ),
}


def manifest(wait: float, threads: int) -> dict[str, Any]:
    """The declaration of the connector."""
    retry = {
        "type": "DefaultErrorHandler",
        "max_retries": 100,
        "backoff_strategies": [{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": wait}],
        "response_filters": [
            {"type": "HttpResponseFilter", "action": "RETRY", "http_codes": [202]},
            {
                "type": "HttpResponseFilter",
                "action": "RETRY",
                "predicate": "{{ response.get('statusCode') == 202 }}",
            },
        ],
    }
    streams = {"airmeets": _stream("airmeets", "/airmeets", "data", retry, size=500)}
    for name, (path, key) in PARENTS.items():
        router = _router(streams["airmeets"], "uid", "event")
        streams[name] = _stream(name, path, key, retry, router)
    for name, (parent, key, field, path) in LISTS.items():
        streams[name] = _stream(name, path, "data", retry, _router(streams[parent], key, field), size=50)
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["airmeets"]},
        "concurrency_level": {
            "type": "ConcurrencyLevel",
            "default_concurrency": threads,
            "max_concurrency": threads,
        },
        "streams": list(streams.values()),
    }


def _router(parent: dict[str, Any], key: str, field: str) -> dict[str, Any]:
    config = {"type": "ParentStreamConfig", "stream": parent, "parent_key": key, "partition_field": field}
    return {"type": "SubstreamPartitionRouter", "parent_stream_configs": [config]}


def _stream(
    name: str,
    path: str,
    key: str,
    retry: dict[str, Any],
    router: dict[str, Any] | None = None,
    *,
    size: int | None = None,
) -> dict[str, Any]:
    paginator: dict[str, Any] = {"type": "NoPagination"}
    if size is not None:
        paginator = {
            "type": "DefaultPaginator",
            "page_size_option": {
                "type": "RequestOption",
                "inject_into": "request_parameter",
                "field_name": "size",
            },
            "page_token_option": {
                "type": "RequestOption",
                "inject_into": "request_parameter",
                "field_name": "after",
            },
            "pagination_strategy": {
                "type": "CursorPagination",
                "page_size": size,
                "cursor_value": "{{ response.cursors.after }}",
                "stop_condition": "{{ last_page_size < " + str(size) + " }}",
            },
        }
    retriever: dict[str, Any] = {
        "type": "SimpleRetriever",
        "requester": {
            "type": "HttpRequester",
            "url_base": BASE_URL,
            "path": path,
            "http_method": "GET",
            "request_headers": token_headers(),
            "error_handler": retry,
        },
        "record_selector": {
            "type": "RecordSelector",
            "extractor": {"type": "DpathExtractor", "field_path": [key]},
        },
        "paginator": paginator,
    }
    if router is not None:
        retriever["partition_router"] = router
    schema = {"type": "InlineSchemaLoader", "schema": {"type": "object", "additionalProperties": True}}
    return {"type": "DeclarativeStream", "name": name, "retriever": retriever, "schema_loader": schema}


def catalog() -> Any:
    """All asynchronous lists, in full."""
    return ConfiguredAirbyteCatalogSerializer.load(
        {
            "streams": [
                {
                    "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
                    "sync_mode": "full_refresh",
                    "destination_sync_mode": "overwrite",
                }
                for name in LISTS
            ]
        }
    )


def records(source: ConcurrentDeclarativeSource, chosen: Any) -> Iterator[tuple[str, str]]:
    """The name of the list and the record as JSON text."""
    for message in source.read(logging.getLogger("airbyte"), {}, chosen, []):
        if message.type is Type.RECORD and message.record is not None:
            yield message.record.stream, json.dumps(message.record.data)


def main() -> None:
    """Load all asynchronous lists."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--wait", type=float, required=True, help="seconds between two asks for a result")
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    chosen = catalog()
    declaration = manifest(options.wait, options.threads)
    source = ConcurrentDeclarativeSource(catalog=chosen, config={}, state=[], source_config=declaration)
    rows = list(records(source, chosen))
    batch = pa.table({"list": [name for name, _ in rows], "record": [record for _, record in rows]})
    with duckdb.connect(DUCKDB_FILE) as connection:
        connection.register("batch", batch)
        connection.execute("CREATE TABLE records AS FROM batch")


if __name__ == "__main__":
    main()
