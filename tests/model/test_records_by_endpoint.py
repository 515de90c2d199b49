"""Records, endpoint by endpoint: what a documented record becomes."""

from datetime import UTC, datetime

import pytest

from tests.support.record_rows import FETCHED_AT, loaded


def test_an_event_says_when_it_was_last_listed() -> None:
    event = {"uid": "e9", "name": "Launch", "status": "ONGOING", "startTime": "2026-06-01T10:00:00.000Z"}

    (row,) = loaded("airmeets", event)["airmeets"]

    assert (row["airmeet_id"], row["name"], row["status"]) == ("e9", "Launch", "ONGOING")
    assert row["start_time"] == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert row["last_listed_at"] == FETCHED_AT


def test_an_event_object_becomes_details_sessions_and_their_people() -> None:
    info = {
        "name": "Launch",
        "short_desc": "Short",
        "session_hosts": [{"id": "h1", "name": "Ann"}],
        "venue": {"hall": 3},
        "sessions": [
            {
                "sessionid": "s1",
                "name": "Welcome",
                "duration": 30,
                "host_id": ["h1"],
                "cohost_ids": ["c1", "c1"],
            },
            {"sessionid": "s2", "speaker_id": "p1", "speakerList": [{"id": "p1"}, {"id": "p2"}]},
        ],
    }

    tables = loaded("sessions", info)

    (details,) = tables["airmeet_details"]
    assert (details["airmeet_id"], details["short_desc"]) == ("e1", "Short")
    assert (details["session_hosts"], details["venue"]) == ('[{"id": "h1", "name": "Ann"}]', '{"hall": 3}')
    assert "sessions" not in details
    assert [(row["session_id"], row["airmeet_id"]) for row in tables["sessions"]] == [
        ("s1", "e1"),
        ("s2", "e1"),
    ]
    assert tables["sessions"][0]["duration"] == 30
    assert {(row["session_id"], row["role"], row["person_id"]) for row in tables["session_people"]} == {
        ("s1", "host", "h1"),
        ("s1", "cohost", "c1"),
        ("s2", "speaker", "p1"),
        ("s2", "speaker", "p2"),
    }
    assert len(tables["session_people"]) == 4


def test_a_custom_field_has_its_type_flattened_and_its_choices_in_rows() -> None:
    record = {
        "label": "Colour",
        "name": "singleSelect",
        "fieldId": "f1",
        "isRequired": False,
        "options": [{"code": "R", "displayValue": "Red"}, "B"],
        "type": {"fieldType": "custom", "inputType": "radio", "mappedFrom": "singleSelect"},
    }

    tables = loaded("custom_fields", record)

    ids = {"airmeet_id": "e1", "field_id": "f1"}
    assert tables["custom_fields"] == [
        {
            **ids,
            "label": "Colour",
            "name": "singleSelect",
            "is_required": False,
            "field_type": "custom",
            "input_type": "radio",
            "mapped_from": "singleSelect",
        }
    ]
    assert tables["custom_field_options"] == [
        {**ids, "code": "R", "display_value": "Red"},
        {**ids, "code": "B", "display_value": "B"},
    ]


def test_a_participant_has_the_answers_to_custom_fields_in_rows() -> None:
    answers = [{"fieldId": "f1", "value": "Red"}, {"fieldId": "f2", "value": ["a", "b"]}]
    record = {"email": "Ann@X.org ", "Designation": "CTO", "organization": "Org", "user_profile": answers}

    tables = loaded("participants", record)

    key = {"airmeet_id": "e1", "person_key": "ann@x.org"}
    (person,) = tables["participants"]
    assert person == {**key, "email": "Ann@X.org ", "designation": "CTO", "organisation": "Org"}
    assert tables["participant_custom_fields"] == [
        {**key, "email": "Ann@X.org ", "field_id": "f1", "value": "Red"},
        {**key, "email": "Ann@X.org ", "field_id": "f2", "value": '["a", "b"]'},
    ]


