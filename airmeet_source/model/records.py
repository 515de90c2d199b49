"""One small pure function per endpoint: an API record -> rows of its tables.

A row is a dict of column names or API field names to raw JSON values, which ``arrow.py`` gives their types.
Fields that a function does not name stay in the row, so that new ones reach the table by schema evolution.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from airmeet_source.fields import (
    ENVELOPE,
    JSON,
    Record,
    elements,
    listed,
    pick,
    rest_of,
    squash,
    to_text,
    without,
)
from airmeet_source.model.keys import with_ids, with_number, with_own_id
from airmeet_source.model.making import NumberedRows, Rows
from airmeet_source.model.people import People
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.unit import UnitContext

LINK_LIFETIME = timedelta(hours=6)
_PEOPLE = {
    "host": ("host_id", "host_ids"),
    "cohost": ("cohost_id", "cohost_ids"),
    "speaker": ("speaker_id", "speaker_ids", "speaker_list"),
}
_SESSION_IDS = ("session_id", "uid", "id")
_PEOPLE_IDS = tuple(name for names in _PEOPLE.values() for name in names if name != "speaker_list")


def _beside(nested: JSON, record: Record, name: str) -> Record:
    """The fields of a nested object, to share a row with the record's own; a name of both gets a prefix."""
    if not isinstance(nested, dict):
        return {} if nested is None else {name: nested}
    taken = {squash(key) for key in record}
    fields = {key: value for key, value in nested.items() if squash(key) not in taken}
    numbers: Counter[str] = Counter()
    for key, value in nested.items():
        letters = squash(key)
        if letters not in taken:
            continue
        prefixed = f"{name}_{key}"
        while prefixed in fields or squash(prefixed) in taken:
            numbers[letters] += 1
            prefixed = f"{name}_{numbers[letters] + 1}_{key}"
        fields[prefixed] = value
    return fields


def airmeets(record: Record, unit: UnitContext) -> Rows:
    """An event in the event list."""
    row = with_ids(record, community=unit.community, last_listed_at=unit.fetched_at.isoformat())
    event = with_own_id(row, record, unit, "airmeet_id", "uid")
    if event is not None:
        yield "airmeets", event


def sessions(info: Record, unit: UnitContext) -> Rows:
    """An event object, its sessions, and the people who host them or speak in them."""
    ids = {"airmeet_id": unit.airmeet_id}
    yield "airmeet_details", with_ids(rest_of(without(info, *ENVELOPE), "sessions"), **ids)
    for session in _objects(pick(info, "sessions"), unit):
        row = with_own_id(with_ids(_without_people(session), **ids), session, unit, "session_id")
        if row is None:
            continue
        yield "sessions", row
        session_id = pick(row, "session_id")
        for role, spellings in _PEOPLE.items():
            people = [person for name in spellings for person in elements(pick(session, name))]
            for person_id in dict.fromkeys(_person_id(person, unit.privacy) for person in people):
                yield (
                    "session_people",
                    {**ids, "session_id": session_id, "role": role, "person_id": person_id},
                )


def _without_people(session: Record) -> Record:
    """The session without the ids of people, which have a table; what else is told of people stays."""
    for name in _PEOPLE_IDS:
        if not any(isinstance(person, dict) for person in listed(pick(session, name))):
            session = rest_of(session, name)
    return session


def _objects(value: JSON, unit: UnitContext) -> Iterator[Record]:
    """The objects in a nested list of records; what else is in it is counted."""
    for element in value if isinstance(value, list) else listed(value):
        if isinstance(element, dict) and element:
            yield element
        else:
            unit.skipped += 1


def _person_id(person: JSON, privacy: Privacy) -> str:
    own = pick(person, "id", "user_id")
    text = to_text(person if own is None else own)
    is_id = not isinstance(person, dict) if own is None else True
    return text if privacy.keeps or (is_id and "@" not in text) else privacy.digest(text.strip().lower())


