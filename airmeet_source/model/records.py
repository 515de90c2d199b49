"""One small pure function per endpoint: an API record -> rows of its tables.

A row is a dict of column names or API field names to raw JSON values, which ``arrow.py`` gives their types.
Fields that a function does not name stay in the row, so that new ones reach the table by schema evolution.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from airmeet_source.fields import (
    ENVELOPE,
    JSON,
    Record,
    as_record,
    elements,
    json_text,
    pick,
    squash,
    to_text,
)
from airmeet_source.model.columns import ENTRY_LINK, UNPARSED
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.values import Misfit, to_bigint

Rows = Iterator[tuple[str, Record]]

LINK_LIFETIME = timedelta(hours=6)
_ENTRY_LINKS = (ENTRY_LINK.name, "entry_link")
_PEOPLE = {
    "host": ("host_id", "host_ids"),
    "cohost": ("cohost_id", "cohost_ids"),
    "speaker": ("speaker_id", "speaker_ids", "speaker_list"),
}
_PEOPLE_IDS = tuple(name for names in _PEOPLE.values() for name in names if name != "speaker_list")


@dataclass
class UnitContext:
    """What the rows of one unit need beyond their own record."""

    airmeet_id: str
    entity_id: str | None
    fetched_at: datetime
    include_entry_links: bool = False
    privacy: Privacy = field(default_factory=Privacy)

    @cached_property
    def seen(self) -> Counter[str]:
        """How often each key has come up so far."""
        return Counter()


RowMaker = Callable[[Record, UnitContext], Rows]


def _without(record: Record, *names: str) -> Record:
    dropped = {squash(name) for name in names}
    return {key: value for key, value in record.items() if squash(key) not in dropped}


def _row(fields: Record, **ids: JSON) -> Record:
    """A row with our ids; what the record itself has under the same names is kept unparsed if it differs."""
    row = {**fields, **ids}
    if UNPARSED not in fields and fields.keys().isdisjoint(ids):
        return row
    theirs = {
        name: fields[name] for name in (*ids, UNPARSED) if fields.get(name) not in (None, ids.get(name))
    }
    row.pop(UNPARSED, None)
    if theirs:
        row[UNPARSED] = theirs
    return row


def _beside(nested: JSON, record: Record, name: str) -> Record:
    """The fields of a nested object, to share a row with the record's own; a name of both gets a prefix."""
    if not isinstance(nested, dict):
        return {} if nested is None else {name: nested}
    taken = {squash(key) for key in record}
    return {f"{name}_{key}" if squash(key) in taken else key: value for key, value in nested.items()}


def airmeets(record: Record, unit: UnitContext) -> Rows:
    """An event in the event list."""
    yield "airmeets", _row(record, last_listed_at=unit.fetched_at.isoformat())


def sessions(info: Record, unit: UnitContext) -> Rows:
    """An event object, its sessions, and the people who host them or speak in them."""
    ids = {"airmeet_id": unit.airmeet_id}
    yield "airmeet_details", _row(_without(info, "sessions", *ENVELOPE), **ids)
    for session in map(as_record, elements(pick(info, "sessions"))):
        yield "sessions", _row(_without(session, *_PEOPLE_IDS), **ids)
        session_id = pick(session, "session_id")
        for role, spellings in _PEOPLE.items():
            people = [person for name in spellings for person in elements(pick(session, name))]
            for person_id in dict.fromkeys(_person_id(person, unit.privacy) for person in people):
                yield (
                    "session_people",
                    {**ids, "session_id": session_id, "role": role, "person_id": person_id},
                )


def _person_id(person: JSON, privacy: Privacy) -> str:
    own = pick(person, "id", "user_id")
    text = to_text(person if own is None else own)
    is_id = not isinstance(person, dict) if own is None else True
    return text if privacy.keeps or (is_id and "@" not in text) else privacy.digest(text.strip().lower())


def custom_fields(record: Record, unit: UnitContext) -> Rows:
    """A custom registration field and its choices."""
    ids = {"airmeet_id": unit.airmeet_id}
    field, kind = _without(record, "type", "options"), pick(record, "type")
    kind = kind if isinstance(kind, dict) else {"field_type": kind}
    yield "custom_fields", _row({**_beside(kind, field, "type"), **field}, **ids)
    ids["field_id"] = pick(record, "field_id")
    for option in elements(pick(record, "options")):
        choice = option if isinstance(option, dict) else {"code": option, "display_value": option}
        yield "custom_field_options", _row(choice, **ids)


def participants(record: Record, unit: UnitContext) -> Rows:
    """A person on the list of an event, and their answers to the custom fields."""
    record, ids = _person(record, unit)
    yield "participants", _row(_without(record, "user_profile"), **ids)
    for answer in elements(pick(record, "user_profile")):
        given = answer if isinstance(answer, dict) else {"value": answer}
        yield "participant_custom_fields", _row(given, **ids, email=pick(record, "email"))


def registrations(record: Record, unit: UnitContext) -> Rows:
    """A registration for an event, as the first version of the API has it."""
    record, ids = _person(record, unit)
    yield "registrations", _row(record, **ids)


def _person(record: Record, unit: UnitContext) -> tuple[Record, Record]:
    """A record about a person, without entry links unless they are wanted, and the ids of its row."""
    if not unit.include_entry_links:
        record = _without(record, *_ENTRY_LINKS)
    return record, {"airmeet_id": unit.airmeet_id, "person_key": _person_key(record, unit)}


