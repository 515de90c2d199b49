"""Region legacy, end to end over HTTP into DuckDB: what is loaded, at first and later."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from airmeet_sandbox import Quirks, Sandbox, World
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.selection import Selection
from tests.support.legacy_rows import pages_asked, shown, stored
from tests.support.warehouse import NOW, Warehouse

DAY = timedelta(days=1)
LINK = "https://join.airmeet.example/e/x?code=entry-4711"
SAME = {"email": "ann@indigo.example", "name": "Ann", "registrationDate": "2026-05-01T10:00:00Z"}
ALIKE = [
    SAME,
    SAME,
    {**SAME, "name": "Bob", "email": " Ann@Indigo.example"},
    *({"name": "Guest"} for _ in range(3)),
    {"email": None, "name": "Guest"},
    {"email": "", "name": "Guest"},
    {"email": "ann@indigo.example#2"},
    {},
    "not even an object",
]
ODD = {
    "email": ["a@x"],
    "name": {"first": "Ann"},
    "city": "nul\x00l",
    "designation": 7,
    "registrationDate": "last week",
    "vip": True,
    "entryLink": LINK,
    "token": LINK,
}

NewWarehouse = Callable[[], Warehouse]


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a first run left, which nobody changes."""

    sandbox: Sandbox
    warehouse: Warehouse
    run: Extraction
    crowded: str  # three pages of people
    alike: str  # people whom an e-mail does not tell apart
    odd: str  # somebody with odd values


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """A first run over a dozen events, three of which are special."""
    with Sandbox(World(seed=7, events=12, people=8, now=NOW)) as sandbox:
        sandbox.clock.freeze(NOW)
        world = sandbox.world
        crowded, alike, odd = (world.event_in(phase) for phase in ("just_finished", "live", "tail"))
        world.register(crowded, 1100)
        world.put(alike, "registrations", ALIKE)
        world.put(odd, "registrations", [ODD])
        settings = {"region": "legacy", "base_url": sandbox.legacy_base_url}
        warehouse = Warehouse(tmp_path_factory.mktemp("legacy"), sandbox, settings)
        yield Loaded(
            sandbox=sandbox,
            warehouse=warehouse,
            run=warehouse.load(),
            crowded=crowded,
            alike=alike,
            odd=odd,
        )


class TestLoading:
    def test_everybody_is_loaded_over_pages_by_their_cursors(self, first: Loaded) -> None:
        world = first.sandbox.world
        assert not first.run.log.tally.problems
        for each in {*world.events()} - {first.alike, first.odd}:
            assert stored(first.warehouse, each) == shown(world, each)
        assert stored(first.warehouse, first.crowded).total() > 1000
        cursors = pages_asked(first.sandbox, first.crowded)
        assert len(cursors) == len(set(cursors)) == 3
        assert cursors[0] is None

    def test_there_is_nothing_but_what_this_version_has(self, first: Loaded) -> None:
        requests = first.sandbox.requests
        assert set(first.warehouse.tables()) == {"airmeets", "registrations"}
        assert set(first.run.package.rows) == {"airmeets", "registrations", "sync_log"}
        assert {request.path.split("/")[1] for request in requests} == {"api"}
        assert set(requests.by_status) == {200}
        assert all(request.headers_ok for request in requests)

    def test_odd_values_lose_nothing(self, first: Loaded) -> None:
        rows = first.warehouse.query(
            f"SELECT email, name, city, designation, registration_date, vip, _unparsed "
            f"FROM registrations WHERE airmeet_id = '{first.odd}'"
        )
        unparsed = '{"registration_date": "last week"}'
        assert rows == [('["a@x"]', '{"first": "Ann"}', "null", "7", None, True, unparsed)]

    def test_entry_links_are_left_out(self, first: Loaded) -> None:
        assert "entry-4711" not in repr(first.warehouse.rows("registrations"))

    def test_pages_shorter_than_asked_for_lose_nobody(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str
    ) -> None:
        world.register(event, 20)
        sandbox.page_cap = 7
        legacy.load(selection=Selection(airmeet_ids=frozenset({event})))
        assert stored(legacy, event) == shown(world, event)

    @pytest.mark.parametrize(
        "quirks",
        [
            Quirks(after_on_last_page=False, empty_data="null", token_shape="top"),
            Quirks(page_count=False, empty_data="object", airmeets_cursor_repeats=True),
            Quirks(cursors="not_on_last_page"),
        ],
        ids=repr,
    )
    def test_odd_habits_of_the_api_lose_nobody(
        self, sandbox: Sandbox, world: World, legacy: Warehouse, event: str, crowd: int, quirks: Quirks
    ) -> None:
        sandbox.quirks = quirks
        run = legacy.load()
        assert not run.log.tally.problems
        assert crowd == stored(legacy, event).total()
        assert stored(legacy, event) == shown(world, event)

    def test_people_whom_an_e_mail_does_not_tell_apart_are_all_kept(
        self, first: Loaded, world: World, legacy: Warehouse, event: str
    ) -> None:
        keys = "SELECT person_key FROM registrations WHERE airmeet_id = '{}' ORDER BY 1"
        found = first.warehouse.query(keys.format(first.alike))
        assert len(found) == len(set(found)) == len(ALIKE) - 1  # the last one is no record
        only = Selection(airmeet_ids=frozenset({event}))
        world.put(event, "registrations", ALIKE)
        legacy.load(selection=only)
        before = legacy.query(keys.format(event))
        legacy.load(selection=only)
        assert legacy.query(keys.format(event)) == before


