from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from airmeet_sandbox import Quirks, faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from airmeet_sandbox import Sandbox, World
    from tests.sandbox.conftest import Api


@pytest.fixture
def event(world: World) -> str:
    return world.event_in("long_over")


@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_following_after_gives_every_row_once(api: Api, world: World, event: str, size: int) -> None:
    path = f"/airmeet/{event}/attendees"
    assert api.all_rows(path, size) == world.records("event_attendance", event)


def test_after_is_the_id_of_the_last_row(api: Api, event: str) -> None:
    first = api.ok(f"/airmeet/{event}/attendees", size=5)
    assert first["cursors"]["before"] == first["data"][0]["id"]
    assert first["cursors"]["after"] == first["data"][-1]["id"]
    ids = [row["id"] for row in first["data"]]
    assert ids == sorted(set(ids))


def test_before_goes_backwards_and_after_wins(api: Api, world: World, event: str) -> None:
    rows = world.records("event_attendance", event)
    path = f"/airmeet/{event}/attendees"
    assert api.ok(path, before=rows[6]["id"], size=4)["data"] == rows[2:6]
    assert api.ok(path, before=rows[2]["id"], size=4)["data"] == rows[:2]
    assert api.ok(path, before=rows[6]["id"], after=rows[9]["id"], size=2)["data"] == rows[10:12]


def test_a_cursor_between_ids_is_understood(api: Api, world: World, event: str) -> None:
    rows = world.records("event_attendance", event)
    for row, following in pairwise(rows):
        for cursor in range(row["id"], following["id"]):
            page = api.ok(f"/airmeet/{event}/attendees", after=cursor, size=1)
            assert page["data"] == [following]


def test_no_page_is_larger_than_fifty(
    start: Callable[..., Sandbox], connect: Callable[[Sandbox], Api], world: World, event: str
) -> None:
    world.register(event, 120)
    api = connect(start())
    assert len(api.ok(f"/airmeet/{event}/utms", size=500)["data"]) == 50
    assert len(api.ok(f"/airmeet/{event}/utms")["data"]) == 50


@pytest.mark.parametrize("query", [{"size": 0}, {"size": "many"}, {"after": "x"}, {"before": "x"}])
def test_nonsense_is_400(api: Api, event: str, query: dict[str, Any]) -> None:
    assert api.get(f"/airmeet/{event}/attendees", **query).status_code == 400


def test_a_cap_makes_pages_short_and_loses_nothing(
    start: Callable[..., Sandbox], connect: Callable[[Sandbox], Api], world: World, event: str
) -> None:
    api = connect(start(page_cap=4))
    path = f"/airmeet/{event}/attendees"
    assert len(api.ok(path)["data"]) == 4
    assert api.all_rows(path) == world.records("event_attendance", event)
    assert len(api.ok("/airmeets", size=500)["data"]) == 4
    assert len(api.ok(f"/airmeet/{event}/participants")["participants"]) == 4


def test_the_last_page_still_has_a_number_in_after(sandbox: Sandbox, api: Api, event: str) -> None:
    path = f"/airmeet/{event}/attendees"
    last = api.ok(path)
    assert last["cursors"]["after"] == last["data"][-1]["id"]
    beyond = api.ok(path, after=last["cursors"]["after"])
    assert beyond["data"] == []
    assert beyond["cursors"]["after"] == last["cursors"]["after"]
    sandbox.quirks = Quirks(after_on_last_page=False)
    assert api.ok(path)["cursors"]["after"] is None
    assert api.ok(path, size=5)["cursors"]["after"] is not None


def test_events_are_paged_too(api: Api, world: World) -> None:
    assert [event["uid"] for event in api.all_rows("/airmeets", size=5)] == world.events()


