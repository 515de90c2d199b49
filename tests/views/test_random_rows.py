"""Whatever the rows are, the figures are those of the contract."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airmeet_source.loading.catalogues import Catalogue
from tests.views.people import Row, World
from tests.views.tables import assert_views, catalogue_in, renewed, replace_rows

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

ids = st.sampled_from(["e1", "e2"])
user_ids = st.sampled_from([None, "", "u1", "u2", "u3", "U1", "ü"])
emails = st.sampled_from([None, "", " ", "a@x", "A@X\t", "b@x", "\u00a0b@x", "c@x", "\u00c4@x", "\u00e4@x"])
texts = st.sampled_from([None, "", "x", "X ", "it's", 'say "no"', "50 % off", "\\", "ø", "ärger"])
types = st.sampled_from(
    [None, "", "Registered User", "Invitee", "Guest", "Unregistered", "Speaker", "VIP", "team", "ORGANIZER"]
)
times = st.none() | st.integers(0, 5000).map(lambda hours: BEGIN + timedelta(hours=hours))
spent = st.none() | st.integers(0, 10**7)
sessions = st.sampled_from(["s1", "s2", "s3"])
booths = st.sampled_from(["b1", "b2"])


def rows(key: tuple[str, ...] = (), **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    """Rows of a table; those with a key differ in it."""
    row = st.fixed_dictionaries({"airmeet_id": ids, **columns})
    unique = (lambda row: tuple(row[name] for name in ("airmeet_id", *key))) if key else None
    return st.lists(row, max_size=6, unique_by=unique)


attendance = {
    "id": st.integers(1, 50),
    "user_id": user_ids,
    "email": emails,
    "name": texts,
    "time_stamp": times,
    "time_spent": spent,
}
person = {"user_id": user_ids, "email": emails, "name": texts, "time_stamp": times, "question": texts}
profile = {
    "person_key": st.sampled_from(["k1", "k2", "k3", "k4"]),
    "email": emails,
    "name": texts,
    "city": texts,
    "organisation": texts,
    "registration_date": times,
}
worlds = st.fixed_dictionaries(
    {
        "airmeets": rows(
            (),
            name=texts,
            status=st.sampled_from([None, "FINISHED", "CREATED"]),
            start_time=times,
            end_time=times,
            last_listed_at=times,
        ).map(lambda found: list({row["airmeet_id"]: row for row in found}.values())),
        "participants": rows(("person_key",), **profile, user_id=user_ids, user_type=types),
        "registrations": rows(("person_key",), **profile),
        "event_attendance": rows(("id",), **attendance),
        "session_attendance": rows(("id",), **attendance, session_id=sessions),
        "booth_attendance": rows(
            ("id",),
            **attendance,
            booth_id=booths,
            visits=spent,
            interested_in_being_contacted=st.none() | st.booleans(),
        ),
        "poll_responses": rows((), **person, answer=texts),
        "questions": rows((), **person),
        "utms": rows(("id",), id=st.integers(1, 50), email=emails, utm_source=texts, utm_campaign=texts),
        "replay_attendance": rows(
            ("id",),
            id=st.integers(1, 50),
            user_id=user_ids,
            email=emails,
            name=texts,
            session_id=sessions,
            duration_viewed=st.none() | st.integers(0, 100).map(float),
        ),
        "sessions": rows(
            ("session_id",), session_id=sessions, name=texts, duration=st.sampled_from([None, 0, 1, 45])
        ),
        "session_people": rows(
            ("session_id", "role", "person_id"),
            session_id=sessions,
            role=st.sampled_from(["speaker", "host"]),
            person_id=st.sampled_from(["u1", "u2", "gone"]),
        ),
        "booths": rows(("booth_id",), booth_id=booths, name=texts),
        "booth_exhibitors": rows(("booth_id", "email"), booth_id=booths, email=emails),
        "custom_fields": rows(("field_id",), field_id=st.sampled_from(["f1", "f2"]), label=texts),
        "participant_custom_fields": rows(
            ("person_key", "field_id"),
            person_key=profile["person_key"],
            field_id=st.sampled_from(["f1", "f2"]),
            value=texts,
        ),
        "sync_log": rows(
            ("finished_at",),
            resource=st.sampled_from(["event_attendance", "session_attendance", "booths"]),
            entity_id=st.none() | sessions,
            outcome=st.sampled_from(["loaded", "pending", "failed", "not_available"]),
            rows=st.none() | st.integers(0, 100),
            error=texts,
            finished_at=st.integers(0, 10**6).map(lambda minutes: BEGIN + timedelta(minutes=minutes)),
        ),
    }
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    folder: Path = tmp_path_factory.mktemp("random")
    name = f"views_{uuid.uuid4().hex[:8]}"
    destination = dlt.destinations.duckdb(str(folder / "some.duckdb"))
    pipeline = dlt.pipeline(name, destination=destination, dataset_name=name, pipelines_dir=str(folder / "p"))
    with catalogue_in(pipeline) as catalogue:
        renewed(catalogue, {table: [] for table in TABLES_OF_WORLDS})
        yield catalogue


TABLES_OF_WORLDS = (
    "airmeets",
    "participants",
    "registrations",
    "event_attendance",
    "session_attendance",
    "booth_attendance",
    "poll_responses",
    "questions",
    "utms",
    "replay_attendance",
    "sessions",
    "session_people",
    "booths",
    "booth_exhibitors",
    "custom_fields",
    "participant_custom_fields",
    "sync_log",
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(world=worlds)
def test_the_figures_of_any_rows_are_what_the_contract_says(catalogue: Catalogue, world: World) -> None:
    replace_rows(catalogue, world)

    assert_views(catalogue, world)
