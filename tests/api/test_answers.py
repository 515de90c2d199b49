"""Classification: what an HTTP answer means, from status and body, before any row is looked at."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airmeet_source.api.answers import (
    Answer,
    Failed,
    NotAvailable,
    Pending,
    Ready,
    Refused,
    TokenRejected,
    after_renewal,
    classify,
    retry_after,
)
from airmeet_source.resources import RESOURCES
from tests.support.json_values import JSON_VALUES

PLAN_GATED = {"booths", "booth_attendance", "tracks", "session_recordings", "custom_fields"}
KINDS = ["airmeets", "sessions", "booths", "participants", "event_attendance", "booth_attendance"]
LISTS = {name: resource.endpoint.records for name, resource in RESOURCES.items() if resource.endpoint.records}


def answer(endpoint: str = "event_attendance", status: int = 200, body: Any = b"", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return classify(RESOURCES[endpoint].endpoint, status, named, content)


def unit_outcome(endpoint: str, status: int, body: Any) -> type[Answer]:
    """What the answer means in the end, when a brand-new token was rejected as well."""
    given = answer(endpoint, status, body)
    given = after_renewal(RESOURCES[endpoint].endpoint, given) if isinstance(given, TokenRejected) else given
    return type(given)


# -- ready ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("endpoint", "list_name"), LISTS.items())
def test_the_records_are_taken_from_the_endpoints_own_list(endpoint: str, list_name: str) -> None:
    payload = {list_name: [{"id": 1}], "statusCode": 200}

    assert answer(endpoint, body=payload) == Ready([{"id": 1}], payload)


@pytest.mark.parametrize("empty", [[], None, {}])
@pytest.mark.parametrize(("endpoint", "list_name"), LISTS.items())
def test_null_and_an_empty_object_stand_for_an_empty_list(endpoint: str, list_name: str, empty: Any) -> None:
    """They may also be a hiccup, unless a count says that there is nothing."""
    payload = {list_name: empty, "statusCode": 200}
    counted = {**payload, "totalCount": 0}

    assert answer(endpoint, body=payload) == Ready([], payload, doubtful=empty != [])
    assert answer(endpoint, body=counted) == Ready([], counted)


@pytest.mark.parametrize("name", ["totalCount", "userCount", "totalUserCount", "recordingsCount", "count"])
@pytest.mark.parametrize("endpoint", ["booths", "participants", "event_attendance"])
def test_a_list_may_be_left_out_beside_a_count_of_zero(endpoint: str, name: str) -> None:
    for counted in ({name: 0}, {name: "0", "statusCode": 200}, {"cursors": {name: 0}}):
        assert answer(endpoint, body=counted) == Ready([], counted)


NOTHING: list[dict[str, Any]] = [
    {},
    {"statusCode": 200},
    {"statusCode": 200, "statusMessage": "SUCCESS"},
    {"success": True, "message": "OK"},
    {"success": True},
    {"cursors": {}},
    {"statusCode": 200, "cursors": {"after": None}},
]


@pytest.mark.parametrize("endpoint", RESOURCES)
def test_an_answer_that_says_nothing_means_not_available_on_every_endpoint(endpoint: str) -> None:
    for nothing in NOTHING:
        given = answer(endpoint, body=nothing)

        assert isinstance(given, NotAvailable), nothing
        assert given.doubtful, nothing


@pytest.mark.parametrize("endpoint", LISTS)
def test_whether_a_list_may_be_left_out_beside_a_count_is_for_the_reader_of_its_pages_to_say(
    endpoint: str,
) -> None:
    """Behind the last page it may, before it may not."""
    counted = {"totalCount": 3, "statusCode": 200}

    assert answer(endpoint, body=counted) == Ready([], counted, doubtful=True)
    assert isinstance(answer(endpoint, body={**counted, "attendees": [{"id": 1}]}), Failed)


def test_a_list_may_be_wrapped_in_data() -> None:
    payload = {"success": True, "data": {"booths": [{"uid": "b"}]}}

    assert answer("booths", body=payload) == Ready([{"uid": "b"}], payload)


EVENTS = [{"name": "Launch", "sessions": []}, {"name": "Launch", "sessions": None}, {"sessions": []}]


@pytest.mark.parametrize("event", EVENTS)
def test_the_event_object_is_the_one_record_of_its_answer(event: dict[str, Any]) -> None:
    wrapped = {"data": event, "statusCode": 200}

    doubtful = event["sessions"] is None
    assert answer("sessions", body=event) == Ready([event], {}, doubtful=doubtful)
    assert answer("sessions", body=wrapped) == Ready([event], {}, doubtful=doubtful)


@pytest.mark.parametrize("name", ["sessionsCount", "sessionCount", "totalSessions", "totalCount"])
@pytest.mark.parametrize("sessions", [[], None, {}, [{"sessionid": "a"}]])
def test_an_event_with_fewer_sessions_than_it_counts_is_tried_again(name: str, sessions: Any) -> None:
    event = {"name": "Launch", "sessions": sessions, name: 2, "userCount": 40}

    assert isinstance(answer("sessions", body=event), Failed)
    assert isinstance(answer("sessions", body={**event, name: len(sessions or [])}), Ready)


# -- pending -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (202, {"statusCode": 202, "statusMessage": "Preparing your results."}),
        (202, b""),
        (200, {"statusCode": 202, "statusMessage": "Preparing your results."}),
        (200, {"statusCode": "202"}),
        (200, {"statusCode": 202, "data": []}),
    ],
)
@pytest.mark.parametrize("endpoint", KINDS)
def test_202_in_status_or_body_is_a_result_in_preparation(endpoint: str, status: int, body: Any) -> None:
    assert answer(endpoint, status, body) == Pending()


def test_a_pending_answer_may_say_when_to_ask_again() -> None:
    assert answer(status=202, Retry_After="120") == Pending(120.0)


# -- not available, refused ----------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", KINDS)
@pytest.mark.parametrize("said", ["Airmeet status is not valid", "Session status is not valid"])
@pytest.mark.parametrize(("status", "code"), [(200, 400), (400, 400), (400, None), (403, 403)])
def test_status_is_not_valid_means_not_finished_yet(
    endpoint: str, said: str, status: int, code: int | None
) -> None:
    given = answer(endpoint, status, {"data": {}, "statusCode": code, "statusMessage": said})

    assert isinstance(given, NotAvailable)
    assert said in given.reason


@pytest.mark.parametrize("endpoint", RESOURCES)
def test_only_endpoints_that_depend_on_the_plan_can_be_missing_from_it(endpoint: str) -> None:
    for status, body in product((400, 403, 404), (b"", {"message": "Bad token"})):
        expected = NotAvailable if endpoint in PLAN_GATED else Refused
        assert unit_outcome(endpoint, status, body) is expected, (status, body)


@pytest.mark.parametrize("endpoint", ["booths", "participants"])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b""),
        (403, b""),
        (412, b""),
        (400, {"errors": ["Supplied token is bad"]}),
        (200, {"statusCode": 412}),
    ],
)
def test_a_rejected_token_is_told_from_a_refused_request(endpoint: str, status: int, body: Any) -> None:
    assert isinstance(answer(endpoint, status, body), TokenRejected)


LEGACY_NAMES = [
    ("BAD_REQUEST", "Supplied token is bad", TokenRejected),
    ("PRECONDITION_FAILED", "Expired", TokenRejected),
    ("UNAUTHORIZED", "Not your Airmeet", TokenRejected),
    ("FORBIDDEN", "Revoked", TokenRejected),
    ("NOT_FOUND", "No such Airmeet", Failed),
    ("INTERNAL_SERVER_ERROR", "Oops", Failed),
    ("TOO_MANY_REQUESTS", "Slow down", Failed),
    ("SOMETHING_ELSE", "Oops", Failed),
    ("BAD_REQUEST", "Airmeet status is not valid", NotAvailable),
]


@pytest.mark.parametrize("endpoint", ["airmeets", "registrations"])
@pytest.mark.parametrize(("code", "said", "meaning"), LEGACY_NAMES)
def test_an_error_in_a_200_is_also_known_by_its_name(
    endpoint: str, code: str, said: str, meaning: type[Answer]
) -> None:
    given = answer(endpoint, body={"success": False, "code": code, "errors": [said]}, Retry_After="3")

    assert type(given) is meaning
    assert said in given.reason  # type: ignore[union-attr]
    if isinstance(given, Failed):
        assert given.throttled == (code == "TOO_MANY_REQUESTS")


@pytest.mark.parametrize("code", ["BAD_REQUEST", "GONE", "400x"])
def test_a_name_of_an_error_is_one_only_beside_a_failure(code: str) -> None:
    assert isinstance(answer(body={"code": code, "data": [1]}), Ready)


@pytest.mark.parametrize(("status", "rejected"), [(400, True), (404, False), (412, True)])
def test_any_400_of_the_legacy_registrations_speaks_of_the_token(status: int, rejected: bool) -> None:
    assert isinstance(answer("registrations", status), TokenRejected) == rejected
    assert isinstance(answer("participants", status), TokenRejected) == (rejected and status != 400)


@pytest.mark.parametrize(("status", "in_the_end"), [(412, Refused), (200, Failed)])
def test_a_new_token_that_is_rejected_ends_the_attempts_unless_a_200_hides_it(
    status: int, in_the_end: type[Answer]
) -> None:
    assert unit_outcome("registrations", status, {"statusCode": 412}) is in_the_end


def test_a_request_that_can_never_succeed_is_refused() -> None:
    assert {type(answer("participants", status)) for status in (301, 302, 400, 404, 405, 410)} == {Refused}


# -- failed: worth another try, and never an empty list ------------------------------------------

BROKEN_BODIES = [
    b"",
    b'{"data": [{"id": 1}, {"i',
    b"<html>502 Bad Gateway</html>",
    b'{"statusCode": 500, "statusMessage": "Oops"}',
    b'{"success": false, "code": "X", "errors": ["Oops"]}',
    b'{"success": false, "message": "Oops", "data": []}',
    b'{"message": "Oops"}',
    b'{"errors": ["Oops"], "data": null}',
    b'{"data": "Oops"}',
    b'{"data": ""}',
    b'{"data": {"message": "Oops"}}',
]


@pytest.mark.parametrize("body", BROKEN_BODIES, ids=lambda body: body[:40].decode("latin-1"))
@pytest.mark.parametrize("endpoint", ["event_attendance", "airmeets"])
def test_http_200_without_a_whole_list_is_tried_again_and_never_an_empty_list(
    endpoint: str, body: bytes
) -> None:
    assert isinstance(answer(endpoint, body=body), Failed)


@pytest.mark.parametrize("body", BROKEN_BODIES, ids=lambda body: body[:40].decode("latin-1"))
def test_http_200_without_an_event_is_no_event_without_sessions(body: bytes) -> None:
    assert isinstance(answer("sessions", body=body), Failed)


@pytest.mark.parametrize("error", [{"errors": ["Time-out"]}, {"error": "Time-out"}, {"success": False}])
@pytest.mark.parametrize(("endpoint", "list_name"), LISTS.items())
def test_records_beside_an_error_are_not_believed_to_be_all(
    endpoint: str, list_name: str, error: dict[str, Any]
) -> None:
    assert isinstance(answer(endpoint, body={list_name: [{"id": 1}], **error}), Failed)


PAGES = [b"<html><style>p {}</style><p>No way</p></html>", b"No\nway", b'["No way"]', b'"No way"']


@pytest.mark.parametrize("endpoint", RESOURCES)
def test_a_page_is_never_the_apis_word(endpoint: str) -> None:
    for status, page in product((200, 202, 301, 400, 401, 403, 404, 407, 412, 418, 429, 502), PAGES):
        given = answer(endpoint, status, page, Retry_After="7")

        assert isinstance(given, Failed), (status, page)
        assert (given.retry_after, given.throttled) == (7.0, status == 429), (status, page)


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad Gateway</html>", {"message": "Airmeet status is not valid"}]
)
@pytest.mark.parametrize("endpoint", ["booths", "participants"])
def test_server_errors_may_pass(endpoint: str, body: Any, status: int) -> None:
    given = answer(endpoint, status, body, Retry_After="7")

    assert isinstance(given, Failed)
    assert (given.retry_after, given.throttled) == (7.0, False)


@pytest.mark.parametrize(("status", "body"), [(429, b""), (200, {"statusCode": 429})])
@pytest.mark.parametrize("endpoint", ["booths", "participants"])
def test_429_silences_everybody(endpoint: str, status: int, body: Any) -> None:
    given = answer(endpoint, status, body, Retry_After="30")

    assert isinstance(given, Failed)
    assert (given.retry_after, given.throttled) == (30.0, True)


@pytest.mark.parametrize("endpoint", ["sessions", "booths", "event_attendance"])
@given(
    status=st.sampled_from([200, 200, 202, 204, 302, 400, 403, 404, 412, 429, 500]),
    payload=st.dictionaries(
        st.sampled_from(["data", "statusCode", "success", "message", "errors", "cursors", "booths", "name"]),
        JSON_VALUES,
    )
    | JSON_VALUES,
)
def test_any_json_answer_is_classified(endpoint: str, status: int, payload: Any) -> None:
    given = answer(endpoint, status, payload)

    assert isinstance(given, Answer)


@pytest.mark.parametrize("code", ["²", "9" * 5000, "", "OK", 200.0, True, None, [202]])
def test_a_status_code_that_is_no_number_says_nothing(code: Any) -> None:
    assert isinstance(answer(body={"statusCode": code, "data": [1]}), Ready)


@given(status=st.sampled_from([200, 202, 400, 500]), body=st.binary(max_size=60))
def test_any_bytes_are_classified(status: int, body: bytes) -> None:
    assert isinstance(answer("booths", status, body), Answer)


# -- what is said, and how long to wait ----------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "code": "BAD_REQUEST", "errors": ["No such event"]},
        {"success": False, "message": "No such event"},
        {"statusCode": 404, "statusMessage": "No such event"},
        {"error": {"message": "No such event"}},
    ],
)
def test_a_refusal_is_told_in_the_apis_own_words(body: Any) -> None:
    assert answer("participants", 404, body) == Refused("HTTP 404: No such event", 404)


def test_retry_after_in_seconds() -> None:
    headers = {"120": 120.0, "1.5": 1.5, "0": 0.0, "-5": 0.0, "soon": None, "": None}

    assert {header: retry_after({"Retry-After": header}) for header in headers} == headers


def test_retry_after_as_a_date() -> None:
    coming = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    assert retry_after({"Retry-After": coming}) == pytest.approx(90, abs=5)
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_date_is_meant_by_the_clock_of_the_server(days: int) -> None:
    now = datetime.now(UTC) + timedelta(days=days)
    headers = {
        "Date": format_datetime(now, usegmt=True),
        "Retry-After": format_datetime(now + timedelta(seconds=90), usegmt=True),
    }

    assert retry_after(headers) == 90.0


@given(st.text(max_size=30))
@example("inf")
@example("nan")
@example("Wed, 99 Oct 99999 07:28:00 GMT")
@example("Wed, 21 Oct 2015 07:28:99999999999999999999 GMT")
def test_no_retry_after_makes_anybody_wait_for_ever(header: str) -> None:
    seconds = retry_after({"Retry-After": header})

    assert seconds is None or 0 <= seconds < float("inf")