class TestLegacy:
    @pytest.fixture
    def crowd(self, world: World, event: str) -> list[Any]:
        world.register(event, 1200)
        return world.records("registrations", event)

    def test_a_page_is_fifty_unless_asked_and_never_more_than_500(
        self, legacy_api: Api, event: str, crowd: list[Any]
    ) -> None:
        path = f"/airmeet/{event}/registrations"
        for size, rows in ({}, 50), ({"size": 500}, 500), ({"size": 5000}, 500):
            body = legacy_api.ok(path, **size)
            assert body["data"] == crowd[:rows]
            assert set(body["cursors"]) == {"before", "after", "pageCount"}
            assert body["cursors"]["pageCount"] == -(-len(crowd) // rows)

    @pytest.mark.parametrize(("size", "more"), [(1, 20), (499, 1200), (500, 1200)])
    def test_following_after_gives_everybody_once_in_the_order_of_registration(
        self, world: World, legacy_api: Api, event: str, size: int, more: int
    ) -> None:
        world.register(event, more)
        crowd = world.records("registrations", event)
        rows = legacy_api.all_rows(f"/airmeet/{event}/registrations", size)
        assert rows == crowd
        dates = [row["registrationDate"] for row in rows]
        assert dates == sorted(dates)

    @pytest.mark.parametrize("path", ["/airmeets", "/airmeet/{event}/registrations"])
    def test_before_goes_backwards_and_after_wins(self, legacy_api: Api, event: str, path: str) -> None:
        path = path.format(event=event)
        rows = legacy_api.ok(path)["data"]
        third = legacy_api.ok(path, size=3)["cursors"]["after"]
        assert legacy_api.ok(path, before=third, size=500)["data"] == rows[:2]
        assert legacy_api.ok(path, before=third, after=third, size=2)["data"] == rows[3:5]

    def test_faults_hurt_it_too(self, sandbox: Sandbox, legacy_api: Api, event: str) -> None:
        path = f"/airmeet/{event}/registrations"
        sandbox.faults.add(faults.status(500), endpoint="registrations", path="^/api/v1/", times=1)
        assert [legacy_api.get(path).status_code for _ in range(2)] == [500, 200]
        sandbox.faults.add(faults.error_in_body(400, shape="errors"), path=event, times=1)
        assert legacy_api.ok(path)["code"] == "BAD_REQUEST"


class TestParticipants:
    def ask(self, api: Api, event: str, **query: object) -> Any:
        return api.ok(f"/airmeet/{event}/participants", **query)

    def test_newest_come_first_and_are_counted(self, api: Api, world: World, event: str) -> None:
        body = self.ask(api, event, resultSize=10)
        newest = world.records("participants", event)[::-1]
        assert body["participants"] == newest[:10]
        assert body["userCount"] == 10
        assert body["totalUserCount"] == len(newest)

    @pytest.mark.parametrize("direction", ["ASC", "DESC"])
    @pytest.mark.parametrize("key", ["registrationDate", "name", "email"])
    def test_pages_in_any_order_make_up_the_whole(
        self, api: Api, world: World, event: str, key: str, direction: str
    ) -> None:
        people = []
        for page in range(1, 100):
            order = {"sortingKey": key, "sortingDirection": direction}
            body = self.ask(api, event, resultSize=7, pageNumber=page, **order)
            people += body["participants"]
            if not body["participants"]:
                break
        values = [person[key] for person in people if person[key] is not None]
        assert [str(value).lower() for value in values] == sorted(
            (str(value).lower() for value in values), reverse=direction == "DESC"
        )
        tokens = [person["token"] for person in people]
        assert sorted(tokens) == sorted(person["token"] for person in world.records("participants", event))

    def test_oldest_first_keeps_pages_still_while_people_register(
        self, api: Api, world: World, event: str
    ) -> None:
        order = {"sortingDirection": "ASC", "resultSize": 5}
        before = self.ask(api, event, pageNumber=2, **order)["participants"]
        world.register(event, 3)
        assert self.ask(api, event, pageNumber=2, **order)["participants"] == before

    def test_only_some_addresses(self, api: Api, world: World, event: str) -> None:
        emails = [person["email"] for person in world.records("participants", event) if person["email"]][:2]
        body = self.ask(api, event, emailIds=",".join(email.upper() for email in emails))
        assert {person["email"] for person in body["participants"]} == set(emails)

    def test_sorting_can_be_ignored(self, sandbox: Sandbox, api: Api, world: World, event: str) -> None:
        sandbox.quirks = Quirks(ignores_sorting=True)
        body = self.ask(api, event, sortingKey="name", sortingDirection="ASC")
        assert body["participants"] == world.records("participants", event)[::-1]

    def test_ties_can_come_in_another_order_on_each_page(
        self, sandbox: Sandbox, api: Api, world: World, event: str
    ) -> None:
        twelve: list[dict[str, Any]] = [{"email": f"{n}@x", "registrationDate": None} for n in range(12)]
        world.put(event, "participants", twelve)
        sandbox.quirks = Quirks(ties="by_page")
        pages = [self.ask(api, event, resultSize=4, pageNumber=n)["participants"] for n in (1, 2, 3)]
        assert [self.ask(api, event, resultSize=4, pageNumber=n)["participants"] for n in (1, 2, 3)] == pages
        assert len({person["email"] for page in pages for person in page}) < 12
        order = {"sortingKey": "email", "resultSize": 12}
        assert sorted(person["email"] for person in self.ask(api, event, **order)["participants"]) == sorted(
            person["email"] for person in twelve
        )
        sandbox.quirks = Quirks(ties="random")
        assert len({str(self.ask(api, event, resultSize=4)) for _ in range(9)}) > 1

    def test_urls_can_be_signed_anew_in_each_answer(self, sandbox: Sandbox, api: Api, event: str) -> None:
        sandbox.quirks = Quirks(fresh_urls=True)
        first, second = (self.ask(api, event, resultSize=1)["participants"][0] for _ in range(2))
        assert first != second
        assert first | {"profile_url": None} == second | {"profile_url": None}

    @pytest.mark.parametrize("query", [{"pageNumber": 0}, {"resultSize": 0}, {"sortingKey": "token"}])
    def test_nonsense_is_400(self, api: Api, event: str, query: dict[str, Any]) -> None:
        assert api.get(f"/airmeet/{event}/participants", **query).status_code == 400