class TestLaterRuns:
    def test_who_came_and_who_left_and_an_event_that_nobody_is_registered_for_any_more(
        self, world: World, legacy: Warehouse, event: str, crowd: int
    ) -> None:
        legacy.load()
        deserted = world.event_in("live")
        assert stored(legacy, deserted)
        everybody = "SELECT count(*) FROM registrations WHERE airmeet_id NOT IN ('{}', '{}')"
        others = legacy.query(everybody.format(event, deserted))
        world.register(event, 7)
        world.remove_participant(event, 3)
        world.update_participant(event, 600, name="Somebody Else")
        world.put(deserted, "registrations", [])
        legacy.load()
        assert stored(legacy, event) == shown(world, event)
        assert stored(legacy, event).total() == crowd + 6
        assert not stored(legacy, deserted)
        assert legacy.query(everybody.format(event, deserted)) == others != [(0,)]

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
        for place in range(2):
            legacy.load()
            sandbox.clock.advance(40 * DAY)
            world.register(live, 3)
            world.remove_participant(event, place)
        legacy.load()
        full = new_legacy()
        full.load()
        assert legacy.tables() == full.tables()


def pages_asked_of(sandbox: Sandbox, event: str) -> list[str]:
    """The paths that were asked of an event."""
    return [request.path for request in sandbox.requests if event in request.path]


class TestBesideTheCurrentApi:
    def test_a_change_of_region_loses_nothing(
        self, sandbox: Sandbox, legacy: Warehouse, warehouse: Warehouse, new_legacy: NewWarehouse
    ) -> None:
        def load_current(warehouse: Warehouse) -> None:
            warehouse.load("airmeets", "utms", region="default", base_url=sandbox.base_url)

        legacy.load()
        registrations = legacy.rows("registrations")
        load_current(legacy)
        assert legacy.rows("registrations") == registrations
        assert registrations.total() > 0 < legacy.rows("utms").total()
        sandbox.clock.advance(200 * DAY)
        load_current(legacy)
        legacy.load()
        load_current(warehouse)
        alone = new_legacy()
        alone.load()
        assert legacy.tables() == {**warehouse.tables(), "registrations": alone.rows("registrations")}
        sandbox.clear_requests()
        legacy.load()
        load_current(legacy)
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
    assert not legacy.load(pii=mode, pii_salt="a long secret salt").log.tally.problems
    rows = repr(legacy.rows("registrations"))
    written = b" ".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not {text for text in texts if text in rows or text.encode() in written}
    assert legacy.query("SELECT count(*), count(DISTINCT airmeet_id || person_key) FROM registrations") == [
        (len(people), len(people))
    ]
