"""ENDPOINTS: one declaration per reading endpoint of either version of the API; each is one dlt resource."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from airmeet_source.fields import Record, elements, pick
from airmeet_source.model import records
from airmeet_source.model.records import RowMaker
from airmeet_source.model.values import to_text


class Api(Enum):
    """The versions of Airmeet's API; the region decides which one is asked."""

    CURRENT = "the current API"
    LEGACY = "the first version"


class Paging(Enum):
    """How an endpoint hands out a long list."""

    SINGLE = "one answer holds everything"
    CURSOR = "size and after"
    NUMBERED = "pageNumber and resultSize"


class From(Enum):
    """From when on an endpoint can have rows."""

    ALWAYS = "as soon as the event exists"
    START = "when the event has started"
    END = "when the event is over"
    SESSION_END = "when the session is finished, at the latest when the event is over"


class Until(Enum):
    """How long after the end of the event an endpoint's rows can still change."""

    SETTLE = "settle_days"
    TAIL = "replay_days"


BAD_TOKEN = frozenset({401, 403, 412})


class Child(NamedTuple):
    """A session or booth that a parent record names."""

    entity_id: str
    status: str | None


@dataclass(frozen=True)
class Endpoint:
    """A reading endpoint and the rules that it follows."""

    name: str
    path: str
    list_name: str | None  # where the answer keeps its records; None: the answer is the record
    rows: RowMaker
    tables: tuple[str, ...]
    paging: Paging = Paging.SINGLE
    page_size: int = 0
    asynchronous: bool = False  # answers 202 until the result is prepared
    plan_gated: bool = False  # 400, 403 and 404 mean that the community's plan does not include it
    due_from: From = From.ALWAYS
    due_until: Until = Until.SETTLE
    parent: str | None = None
    apis: frozenset[Api] = frozenset({Api.CURRENT})  # the versions of the API that have it
    bad_token: frozenset[int] = BAD_TOKEN  # statuses that speak of the token, whatever their body says

    @property
    def keeps_cursor(self) -> bool:
        """Whether later runs go on behind the last row; the others read the whole list each time."""
        return self.paging is Paging.CURSOR and self.asynchronous


CURSOR_PAGE = 50
EVENT_LIST_PAGE = 500
PARTICIPANTS_PAGE = 1000
REGISTRATIONS_PAGE = 500

AIRMEETS = Endpoint(
    "airmeets",
    "/airmeets",
    "data",
    records.airmeets,
    ("airmeets",),
    Paging.CURSOR,
    EVENT_LIST_PAGE,
    apis=frozenset(Api),
)

_EVENT_ENDPOINTS = (
    Endpoint(
        "sessions",
        "/airmeet/{airmeet_id}/info",
        None,
        records.sessions,
        ("sessions", "airmeet_details", "session_people"),
    ),
    Endpoint(
        "custom_fields",
        "/airmeet/{airmeet_id}/custom-fields",
        "customFields",
        records.custom_fields,
        ("custom_fields", "custom_field_options"),
        plan_gated=True,
    ),
    Endpoint(
        "participants",
        "/airmeet/{airmeet_id}/participants",
        "participants",
        records.participants,
        ("participants", "participant_custom_fields"),
        Paging.NUMBERED,
        PARTICIPANTS_PAGE,
        due_until=Until.TAIL,
    ),
    Endpoint(
        "event_attendance",
        "/airmeet/{airmeet_id}/attendees",
        "data",
        records.event_attendance,
        ("event_attendance",),
        Paging.CURSOR,
        CURSOR_PAGE,
        asynchronous=True,
        due_from=From.START,
    ),
    Endpoint(
        "session_attendance",
        "/session/{entity_id}/attendees",
        "data",
        records.session_attendance,
        ("session_attendance",),
        Paging.CURSOR,
        CURSOR_PAGE,
        asynchronous=True,
        due_from=From.SESSION_END,
        parent="sessions",
    ),
    Endpoint(
        "booths",
        "/airmeet/{airmeet_id}/booths",
        "booths",
        records.booths,
        ("booths", "booth_exhibitors", "booth_tags"),
        plan_gated=True,
    ),
    Endpoint(
        "booth_attendance",
        "/airmeet/{airmeet_id}/booth/{entity_id}/booth-attendance",
        "data",
        records.booth_attendance,
        ("booth_attendance",),
        Paging.CURSOR,
        CURSOR_PAGE,
        asynchronous=True,
        plan_gated=True,
        due_from=From.END,
        parent="booths",
    ),
    Endpoint(
        "poll_responses",
        "/airmeet/{airmeet_id}/polls",
        "data",
        records.poll_responses,
        ("poll_responses",),
        Paging.CURSOR,
        CURSOR_PAGE,
        due_from=From.START,
    ),
    Endpoint(
        "questions",
        "/airmeet/{airmeet_id}/questions",
        "data",
        records.questions,
        ("questions",),
        due_from=From.START,
    ),
    Endpoint(
        "tracks",
        "/airmeet/{airmeet_id}/tracks",
        "tracks",
        records.tracks,
        ("tracks", "track_sessions"),
        plan_gated=True,
    ),
    Endpoint(
        "utms",
        "/airmeet/{airmeet_id}/utms",
        "data",
        records.utms,
        ("utms",),
        Paging.CURSOR,
        CURSOR_PAGE,
        asynchronous=True,
        due_until=Until.TAIL,
    ),
    Endpoint(
        "session_recordings",
        "/airmeet/{airmeet_id}/session-recordings",
        "recordings",
        records.session_recordings,
        ("session_recordings",),
        plan_gated=True,
        due_from=From.START,
        due_until=Until.TAIL,
    ),
    Endpoint(
        "replay_attendance",
        "/airmeet/{airmeet_id}/event-replay-attendees",
        "data",
        records.replay_attendance,
        ("replay_attendance",),
        Paging.CURSOR,
        CURSOR_PAGE,
        asynchronous=True,
        due_from=From.END,
        due_until=Until.TAIL,
    ),
    Endpoint(
        "registrations",
        "/airmeet/{airmeet_id}/registrations",
        "data",
        records.registrations,
        ("registrations",),
        Paging.CURSOR,
        REGISTRATIONS_PAGE,
        due_until=Until.TAIL,
        apis=frozenset({Api.LEGACY}),
        bad_token=BAD_TOKEN | {400},  # its only 400
    ),
)

EVENT_ENDPOINTS: dict[str, Endpoint] = {endpoint.name: endpoint for endpoint in _EVENT_ENDPOINTS}
ENDPOINTS: dict[str, Endpoint] = {AIRMEETS.name: AIRMEETS, **EVENT_ENDPOINTS}


def endpoints_of(api: Api) -> dict[str, Endpoint]:
    """The endpoints that a version of the API has, the event list first."""
    return {name: endpoint for name, endpoint in ENDPOINTS.items() if api in endpoint.apis}


def _session_children(info: Record) -> Iterator[Child]:
    for session in elements(pick(info, "sessions")):
        session_id, status = pick(session, "session_id"), pick(session, "status")
        if session_id is not None:
            yield Child(to_text(session_id), None if status is None else to_text(status))


def _booth_children(booth: Record) -> Iterator[Child]:
    booth_id = pick(booth, "booth_id", "uid")
    if booth_id is not None:
        yield Child(to_text(booth_id), None)


CHILDREN: dict[str, Callable[[Record], Iterator[Child]]] = {
    "sessions": _session_children,
    "booths": _booth_children,
}
