"""Adding an endpoint takes four edits; whoever forgets one is told which."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from inspect import isfunction
from typing import Any

import pytest

from airmeet_sandbox import Quirks, World, forms
from airmeet_sandbox import endpoints as sandbox
from airmeet_sandbox.endpoint import Call, listed
from airmeet_sandbox.endpoint import Endpoint as Imitation
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.paging import Cursor
from airmeet_source.fields import Record
from airmeet_source.model import records
from airmeet_source.model.columns import AIRMEET_ID, text_column
from airmeet_source.model.making import ManyAtOnce, Rows
from airmeet_source.model.table import Reload, Table
from airmeet_source.model.tables import TABLES
from airmeet_source.model.tables.events import EVENT
from airmeet_source.model.unit import UnitContext
from airmeet_source.resources import RESOURCES, Resource
from tests.support.asked_for import children_of

DECLARED = "airmeet_source/resources.py"
TABLE = "airmeet_source/model/tables/"
ROW_MAKER = "airmeet_source/model/records.py"
SANDBOX = "airmeet_sandbox/endpoints.py"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


# -- what the four places must agree on ----------------------------------------------------------


def forgotten() -> list[str]:
    """What is missing, each line beginning with the place where it is missing."""
    return [*_declarations(), *_tables(), *_row_makers(), *_imitations(), *_rows()]


def _declarations() -> Iterator[str]:
    filled = {table for resource in RESOURCES.values() for table in resource.tables}
    for name, table in TABLES.items():
        if table.reload is not Reload.APPEND and name not in filled:
            yield f"{DECLARED}: no resource fills the table {name}"
    used = {resource.rows for resource in RESOURCES.values()}
    for name, maker in _makers().items():
        if maker not in used:
            yield f"{DECLARED}: no resource has the row maker {name}"
    for name, imitation in sandbox.BY_NAME.items():
        if imitation.path is not None and name not in RESOURCES:
            yield f"{DECLARED}: there is no resource {name}, but the sandbox has such an endpoint"


def _tables() -> Iterator[str]:
    for resource in RESOURCES.values():
        for table in resource.tables:
            if table not in TABLES:
                yield f"{TABLE}: there is no table {table}, which the resource {resource.name} fills"


def _row_makers() -> Iterator[str]:
    for resource in RESOURCES.values():
        if resource.rows not in _makers().values():
            yield f"{ROW_MAKER}: there is no row maker for the resource {resource.name}"


def _makers() -> dict[str, Callable[[Record, UnitContext], Rows]]:
    return {
        name: maker
        for name, maker in vars(records).items()
        if isinstance(maker, ManyAtOnce)
        or (isfunction(maker) and maker.__module__ == records.__name__ and not name.startswith("_"))
    }


def _imitations() -> Iterator[str]:
    for name, resource in RESOURCES.items():
        if name not in sandbox.BY_NAME:
            yield f"{SANDBOX}: there is no endpoint {name}"
            continue
        for what, (here, there) in _compared(sandbox.BY_NAME[name], resource.endpoint).items():
            if here != there:
                yield f"{SANDBOX}: {name} has the {what} {here!r}, but {there!r} in {DECLARED}"


def _compared(imitation: Imitation, endpoint: Endpoint) -> dict[str, tuple[object, object]]:
    """What the sandbox and the connector say of the same endpoint."""
    is_object, pages = endpoint.records is None, endpoint.paging
    return {
        "path": (re.sub("{.*?}", "{}", imitation.path or ""), re.sub("{.*?}", "{}", endpoint.path)),
        "list": (None if is_object else imitation.items, endpoint.records),
        "asynchronous": (imitation.asynchronous, endpoint.asynchronous),
        "page size": (
            imitation.largest_page,
            pages.size if isinstance(pages, Cursor) else imitation.largest_page,
        ),
    }


def _rows() -> Iterator[str]:
    for name, resource in RESOURCES.items():
        if name not in sandbox.BY_NAME:
            continue
        unit = UnitContext("e1", "x1", NOW)
        answered = list(_answered(name))
        if not answered:
            yield f"{SANDBOX}: {name} answers with no record"
            continue
        made = {table for record in answered for table, _ in resource.rows(record, unit)}
        for table in set(resource.tables) - made:
            yield f"{ROW_MAKER}: {name} makes no row of {table} from the sandbox's records"
        for table in made - set(resource.tables):
            yield f"{DECLARED}: {name} fills the table {table}, but does not say so"


def _answered(name: str) -> Iterator[Record]:
    """The records in the sandbox's answers for all events, as the connector reads them."""
    world, imitation, listed_as = (
        World(seed=7, now=NOW),
        sandbox.BY_NAME[name],
        RESOURCES[name].endpoint.records,
    )
    world.clock.freeze(NOW)
    if imitation.form is None:
        return
    for airmeet_id in world.events():
        for child in children_of(world, name, airmeet_id):
            event = world.event(airmeet_id)
            body = imitation.form(Call(world, imitation, event, child, {}, Quirks(), None, NOW.timestamp()))
            found = [body.content] if listed_as is None else body.content.get(listed_as) or []
            yield from (record for record in found if isinstance(record, dict))


