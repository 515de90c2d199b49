from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from airmeet_sandbox import Quirks

if TYPE_CHECKING:
    from airmeet_sandbox import Sandbox
    from tests.sandbox.conftest import Api


def authenticate(sandbox: Sandbox, **headers: str) -> requests.Response:
    return requests.post(f"{sandbox.base_url}/auth", headers=headers, timeout=10)


def test_the_token_comes_under_data_or_at_the_top(sandbox: Sandbox, api: Api) -> None:
    assert "token" in authenticate(sandbox, **api.keys).json()["data"]
    sandbox.quirks = Quirks(token_shape="top")
    assert set(authenticate(sandbox, **api.keys).json()) == {"token"}


@pytest.mark.parametrize(
    "wrong", [{}, {"X-Airmeet-Access-Key": "x"}, {"X-Airmeet-Access-Key": "x", "X-Airmeet-Secret-Key": "y"}]
)
def test_missing_or_wrong_keys_are_400(sandbox: Sandbox, wrong: dict[str, str]) -> None:
    assert authenticate(sandbox, **wrong).status_code == 400


def test_revoked_keys_are_403_and_their_tokens_bad(sandbox: Sandbox, api: Api) -> None:
    sandbox.revoke_keys()
    assert authenticate(sandbox, **api.keys).status_code == 403
    assert api.get("/airmeets").status_code == 401
    sandbox.revoke_keys(revoked=False)
    assert api.get("/airmeets").status_code == 200


def test_an_expired_token_is_412_until_a_new_one_is_fetched(sandbox: Sandbox, api: Api) -> None:
    sandbox.expire_tokens()
    assert api.get("/airmeets").status_code == 412
    api.sign_in()
    assert api.get("/airmeets").status_code == 200


def test_tokens_live_thirty_days(sandbox: Sandbox, api: Api) -> None:
    sandbox.clock.advance(timedelta(days=29))
    assert api.get("/airmeets").status_code == 200
    sandbox.clock.advance(timedelta(days=1))
    assert api.get("/airmeets").status_code == 412


def test_a_bad_token_is_401_or_400(sandbox: Sandbox, api: Api) -> None:
    api.http.headers["X-Airmeet-Access-Token"] = "nonsense"
    assert api.get("/airmeets").status_code == 401
    sandbox.quirks = Quirks(bad_token_status=400)
    answer = api.get("/airmeets")
    assert answer.status_code == 400
    assert "token" in answer.text


def legacy_error(answer: requests.Response) -> tuple[int, str, list[str]]:
    """Status, name and words of an error, which has nothing else in it."""
    body = answer.json()
    assert set(body) == {"success", "code", "errors"}
    assert body["success"] is False
    return answer.status_code, body["code"], body["errors"]


@pytest.mark.parametrize("path", ["/airmeets", "/airmeet/{event}/registrations"])
def test_legacy_errors_have_their_own_statuses_and_shape(
    sandbox: Sandbox, legacy_api: Api, path: str
) -> None:
    path = path.format(event=sandbox.world.events()[0])
    sandbox.expire_tokens()
    assert legacy_error(legacy_api.get(path)) == (412, "PRECONDITION_FAILED", ["Access token has expired"])
    legacy_api.http.headers["X-Airmeet-Access-Token"] = "nonsense"
    assert legacy_error(legacy_api.get(path)) == (400, "BAD_REQUEST", ["Access token is not known"])


def test_legacy_refuses_keys_and_unknown_events_and_paths_in_that_shape(
    sandbox: Sandbox, legacy_api: Api
) -> None:
    assert legacy_error(legacy_api.get("/airmeet/nowhere/registrations"))[:2] == (404, "NOT_FOUND")
    event = sandbox.world.events()[0]
    for path in ("participants", "info", "attendees", "booths", "utms"):
        assert legacy_error(legacy_api.get(f"/airmeet/{event}/{path}"))[:2] == (404, "NOT_FOUND")
    auth = f"{sandbox.legacy_base_url}/auth"
    assert legacy_error(requests.post(auth, timeout=10))[:2] == (400, "BAD_REQUEST")
    sandbox.revoke_keys()
    assert legacy_error(requests.post(auth, headers=legacy_api.keys, timeout=10))[:2] == (403, "FORBIDDEN")


def test_the_log_tells_whether_headers_were_sent(sandbox: Sandbox, api: Api) -> None:
    api.get("/airmeets", size=3)
    del api.http.headers["X-Airmeet-Access-Token"]
    api.get("/airmeets")
    signed_in, listed, refused = sandbox.requests
    assert (signed_in.method, signed_in.endpoint, signed_in.headers_ok) == ("POST", "auth", True)
    assert (listed.path, listed.query, listed.status, listed.headers_ok) == (
        "/prod/airmeets",
        {"size": "3"},
        200,
        True,
    )
    assert (refused.status, refused.headers_ok) == (401, False)
    assert listed.at == sandbox.clock.now()
    sandbox.clear_requests()
    assert len(sandbox.requests) == 0