def test_a_registration_of_the_legacy_api_is_keyed_and_spelled_as_a_participant() -> None:
    record = {
        "email": "Ann@X.org ",
        "name": "Ann",
        "Designation": "CTO",
        "registrationDate": "2021:12:25T12:20:56.00Z",
        "seat": {"row": 7},
    }

    assert loaded("registrations", record)["registrations"] == [
        {
            "airmeet_id": "e1",
            "person_key": "ann@x.org",
            "email": "Ann@X.org ",
            "name": "Ann",
            "designation": "CTO",
            "registration_date": datetime(2021, 12, 25, 12, 20, 56, tzinfo=UTC),
            "seat": '{"row": 7}',
        }
    ]


@pytest.mark.parametrize("endpoint", ["session_attendance", "booth_attendance"])
def test_attendance_says_which_session_or_booth_it_was(endpoint: str) -> None:
    (row,) = loaded(endpoint, {"id": 4024760, "email": "a@x", "time_spent": "20000", "visits": 1})[endpoint]

    child = "session_id" if endpoint == "session_attendance" else "booth_id"
    assert (row["airmeet_id"], row[child], row["id"], row["time_spent"]) == ("e1", "x1", 4024760, 20000)


def test_a_booth_has_exhibitors_and_tags_in_rows_and_an_exact_repeat_once() -> None:
    record = {
        "uid": "b1",
        "airmeet_id": "e1",
        "order": 1,
        "exhibitors": ["a@x", "b@x"],
        "tags": ["T", "T", "t"],
    }

    tables = loaded("booths", record)

    assert tables["booths"] == [{"airmeet_id": "e1", "booth_id": "b1", "order": 1}]
    assert [row["email"] for row in tables["booth_exhibitors"]] == ["a@x", "b@x"]
    assert [row["tag"] for row in tables["booth_tags"]] == ["T", "t"]
    assert {row["booth_id"] for name in ("booth_tags", "booth_exhibitors") for row in tables[name]} == {"b1"}


@pytest.mark.parametrize(("endpoint", "nested"), [("poll_responses", "polls"), ("questions", "questions")])
def test_there_is_one_row_for_each_answer_and_each_question_also_the_same_one_twice(
    endpoint: str, nested: str
) -> None:
    asked = {"question": "Why?", "session_id": "s1", "upvoteCount": 2.0}
    rows = loaded(endpoint, {"email": "a@x", "user_id": "u", nested: [asked, asked, {"question": "How?"}]})[
        endpoint
    ]

    assert [row["question"] for row in rows] == ["Why?", "Why?", "How?"]
    assert all((row["airmeet_id"], row["user_id"], row["email"]) == ("e1", "u", "a@x") for row in rows)
    assert [row.get("session_id") for row in rows] == ["s1", "s1", None]


def test_a_track_has_its_sessions_in_rows() -> None:
    record = {
        "uid": "t1",
        "track_order": None,
        "metaData": {"colorCode": "red"},
        "sessions": ["s1", {"uid": "s2"}],
    }

    tables = loaded("tracks", record)

    assert tables["tracks"] == [{"airmeet_id": "e1", "track_id": "t1", "color_code": "red"}]
    assert [(row["track_id"], row["session_id"]) for row in tables["track_sessions"]] == [
        ("t1", "s1"),
        ("t1", "s2"),
    ]


def test_utm_parameters_are_columns() -> None:
    record = {
        "airmeetId": "e1",
        "email": "a@x",
        "id": 7,
        "utms": {"utm_source": "news", "utm_medium": None},
    }

    assert loaded("utms", record)["utms"] == [
        {"airmeet_id": "e1", "id": 7, "email": "a@x", "utm_source": "news"}
    ]


def test_a_recordings_link_lives_for_six_hours() -> None:
    (row,) = loaded("session_recordings", {"session_id": "s1", "download_link": "L"})["session_recordings"]

    assert row["link_fetched_at"] == FETCHED_AT
    assert (row["link_expires_at"] - row["link_fetched_at"]).total_seconds() == 6 * 3600