def custom_fields(record: Record, unit: UnitContext) -> Rows:
    """A custom registration field and its choices."""
    ids = {"airmeet_id": unit.airmeet_id}
    field, kind = rest_of(rest_of(record, "type"), "options"), pick(record, "type")
    kind = kind if isinstance(kind, dict) else {"field_type": kind}
    row = with_own_id(with_ids({**_beside(kind, field, "type"), **field}, **ids), record, unit, "field_id")
    if row is None:
        return
    yield "custom_fields", row
    ids["field_id"] = pick(row, "field_id")
    for option in elements(pick(record, "options")):
        choice = option if isinstance(option, dict) else {"code": option, "display_value": option}
        yield "custom_field_options", with_ids(choice, **ids)


def booths(record: Record, unit: UnitContext) -> Rows:
    """A booth, its exhibitors and its tags."""
    ids = {"airmeet_id": unit.airmeet_id}
    row = with_ids(rest_of(rest_of(record, "exhibitors"), "tags"), **ids)
    booth = with_own_id(row, record, unit, "booth_id", "uid")
    if booth is None:
        return
    yield "booths", booth
    ids["booth_id"] = pick(booth, "booth_id", "uid")
    for exhibitor in elements(pick(record, "exhibitors")):
        person = exhibitor if isinstance(exhibitor, dict) else {"email": exhibitor}
        yield "booth_exhibitors", with_ids(person, **ids)
    for tag in elements(pick(record, "tags")):
        yield "booth_tags", {**ids, "tag": tag}


def poll_responses(record: Record, unit: UnitContext) -> Rows:
    """A person's answers to polls."""
    yield from _asked("poll_responses", record, "polls", unit)


def questions(record: Record, unit: UnitContext) -> Rows:
    """The questions that a person asked."""
    yield from _asked("questions", record, "questions", unit)


def _asked(table: str, record: Record, nested: str, unit: UnitContext) -> Rows:
    person, entries = rest_of(record, nested), listed(pick(record, nested))
    if not entries and pick(record, "question") is not None:
        entries = [{}]  # the record is an entry itself
    for entry in entries:
        fields = entry if isinstance(entry, dict) else {"question": entry}
        yield table, with_ids({**_beside(fields, person, "entry"), **person}, airmeet_id=unit.airmeet_id)


def tracks(record: Record, unit: UnitContext) -> Rows:
    """A track and the sessions that belong to it."""
    ids = {"airmeet_id": unit.airmeet_id}
    track = rest_of(rest_of(record, "meta_data"), "sessions")
    meta = _beside(pick(record, "meta_data"), track, "meta_data")
    row = with_own_id(with_ids({**meta, **track}, **ids), record, unit, "track_id", "uid")
    if row is None:
        return
    yield "tracks", row
    ids["track_id"] = pick(row, "track_id", "uid")
    for session in elements(pick(record, "sessions")):
        if isinstance(session, dict):
            ids["session_id"] = pick(session, *_SESSION_IDS)
            yield "track_sessions", with_ids(rest_of(session, *_SESSION_IDS), **ids)
        else:
            yield "track_sessions", {**ids, "session_id": session}


def utms(record: Record, unit: UnitContext) -> Rows:
    """The UTM parameters of a registration."""
    registration = rest_of(record, "utms")
    parameters = _beside(pick(record, "utms"), registration, "utms")
    row = with_ids({**parameters, **registration}, airmeet_id=unit.airmeet_id)
    yield "utms", with_number(row, unit)


def session_recordings(record: Record, unit: UnitContext) -> Rows:
    """A recording with its signed link, which expires six hours after it was fetched."""
    yield (
        "session_recordings",
        with_ids(
            record,
            airmeet_id=unit.airmeet_id,
            link_fetched_at=unit.fetched_at.isoformat(),
            link_expires_at=(unit.fetched_at + LINK_LIFETIME).isoformat(),
        ),
    )


participants = People(table="participants", answers="user_profile", answers_table="participant_custom_fields")
registrations = People(table="registrations")
event_attendance = NumberedRows(table="event_attendance")
session_attendance = NumberedRows(table="session_attendance", entity="session_id")
booth_attendance = NumberedRows(table="booth_attendance", entity="booth_id")
replay_attendance = NumberedRows(table="replay_attendance")
