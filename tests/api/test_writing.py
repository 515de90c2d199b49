"""Writing: what an answer says of somebody who was sent, and what it leaves open."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.api.answers import Failed, TokenRejected
from airmeet_source.api.regions import Api
from airmeet_source.api.writing import Accepted, Call, Declined, Unsure, adding, classify_reply, revoking
from tests.support.json_values import JSON_VALUES

ADD = adding(Api.CURRENT, "e1", "register", {"email": "ann@example.com"})
REVOKE = revoking("e1", "ann+1@example.com")
LINK = "https://join.airmeet.example/e/e1?code=0123456789abcdef"
PAGE = b"<html><title>Bad Gateway</title></html>"


def reply(status: int, body: Any = b"", call: Call = ADD, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return classify_reply(call, status, {name.replace("_", "-"): v for name, v in headers.items()}, content)


def test_paths_are_percent_encoded() -> None:
    assert REVOKE.path == "/airmeet/e1/attendee/ann%2B1%40example.com"
    assert adding(Api.LEGACY, "e/1", "register", {}).path == "/airmeet/e%2F1/user"
    assert adding(Api.LEGACY, "e1", "authorise", {}).path == "/airmeet/e1/attendee"


@pytest.mark.parametrize(
    "body",
    [
        {"email": "ann@example.com", "entryLink": LINK},
        {"data": {"email": "ann@example.com", "entryLink": LINK}},
        {"entry_link": LINK},
    ],
    ids=str,
)
def test_an_answer_with_the_person_is_believed_and_never_shows_the_link(body: Any) -> None:
    taken = reply(200, body)

    assert taken == Accepted(200, LINK)
    assert "code" not in repr(taken)


@pytest.mark.parametrize(
    ("status", "body", "call"),
    [
        (204, b"", REVOKE),
        (200, {"success": True, "message": "Removed"}, REVOKE),
        (200, {"email": "ann@example.com"}, ADD),
    ],
    ids=str,
)
def test_a_shorter_answer_is_believed_as_well(status: int, body: Any, call: Call) -> None:
    assert reply(status, body, call) == Accepted(status)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (204, b""),
        (200, {}),
        (200, {"statusCode": 200}),
        (200, {"email": "bea@example.com", "entryLink": LINK}),
        (200, b'{"email": "ann@exam'),
        (200, PAGE),
        (202, {"email": "ann@example.com"}),
        (200, {"statusCode": 500, "statusMessage": "Oops"}),
        (302, b""),
        (408, {"message": "Timeout"}),
        (403, PAGE),
        (404, PAGE),
        *((status, {"message": "Oops"}) for status in (500, 502, 503, 504, 520)),
    ],
    ids=str,
)
def test_what_leaves_it_open_says_so(status: int, body: Any) -> None:
    open_ = reply(status, body)

    assert isinstance(open_, Unsure)
    assert open_.may_be_done
    assert not open_.declines


@pytest.mark.parametrize(("status", "body"), [(429, {}), (429, PAGE), (425, {}), (200, {"statusCode": 429})])
def test_what_is_put_off_is_not_done(status: int, body: Any) -> None:
    put_off = reply(status, body, Retry_After="7")

    assert isinstance(put_off, Unsure)
    assert not put_off.may_be_done
    assert put_off.failure.retry_after == 7
    assert put_off.failure.throttled is (status != 425)


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_what_is_refused_is_not_done(status: int) -> None:
    refused = reply(status, {"success": False, "errors": ["email is not valid"]})

    assert refused == Declined(f"HTTP {status}: email is not valid", status)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (409, {"message": "Exists"}),
        (200, {"success": False, "message": "email is not valid"}),
        (200, {"statusCode": 400, "statusMessage": "email is not valid"}),
    ],
)
def test_a_refusal_that_may_be_something_else_is_looked_up(status: int, body: Any) -> None:
    refused = reply(status, body)

    assert isinstance(refused, Unsure)
    assert refused.may_be_done
    assert refused.declines


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {}),
        (403, {}),
        (412, {}),
        (400, {"errors": ["Supplied token is bad"]}),
        (200, {"statusCode": 412}),
    ],
)
def test_a_token_that_is_refused_is_renewed(status: int, body: Any) -> None:
    assert isinstance(reply(status, body), TokenRejected)


@given(status=st.integers(100, 599), body=JSON_VALUES | st.binary(max_size=40), is_adding=st.booleans())
def test_nobody_is_taken_for_sent_without_a_word_of_it(status: int, body: Any, is_adding: bool) -> None:
    given_ = reply(status, body, ADD if is_adding else REVOKE)

    if isinstance(given_, Accepted):
        assert 200 <= status < 300
        assert status == 204 or isinstance(body, dict)
    elif isinstance(given_, Unsure):
        assert isinstance(given_.failure, Failed)
        assert given_.may_be_done or 429 in (status, given_.status) or status == 425
    else:
        assert isinstance(given_, Declined | TokenRejected)
        assert status < 500


def test_what_is_told_of_an_answer_holds_no_link_and_no_address() -> None:
    words = f"Somebody like ann@example.com has {LINK} already"

    told = reply(409, {"message": words}).failure.reason

    assert "ann@" not in told
    assert "code=" not in told
