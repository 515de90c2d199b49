"""Region legacy: the first version of the API, end to end over HTTP into DuckDB."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_increments import assert_same
from warehouse import Warehouse

from airmeet_source import KeysRefused
from airmeet_source.sandbox import Quirks, Sandbox, World, faults

DAY = timedelta(days=1)
COLUMNS = "email, name, city, country, organisation, designation, registration_date"
FIELDS = ("email", "name", "city", "country", "organisation", "Designation", "registrationDate")

NewWarehouse = Callable[[], Warehouse]


@pytest.fixture
def new_legacy(sandbox: Sandbox, tmp_path: Path) -> NewWarehouse:
    """Empty warehouses that load from the first version of the API."""
    settings = {"region": "legacy", "base_url": sandbox.legacy_base_url}
    return lambda: Warehouse(tmp_path, sandbox, settings)


@pytest.fixture
def legacy(new_legacy: NewWarehouse) -> Warehouse:
    return new_legacy()


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


@pytest.fixture
def event(world: World) -> str:
    """An event that was over a few days ago."""
    return world.event_in("just_finished")


@pytest.fixture
def crowd(world: World, event: str) -> int:
    """So many people registered for it that they fill three pages."""
    world.register(event, 1100)
    return len(world.records("registrations", event))


def shown(world: World, event: str) -> Counter[tuple[Any, ...]]:
    """The registrations as the API shows them, typed as the columns are."""
    rows = [[record[field] for field in FIELDS] for record in world.records("registrations", event)]
    return Counter((*texts, datetime.fromisoformat(date)) for *texts, date in rows)


def stored(warehouse: Warehouse, event: str) -> Counter[tuple[Any, ...]]:
    """The registrations as they are in the table."""
    rows = warehouse.query(f"SELECT {COLUMNS} FROM registrations WHERE airmeet_id = '{event}'")
    return Counter((*texts, moment.astimezone(UTC)) for *texts, moment in rows)


def pages_asked(sandbox: Sandbox, event: str) -> list[str | None]:
    """The cursors that were sent for an event, in order."""
    requests = [request for request in sandbox.requests.to("registrations") if event in request.path]
    assert {request.query["size"] for request in requests} == {"500"}
    return [request.query.get("after") for request in requests]


class TestLoading:
    def test_everybody_is_loaded_over_pages_by_their_cursors(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str, crowd: int
    ) -> None:
        run = legacy.load()
        assert not run.tally.problems
        for each in world.events():
            assert stored(legacy, each) == shown(world, each)
        assert crowd > 1000
        cursors = pages_asked(sandbox, event)
        assert len(cursors) == len(set(cursors)) == 3
        assert cursors[0] is None

    def test_there_is_nothing_but_what_this_version_has(self, sandbox: Sandbox, legacy: Warehouse) -> None:
        run = legacy.load()
        assert set(legacy.tables()) == {"airmeets", "registrations"}
        assert set(run.tally.rows) == {"airmeets", "registrations", "sync_log"}
        assert {request.path.split("/")[1] for request in sandbox.requests} == {"api"}
        assert set(sandbox.requests.by_status) == {200}
        assert all(request.headers_ok for request in sandbox.requests)

    @pytest.mark.parametrize("cap", [1, 7, 50])
    def test_pages_shorter_than_asked_for_lose_nobody(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str, cap: int
    ) -> None:
        world.register(event, 60)
        sandbox.page_cap = cap
        legacy.load()
        assert stored(legacy, event) == shown(world, event)

    @pytest.mark.parametrize(
        "quirks",
        [
            Quirks(after_on_last_page=False),
            Quirks(page_count=False),
            Quirks(cursors="not_on_last_page"),
            Quirks(empty_data="null"),
            Quirks(empty_data="object"),
            Quirks(token_shape="top"),
            Quirks(airmeets_cursor_repeats=True),
        ],
        ids=repr,
    )
    def test_odd_habits_of_the_api_lose_nobody(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str, crowd: int, quirks: Quirks
    ) -> None:
        sandbox.quirks = quirks
        run = legacy.load()
        assert not run.tally.problems
        assert crowd == stored(legacy, event).total()
        assert stored(legacy, event) == shown(world, event)

    def test_people_whom_an_e_mail_does_not_tell_apart_are_all_kept(
        self, world: World, legacy: Warehouse, event: str
    ) -> None:
        same = {"email": "ann@indigo.example", "name": "Ann", "registrationDate": "2026-05-01T10:00:00Z"}
        people = [
            same,
            same,
            {**same, "name": "Bob", "email": " Ann@Indigo.example"},
            *({"name": "Guest"} for _ in range(3)),
            {"email": None, "name": "Guest"},
            {"email": "", "name": "Guest"},
            {"email": "ann@indigo.example#2"},
            {},
            "not even an object",
        ]
        world.put(event, "registrations", people)
        legacy.load()
        keys = legacy.query(f"SELECT person_key FROM registrations WHERE airmeet_id = '{event}' ORDER BY 1")
        assert len(keys) == len(set(keys)) == len(people)
        legacy.load()
        assert keys == legacy.query(
            f"SELECT person_key FROM registrations WHERE airmeet_id = '{event}' ORDER BY 1"
        )

    def test_odd_values_lose_nothing(self, world: World, legacy: Warehouse, event: str) -> None:
        odd = {
            "email": ["a@x"],
            "name": {"first": "Ann"},
            "city": "nul\x00l",
            "designation": 7,
            "registrationDate": "last week",
            "vip": True,
        }
        world.put(event, "registrations", [odd])
        legacy.load()
        rows = legacy.query(
            f"SELECT email, name, city, designation, registration_date, vip, _unparsed "
            f"FROM registrations WHERE airmeet_id = '{event}'"
        )
        unparsed = '{"registration_date": "last week"}'
        assert rows == [('["a@x"]', '{"first": "Ann"}', "null", "7", None, True, unparsed)]

    def test_entry_links_are_left_out(self, world: World, legacy: Warehouse, event: str) -> None:
        link = "https://join.airmeet.example/e/x?code=4711"
        world.put(event, "registrations", [{"email": "a@x", "entryLink": link, "token": link}])
        legacy.load()
        assert "4711" not in repr(legacy.rows("registrations"))


class TestLaterRuns:
    def test_who_came_and_who_left(self, world: World, legacy: Warehouse, event: str, crowd: int) -> None:
        legacy.load()
        world.register(event, 7)
        world.remove_participant(event, 3)
        world.update_participant(event, 600, name="Somebody Else")
        legacy.load()
        assert stored(legacy, event) == shown(world, event)
        assert stored(legacy, event).total() == crowd + 6

    def test_an_event_that_nobody_is_registered_for_any_more_is_empty(
        self, world: World, legacy: Warehouse, event: str
    ) -> None:
        legacy.load()
        others = legacy.query(f"SELECT count(*) FROM registrations WHERE airmeet_id <> '{event}'")
        world.put(event, "registrations", [])
        legacy.load()
        assert not stored(legacy, event)
        assert legacy.query("SELECT count(*) FROM registrations") == others != [(0,)]

    def test_registrations_are_asked_for_until_the_tail_ends_and_once_for_good(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str
    ) -> None:
        legacy.load()
        sandbox.clock.advance(60 * DAY)
        world.register(event, 2)
        legacy.load()
        assert stored(legacy, event) == shown(world, event)
        sandbox.clock.advance(40 * DAY)
        world.register(event, 2)
        legacy.load()
        assert stored(legacy, event) == shown(world, event)
        sandbox.clear_requests()
        world.register(event, 2)
        legacy.load()
        assert not pages_asked_of(sandbox, event)
        assert stored(legacy, event).total() == shown(world, event).total() - 2

    def test_increments_end_in_the_rows_of_one_full_load(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, new_legacy: NewWarehouse, event: str
    ) -> None:
        live = world.event_in("live")
        world.register(event, 8)
        for place in range(4):
            legacy.load()
            sandbox.clock.advance(20 * DAY)
            world.register(live, 3)
            world.remove_participant(event, place)
        legacy.load()
        full = new_legacy()
        full.load()
        assert_same(legacy.tables(), full.tables())


def pages_asked_of(sandbox: Sandbox, event: str) -> list[str]:
    """The paths that were asked of an event."""
    return [request.path for request in sandbox.requests if event in request.path]


class TestFaults:
    @pytest.fixture
    def ignored_cursor(self, world: World, event: str, crowd: int) -> Any:
        """An answer for a server that sends its first page whatever ``after`` says."""
        page = world.records("registrations", event)[:500]
        assert crowd > len(page)
        return faults.body({"data": page, "cursors": {"before": 1, "after": 500, "pageCount": 3}})

    def test_a_cursor_that_is_ignored_ends_as_failed_and_replaces_nothing(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str, ignored_cursor: Any
    ) -> None:
        legacy.load()
        before = stored(legacy, event)
        sandbox.faults.add(ignored_cursor, endpoint="registrations", path=event)
        sandbox.clear_requests()
        run = legacy.load()
        assert [(p.airmeet_id, p.outcome) for p in run.tally.problems] == [(event, "failed")]
        assert "more pages were announced" in run.tally.problems[0].message
        assert stored(legacy, event) == before
        assert len(pages_asked(sandbox, event)) < 10
        sandbox.faults.clear()
        world.remove_participant(event, 0)
        assert not legacy.load().tally.problems
        assert stored(legacy, event) == shown(world, event) != before

    def test_a_page_that_fails_in_the_middle_replaces_nothing(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str, crowd: int
    ) -> None:
        legacy.load()
        world.remove_participant(event, 0)
        sandbox.faults.add(faults.status(500), when=lambda r: event in r.path and "after" in r.query)
        run = legacy.load()
        assert [problem.outcome for problem in run.tally.problems] == ["failed"]
        assert stored(legacy, event).total() == crowd

    @pytest.mark.parametrize(
        ("status", "message"),
        [
            (400, "HTTP 400: Supplied token is bad"),
            (401, "HTTP 401: Not an Airmeet of this community"),
            (404, "HTTP 404: No such Airmeet"),
            (412, "HTTP 412: Access token has expired"),
            (500, "HTTP 500: Oops (after 3 attempts)"),
        ],
    )
    def test_an_error_fails_its_unit_alone_in_the_apis_own_words(
        self, sandbox: Sandbox, legacy: Warehouse, event: str, status: int, message: str
    ) -> None:
        said = message.removeprefix(f"HTTP {status}: ").removesuffix(" (after 3 attempts)")
        sandbox.faults.add(faults.status(status, message=said), path=event)
        run = legacy.load()
        assert [(p.resource, p.airmeet_id, p.message) for p in run.tally.problems] == [
            ("registrations", event, message)
        ]
        assert not stored(legacy, event)
        assert run.tally.units["loaded"] == len(run.events or ())  # the list, and all events but one

    @pytest.mark.parametrize("times", [1, 2])
    @pytest.mark.parametrize(
        "fault",
        [
            faults.error_in_body(400, shape="errors", message="Supplied token is bad"),
            faults.error_in_body(400, shape="errors", message="Something is wrong"),
            faults.error_in_body(412, shape="errors"),
            faults.error_in_body(500, shape="errors"),
            faults.body({"success": False, "code": "BAD_REQUEST", "errors": []}),
        ],
    )
    def test_an_error_that_hides_in_a_200_for_a_while_leaves_no_trace(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str, fault: Any, times: int
    ) -> None:
        sandbox.faults.add(fault, path=event, times=times)
        assert not legacy.load().tally.problems
        assert stored(legacy, event) == shown(world, event) != Counter()

    def test_an_error_that_hides_in_a_200_for_good_fails_and_empties_nothing(
        self, sandbox: Sandbox, legacy: Warehouse, event: str
    ) -> None:
        legacy.load()
        before = stored(legacy, event)
        fault = faults.error_in_body(400, shape="errors", message="Supplied token is bad")
        sandbox.faults.add(fault, path=event)
        (problem,) = legacy.load().tally.problems
        assert problem.message == "HTTP 200 with 400 in the body: Supplied token is bad (after 3 attempts)"
        assert stored(legacy, event) == before != Counter()

    @pytest.mark.usefixtures("crowd")
    @pytest.mark.parametrize("end", ["expired", "bad"])
    def test_a_token_that_ends_amid_the_run_is_renewed_once(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str, end: str
    ) -> None:
        def end_amid(request: Any) -> bool:
            if event in request.path and "after" in request.query and not ended:
                ended.append(request.path)
                sandbox.expire_tokens() if end == "expired" else sandbox._access._issued.clear()
            return False

        ended: list[str] = []
        sandbox.faults.add(faults.status(599), when=end_amid)
        run = legacy.load()
        assert ended
        assert not run.tally.problems
        assert len(sandbox.requests.to("auth")) == 2
        assert sandbox.requests.by_status[412 if end == "expired" else 400]
        assert stored(legacy, event) == shown(world, event)

    def test_keys_revoked_amid_the_run_end_it(self, sandbox: Sandbox, legacy: Warehouse) -> None:
        seen: list[str] = []

        def revoke_amid(request: Any) -> bool:
            seen.append(request.path)
            if len(seen) == 8:
                sandbox.revoke_keys()
            return False

        sandbox.faults.add(faults.status(599), when=revoke_amid)
        run = legacy.load(max_concurrency=1)
        assert isinstance(run.error, KeysRefused)
        assert "Access key has been revoked" in str(run.error)
        assert "legacy" in str(run.error)
        assert legacy.query("SELECT count(*) > 0 FROM registrations") == [(True,)]


class TestBesideTheCurrentApi:
    def test_a_change_of_region_loses_nothing(
        self, sandbox: Sandbox, legacy: Warehouse, warehouse: Warehouse, new_legacy: NewWarehouse
    ) -> None:
        current = {"region": "default", "base_url": sandbox.base_url}
        legacy.load()
        legacy.load(**current)
        legacy.load()
        warehouse.load()
        alone = new_legacy()
        alone.load()
        assert_same(legacy.tables(), {**warehouse.tables(), "registrations": alone.rows("registrations")})
        sandbox.clock.advance(200 * DAY)
        legacy.load(**current)
        legacy.load()
        warehouse.load()
        alone.load()
        assert_same(legacy.tables(), {**warehouse.tables(), "registrations": alone.rows("registrations")})
        sandbox.clear_requests()
        legacy.load()
        legacy.load(**current)
        assert {request.endpoint for request in sandbox.requests} == {"auth", "airmeets"}

    def test_an_archived_event_shows_by_its_last_listing_whichever_version_listed_it(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str
    ) -> None:
        legacy.load("airmeets", "registrations")
        listed = legacy.query("SELECT max(last_listed_at) FROM airmeets")
        world.archive_event(event)
        sandbox.clock.advance(DAY)
        legacy.load("airmeets", region="default", base_url=sandbox.base_url)
        archived = (
            "SELECT airmeet_id FROM airmeets WHERE last_listed_at < "
            "(SELECT max(last_listed_at) FROM airmeets)"
        )
        assert legacy.query(archived) == [(event,)]
        assert legacy.query("SELECT max(last_listed_at) FROM airmeets") != listed
        assert stored(legacy, event)
        world.unarchive_event(event)
        legacy.load("airmeets")
        assert legacy.query(archived) == []


@pytest.mark.parametrize("mode", ["hash", "drop"])
def test_no_personal_text_reaches_the_table_or_a_file(
    world: World, legacy: Warehouse, tmp_path: Path, mode: str
) -> None:
    odd = {"email": "", "name": "Jane Roe-Privately", "phone": "+49 170 1234567"}
    same = {"email": "ann@indigo.example", "name": "Ann of Indigo"}
    world.put(world.events()[0], "registrations", [odd, odd, same, same])
    people = [person for each in world.events() for person in world.records("registrations", each)]
    texts = {person.get(name) or "" for person in people for name in ("email", "name", "phone")}
    texts = {text for text in texts if len(text) > 6}
    assert len(texts) > 50
    assert not legacy.load(pii=mode, pii_salt="a long secret salt").tally.problems
    rows = repr(legacy.rows("registrations"))
    written = b" ".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not {text for text in texts if text in rows or text.encode() in written}
    assert legacy.query("SELECT count(*), count(DISTINCT airmeet_id || person_key) FROM registrations") == [
        (len(people), len(people))
    ]