def test_no_endpoint_lacks_a_place() -> None:
    assert forgotten() == []


# -- the proof with a made-up endpoint -----------------------------------------------------------


def horoscopes(record: Record, unit: UnitContext) -> Rows:
    """What the stars say about somebody."""
    yield "horoscopes", {**record, "airmeet_id": unit.airmeet_id}


horoscopes.__module__ = records.__name__  # as if it stood there
RESOURCE = Resource(
    name="horoscopes",
    endpoint=Endpoint(path="/airmeet/{airmeet_id}/horoscopes", records="horoscopes"),
    rows=horoscopes,
    tables=("horoscopes",),
)
HOROSCOPES = Table(
    name="horoscopes",
    description="Horoscopes of the participants",
    key=("airmeet_id", "horoscope_id"),
    reload=Reload.BY_EVENT,
    parent=EVENT,
    columns=(AIRMEET_ID, text_column("horoscope_id", "Id of the horoscope")),
)


def imitation(**other: Any) -> Imitation:
    """The sandbox's endpoint, or one that differs from the connector's."""
    fields = {
        "name": "horoscopes",
        "path": "/airmeet/{airmeetId}/horoscopes",
        "form": forms.whole_list,
        "rows": listed(lambda event: [{"horoscopeId": f"h{event.number}"}]),
        "items": "horoscopes",
    }
    return Imitation(**{**fields, **other})


def add_horoscopes(monkeypatch: pytest.MonkeyPatch, *, but: str = "") -> None:
    """Make all edits but one."""
    if but != DECLARED:
        monkeypatch.setitem(RESOURCES, "horoscopes", RESOURCE)
    if but != TABLE:
        monkeypatch.setitem(TABLES, "horoscopes", HOROSCOPES)
    if but != ROW_MAKER:
        monkeypatch.setattr(records, "horoscopes", horoscopes, raising=False)
    if but != SANDBOX:
        monkeypatch.setitem(sandbox.BY_NAME, "horoscopes", imitation())


def test_four_edits_make_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    add_horoscopes(monkeypatch)

    assert forgotten() == []


@pytest.mark.parametrize("place", [DECLARED, TABLE, ROW_MAKER, SANDBOX])
def test_the_edit_that_was_forgotten_is_named(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    add_horoscopes(monkeypatch, but=place)

    told = forgotten()

    assert told
    assert all(line.startswith(f"{place}: ") and "horoscopes" in line for line in told), told


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/airmeet/{airmeetId}/horoscope"},
        {"items": "data"},
        {"asynchronous": True},
    ],
)
def test_a_sandbox_that_disagrees_is_told(monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]) -> None:
    add_horoscopes(monkeypatch)
    monkeypatch.setitem(sandbox.BY_NAME, "horoscopes", imitation(**other))

    assert any(line.startswith(f"{SANDBOX}: horoscopes ") for line in forgotten())


def test_rows_must_go_into_the_tables_that_the_resource_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def misspelt(record: Record, unit: UnitContext) -> Rows:
        yield "horoscope", {**record, "airmeet_id": unit.airmeet_id}

    add_horoscopes(monkeypatch)
    wrong = Resource(name="horoscopes", endpoint=RESOURCE.endpoint, rows=misspelt, tables=RESOURCE.tables)
    monkeypatch.setattr(misspelt, "__module__", records.__name__)
    monkeypatch.setattr(records, "horoscopes", misspelt)
    monkeypatch.setitem(RESOURCES, "horoscopes", wrong)

    assert forgotten() == [
        f"{ROW_MAKER}: horoscopes makes no row of horoscopes from the sandbox's records",
        f"{DECLARED}: horoscopes fills the table horoscope, but does not say so",
    ]
