"""What is wrong for now, unit by unit, and what of it somebody is told."""

from datetime import timedelta

from airmeet_source.loading.analysts import place_of
from airmeet_source.loading.catalogues import Catalogue
from airmeet_source.loading.log_tables import LogTables
from airmeet_source.loading.notices.concerns import of_units
from airmeet_source.loading.notices.memory import NOTICES, Told, read_told, write_told
from airmeet_source.model.tables import TABLES
from airmeet_source.views.building import query_of
from tests.support.warehouse import NOW
from tests.views.people import Row
from tests.views.tables import put

# of each event's sessions: how its tries ended, an hour apart, the newest last; its state, tries, failures
# in a row, and whether it is told of with a patience of 2.5 hours
HISTORIES: dict[str, tuple[str, tuple[str, int, int, bool] | None]] = {
    "never failed": ("L", None),
    "once": ("LF", ("failed", 1, 1, False)),
    "twice": ("LFF", ("failed", 2, 2, True)),
    "in turns": ("FLF", ("failed", 1, 1, False)),
    "well again": ("FFL", None),
    "waits": ("LPP", ("pending", 2, 0, False)),
    "waits for long": ("LPPPP", ("pending", 4, 0, True)),
    "waited, then failed": ("LPPF", ("failed", 3, 1, False)),
    "not there any more": ("LFFFF", None),
    "not available": ("FFN", None),
}
OUTCOMES = {"L": "loaded", "F": "failed", "P": "pending", "N": "not_available"}


def rows_of(entity: str, history: str) -> list[Row]:
    return [
        {
            "run_id": f"r{number}",
            "community": "default",
            "resource": "session_attendance",
            "airmeet_id": "e1",
            "entity_id": entity,
            "outcome": OUTCOMES[letter],
            "error": f"HTTP 503: {entity}" if letter == "F" else None,
            "started_at": NOW - timedelta(hours=len(history) - number),
            "finished_at": NOW - timedelta(hours=len(history) - number),
        }
        for number, letter in enumerate(history, 1)
    ]


def test_units_by_their_histories(catalogue: Catalogue) -> None:
    event = {"community": "default", "last_listed_at": NOW}
    log = [row for entity, (history, _) in HISTORIES.items() for row in rows_of(entity, history)]
    archived = [{**row, "airmeet_id": "e2", "entity_id": None} for row in rows_of("", "FFFF")]
    others = [
        {**row, "airmeet_id": "e3", "entity_id": None, "community": "north"} for row in rows_of("", "FFFF")
    ]
    put(
        catalogue,
        {
            "airmeets": [
                {**event, "airmeet_id": "e1", "name": "One"},
                {**event, "airmeet_id": "e2", "last_listed_at": NOW - timedelta(days=1)},
                {**event, "airmeet_id": "e3", "community": "north"},
            ],
            "sessions": [
                {"airmeet_id": "e1", "session_id": entity}
                for entity in HISTORIES
                if entity != "not there any more"
            ],
            "sync_log": [*log, *archived, *others],
        },
    )
    place = place_of(catalogue, catalogue.columns(catalogue.dataset, [*TABLES]))

    found = {
        unit["entity_id"]: (unit["state"], unit["tries"], unit["failures"])
        for unit in catalogue.rows(query_of("open_units", place))
        if unit["airmeet_id"] == "e1"
    }
    told = [*of_units(catalogue, "default", timedelta(hours=2.5), NOW)]

    assert found == {entity: expected[:3] for entity, (_, expected) in HISTORIES.items() if expected}
    assert len({concern.key for concern in told}) == len(told)
    assert [concern.told for concern in told].count("failed, HTTP 503") == 1
    assert len(told) == sum(expected is not None and expected[3] for _, expected in HISTORIES.values())
    [other] = of_units(catalogue, "north", timedelta(hours=2.5), NOW)
    assert (other.subject, other.event) == ("session_attendance", "e3")


def test_what_was_told_is_remembered_for_each_pipeline(catalogue: Catalogue) -> None:
    logs = LogTables(catalogue._client)
    assert read_told(logs, "airmeet") == Told()

    for told in (
        Told(keys={"run": frozenset({"KeysRefused"}), "utms": frozenset({"a", "b"})}, columns_until=NOW),
        Told(keys={}, columns_until=NOW + timedelta(days=1)),
    ):
        write_told(logs, "another", Told(columns_until=NOW))
        write_told(logs, "airmeet", told)
        assert read_told(logs, "airmeet") == told
    assert len(logs.select(NOTICES, ["pipeline"])) == 2
