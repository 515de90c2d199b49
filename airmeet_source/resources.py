"""RESOURCES: one declaration per dlt resource - its endpoint, its rows and tables, and when it is due."""

from dataclasses import dataclass
from enum import Enum

from airmeet_source.api.children import booth_of, sessions_of
from airmeet_source.api.endpoint import BAD_TOKEN, Endpoint
from airmeet_source.api.paging import Cursor, Numbered
from airmeet_source.api.regions import Api
from airmeet_source.model import records
from airmeet_source.model.making import RowMaker


class From(Enum):
    """From when on a resource can have rows."""

    ALWAYS = "as soon as the event exists"
    START = "when the event has started"
    END = "when the event is over"
    SESSION_END = "when the session is finished, at the latest when the event is over"


class Until(Enum):
    """How long after the end of the event a resource's rows can still change."""

    SETTLE = "settle_days"
    TAIL = "replay_days"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What is asked, what becomes of it, and when it is due."""

    name: str
    endpoint: Endpoint
    rows: RowMaker
    tables: tuple[str, ...]
    due_from: From = From.ALWAYS
    due_until: Until = Until.SETTLE
    parent: str | None = None  # the resource whose records name the sessions or booths to ask for
    apis: frozenset[Api] = frozenset({Api.CURRENT})  # the versions of the API that have it


AIRMEETS = Resource(
    name="airmeets",
    endpoint=Endpoint(path="/airmeets", records="data", paging=Cursor(500)),
    rows=records.airmeets,
    tables=("airmeets",),
    apis=frozenset(Api),
)

_OF_EVENTS = (
    Resource(
        name="sessions",
        endpoint=Endpoint(path="/airmeet/{airmeet_id}/info", records=None, children=sessions_of),
        rows=records.sessions,
        tables=("sessions", "airmeet_details", "session_people"),
    ),
    Resource(
        name="custom_fields",
        endpoint=Endpoint(
            path="/airmeet/{airmeet_id}/custom-fields", records="customFields", plan_gated=True
        ),
        rows=records.custom_fields,
        tables=("custom_fields", "custom_field_options"),
    ),
    Resource(
        name="participants",
        endpoint=Endpoint(
            path="/airmeet/{airmeet_id}/participants", records="participants", paging=Numbered(1000)
        ),
        rows=records.participants,
        tables=("participants", "participant_custom_fields"),
        due_until=Until.TAIL,
    ),
    Resource(
        name="event_attendance",
        endpoint=Endpoint(
            path="/airmeet/{airmeet_id}/attendees", records="data", paging=Cursor(50), asynchronous=True
        ),
        rows=records.event_attendance,
        tables=("event_attendance",),
        due_from=From.START,
    ),
    Resource(
        name="session_attendance",
        endpoint=Endpoint(
            path="/session/{entity_id}/attendees", records="data", paging=Cursor(50), asynchronous=True
        ),
        rows=records.session_attendance,
        tables=("session_attendance",),
        due_from=From.SESSION_END,
        parent="sessions",
    ),
    Resource(
        name="booths",
        endpoint=Endpoint(
            path="/airmeet/{airmeet_id}/booths", records="booths", plan_gated=True, children=booth_of
        ),
        rows=records.booths,
        tables=("booths", "booth_exhibitors", "booth_tags"),
    ),
    Resource(
        name="booth_attendance",
        endpoint=Endpoint(
            path="/airmeet/{airmeet_id}/booth/{entity_id}/booth-attendance",
            records="data",
            paging=Cursor(50),
            asynchronous=True,
            plan_gated=True,
        ),
        rows=records.booth_attendance,
        tables=("booth_attendance",),
        due_from=From.END,
        parent="booths",
    ),
    Resource(
        name="poll_responses",
        endpoint=Endpoint(path="/airmeet/{airmeet_id}/polls", records="data", paging=Cursor(50)),
        rows=records.poll_responses,
        tables=("poll_responses",),
        due_from=From.START,
    ),
    Resource(
        name="questions",
        endpoint=Endpoint(path="/airmeet/{airmeet_id}/questions", records="data"),
        rows=records.questions,
        tables=("questions",),
        due_from=From.START,
    ),
    Resource(
        name="tracks",
        endpoint=Endpoint(path="/airmeet/{airmeet_id}/tracks", records="tracks", plan_gated=True),
        rows=records.tracks,
        tables=("tracks", "track_sessions"),
    ),
    Resource(
        name="utms",
        endpoint=Endpoint(
            path="/airmeet/{airmeet_id}/utms", records="data", paging=Cursor(50), asynchronous=True
        ),
        rows=records.utms,
        tables=("utms",),
        due_until=Until.TAIL,
    ),
    Resource(
        name="session_recordings",
        endpoint=Endpoint(
            path="/airmeet/{airmeet_id}/session-recordings", records="recordings", plan_gated=True
        ),
        rows=records.session_recordings,
        tables=("session_recordings",),
        due_from=From.START,
        due_until=Until.TAIL,
    ),
    Resource(
        name="replay_attendance",
        endpoint=Endpoint(
            path="/airmeet/{airmeet_id}/event-replay-attendees",
            records="data",
            paging=Cursor(50),
            asynchronous=True,
        ),
        rows=records.replay_attendance,
        tables=("replay_attendance",),
        due_from=From.END,
        due_until=Until.TAIL,
    ),
    Resource(
        name="registrations",
        endpoint=Endpoint(
            path="/airmeet/{airmeet_id}/registrations",
            records="data",
            paging=Cursor(500),
            bad_token=BAD_TOKEN | {400},  # its only 400
        ),
        rows=records.registrations,
        tables=("registrations",),
        due_until=Until.TAIL,
        apis=frozenset({Api.LEGACY}),
    ),
)

EVENT_RESOURCES: dict[str, Resource] = {resource.name: resource for resource in _OF_EVENTS}
RESOURCES: dict[str, Resource] = {AIRMEETS.name: AIRMEETS, **EVENT_RESOURCES}


_RESOURCE_OF = {table: resource.name for resource in RESOURCES.values() for table in resource.tables}


def resource_of(table: str) -> str:
    """The resource that fills a table; a table of the connector's own is filled by one of the same name."""
    return _RESOURCE_OF.get(table, table)


def resources_of(api: Api) -> dict[str, Resource]:
    """The resources that a version of the API has, the event list first."""
    return {name: resource for name, resource in RESOURCES.items() if api in resource.apis}
