"""The endpoints of both versions of the API. A new one is one entry here.

Its records are made in the entry itself (``rows=listed(lambda event: [{"id": event.number}])``) or, if that
takes more than a line, by a function in ``lists.py``, ``plans.py`` or ``registrations.py``.
"""

from airmeet_sandbox import forms, lists, plans, registrations
from airmeet_sandbox.collection import Collection
from airmeet_sandbox.endpoint import Endpoint, ViewOf, listed, live, planned
from airmeet_sandbox.event import Event
from airmeet_sandbox.recordings import recording_records

EVENT_NOT_OVER = "Airmeet status is not valid"
SESSION_NOT_OVER = "Session status is not valid"


def _until_the_event_is_over(event: Event, _child: str, now: float) -> str | None:
    return None if event.status_at(now) == "FINISHED" else EVENT_NOT_OVER


def _until_a_session_is_over(event: Event, _child: str, now: float) -> str | None:
    return None if event.finished_sessions(now) else EVENT_NOT_OVER


def _until_the_session_is_over(event: Event, child: str, now: float) -> str | None:
    over = event.session_status_at(event.session(child), now) == "FINISHED"
    return None if over else SESSION_NOT_OVER


CURRENT = (
    Endpoint(name="auth", path="/auth", form=None, shape="message"),
    Endpoint(name="airmeets", path="/airmeets", form=forms.event_pages, largest_page=500, shape="message"),
    Endpoint(
        name="sessions",
        path="/airmeet/{airmeetId}/info",
        form=forms.event_object,
        rows=live(Event.session_records),
        items="sessions",
        unknown=404,
        shape="errors",
    ),
    Endpoint(  # the other fields of the same answer
        name="airmeet_details",
        path=None,
        form=None,
        rows=live(lambda event, now: [event.details(now)]),
    ),
    Endpoint(
        name="custom_fields",
        path="/airmeet/{airmeetId}/custom-fields",
        form=forms.whole_list,
        rows=listed(lists.custom_field_records),
        items="customFields",
        unknown=404,
        shape="errors",
    ),
    Endpoint(
        name="participants",
        path="/airmeet/{airmeetId}/participants",
        form=forms.numbered_pages,
        rows=planned(registrations.participants),
        items="participants",
        unknown=404,
        shape="errors",
    ),
    Endpoint(
        name="event_attendance",
        path="/airmeet/{airmeetId}/attendees",
        form=forms.cursor_pages,
        rows=planned(plans.event_attendance),
        asynchronous=True,
        too_early=_until_a_session_is_over,
    ),
    Endpoint(
        name="session_attendance",
        path="/session/{sessionId}/attendees",
        form=forms.cursor_pages,
        rows=lambda event, session: Collection(plans.session_attendance(event, event.session(session))),
        asynchronous=True,
        too_early=_until_the_session_is_over,
    ),
    Endpoint(
        name="booths",
        path="/airmeet/{airmeetId}/booths",
        form=forms.whole_list,
        rows=listed(lists.booth_records),
        items="booths",
        shape="message",
    ),
    Endpoint(
        name="booth_attendance",
        path="/airmeet/{airmeetId}/booth/{boothId}/booth-attendance",
        form=forms.cursor_pages,
        rows=lambda event, booth: Collection(plans.booth_attendance(event, booth)),
        asynchronous=True,
        too_early=_until_the_event_is_over,
    ),
    Endpoint(
        name="poll_responses",
        path="/airmeet/{airmeetId}/polls",
        form=forms.cursor_pages,
        rows=planned(plans.poll_responses),
    ),
    Endpoint(
        name="questions",
        path="/airmeet/{airmeetId}/questions",
        form=forms.whole_list_with_status,
        rows=planned(plans.questions),
    ),
    Endpoint(
        name="tracks",
        path="/airmeet/{airmeetId}/tracks",
        form=forms.whole_list,
        rows=listed(lists.track_records),
        items="tracks",
        shape="message",
    ),
    Endpoint(
        name="utms",
        path="/airmeet/{airmeetId}/utms",
        form=forms.cursor_pages,
        rows=planned(registrations.utms),
        asynchronous=True,
    ),
    Endpoint(
        name="session_recordings",
        path="/airmeet/{airmeetId}/session-recordings",
        form=forms.recordings,
        rows=live(recording_records),
        items="recordings",
        unknown=404,
        shape="errors",
    ),
    Endpoint(
        name="replay_attendance",
        path="/airmeet/{airmeetId}/event-replay-attendees",
        form=forms.cursor_pages,
        rows=planned(plans.replay_attendance),
        asynchronous=True,
        too_early=_until_the_event_is_over,
        unknown=404,
    ),
)
LEGACY = (
    Endpoint(name="auth", path="/auth", form=None, shape="errors"),
    Endpoint(
        name="airmeets",
        path="/airmeets",
        form=forms.event_pages,
        largest_page=500,
        shape="errors",
        bad_token=400,
    ),
    Endpoint(
        name="registrations",
        path="/airmeet/{airmeetId}/registrations",
        form=forms.uncounted_pages,
        rows=ViewOf(endpoint="participants", record=registrations.as_registration),
        largest_page=500,
        unknown=404,
        shape="errors",
        bad_token=400,
    ),
)

BY_NAME = {endpoint.name: endpoint for endpoint in (*LEGACY, *CURRENT) if endpoint.name != "auth"}
ENDPOINTS = tuple(BY_NAME)
"""What `World.records` and `World.put` know."""