def _person_key(record: Record, unit: UnitContext) -> str:
    user_id, email = pick(record, "user_id"), pick(record, "email")
    key = to_text(user_id).strip() if user_id is not None else ""
    if not key and email is not None:
        key = to_text(email).strip().lower()
        key = key if unit.privacy.keeps or not key else unit.privacy.digest(key)
    if not key:
        key = "record-" + unit.privacy.digest(json_text(_without(record, *_ENTRY_LINKS)))[:16]
    return _counted(key, unit)


def _counted(key: str, unit: UnitContext) -> str:
    """The key, followed by a counter if another record of the unit already has it."""
    unit.seen[key] += 1
    while unit.seen[key] > 1:
        numbered = f"{key}#{unit.seen[key]}"
        if numbered not in unit.seen:
            unit.seen[numbered] += 1
            return numbered
        unit.seen[key] += 1
    return key


def _with_id(row: Record, unit: UnitContext) -> Record:
    """The row with a key: the record's own id, else one made of the person and the order of appearance."""
    own_id = row.get("id")
    if type(own_id) is int and -(2**63) <= own_id < 2**63:
        return row
    own_id = pick(row, "id")
    try:
        return {**_without(row, "id"), "id": to_bigint(own_id)}
    except Misfit:
        unparsed = row.get(UNPARSED, {})
        made_of = repr(own_id)
        if own_id is None:
            made_of = _counted(json_text([pick(row, name) for name in ("user_id", "email", "name")]), unit)
        else:
            unparsed = {**unparsed, "id": own_id}
        made = -1 - int(unit.privacy.digest(made_of)[:15], 16)
        return {**_without(row, "id", UNPARSED), "id": made} | ({UNPARSED: unparsed} if unparsed else {})


def event_attendance(record: Record, unit: UnitContext) -> Rows:
    """A person's attendance of an event."""
    yield "event_attendance", _with_id(_row(record, airmeet_id=unit.airmeet_id), unit)


def session_attendance(record: Record, unit: UnitContext) -> Rows:
    """A person's attendance of a session."""
    row = _row(record, airmeet_id=unit.airmeet_id, session_id=unit.entity_id)
    yield "session_attendance", _with_id(row, unit)


def booths(record: Record, unit: UnitContext) -> Rows:
    """A booth, its exhibitors and its tags."""
    ids = {"airmeet_id": unit.airmeet_id}
    yield "booths", _row(_without(record, "exhibitors", "tags"), **ids)
    ids["booth_id"] = pick(record, "booth_id", "uid")
    for exhibitor in elements(pick(record, "exhibitors")):
        person = exhibitor if isinstance(exhibitor, dict) else {"email": exhibitor}
        yield "booth_exhibitors", _row(person, **ids)
    for tag in elements(pick(record, "tags")):
        yield "booth_tags", {**ids, "tag": tag}


def booth_attendance(record: Record, unit: UnitContext) -> Rows:
    """A person's visits to a booth."""
    row = _row(record, airmeet_id=unit.airmeet_id, booth_id=unit.entity_id)
    yield "booth_attendance", _with_id(row, unit)


def poll_responses(record: Record, unit: UnitContext) -> Rows:
    """A person's answers to polls."""
    yield from _asked("poll_responses", record, "polls", unit)


def questions(record: Record, unit: UnitContext) -> Rows:
    """The questions that a person asked."""
    yield from _asked("questions", record, "questions", unit)


def _asked(table: str, record: Record, nested: str, unit: UnitContext) -> Rows:
    person, entries = _without(record, nested), pick(record, nested)
    if entries is None and pick(record, "question") is not None:
        entries = {}  # the record is an entry itself
    for entry in entries if isinstance(entries, list) else elements(entries):
        fields = entry if isinstance(entry, dict) else {"question": entry}
        yield table, _row({**_beside(fields, person, "entry"), **person}, airmeet_id=unit.airmeet_id)


def tracks(record: Record, unit: UnitContext) -> Rows:
    """A track and the sessions that belong to it."""
    ids = {"airmeet_id": unit.airmeet_id}
    track = _without(record, "meta_data", "sessions")
    meta = _beside(pick(record, "meta_data"), track, "meta_data")
    yield "tracks", _row({**meta, **track}, **ids)
    ids["track_id"] = pick(record, "track_id", "uid")
    for session in elements(pick(record, "sessions")):
        session_id = pick(session, "session_id", "uid", "id") if isinstance(session, dict) else session
        yield "track_sessions", {**ids, "session_id": session_id}


def utms(record: Record, unit: UnitContext) -> Rows:
    """The UTM parameters of a registration."""
    registration = _without(record, "utms")
    parameters = _beside(pick(record, "utms"), registration, "utms")
    row = _row({**parameters, **registration}, airmeet_id=unit.airmeet_id)
    yield "utms", _with_id(row, unit)


def session_recordings(record: Record, unit: UnitContext) -> Rows:
    """A recording with its signed link, which expires six hours after it was fetched."""
    yield (
        "session_recordings",
        {
            **record,
            "airmeet_id": unit.airmeet_id,
            "link_fetched_at": unit.fetched_at.isoformat(),
            "link_expires_at": (unit.fetched_at + LINK_LIFETIME).isoformat(),
        },
    )


def replay_attendance(record: Record, unit: UnitContext) -> Rows:
    """How long a person watched a replay."""
    yield "replay_attendance", _with_id(_row(record, airmeet_id=unit.airmeet_id), unit)
