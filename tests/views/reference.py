"""The contract once more, in plain Python: the figures of events, sessions, booths and campaigns."""

from collections import Counter, defaultdict
from datetime import UTC
from typing import Any

from tests.views.data_status import WORST_FIRST, data_status
from tests.views.people import Event, Row, World, average, clean, event_people, middle, rate, sum_of


def event_overview(world: World, event: Event, people: list[Row]) -> list[Row]:
    if not event.record:
        return []
    count = Counter(row["population"] for row in people)
    attendees = [row for row in people if row["attended_live"] and row["population"] != "staff"]
    minutes = [row["minutes_live"] for row in attendees]
    registrants = [row for row in people if row["population"] == "registrant"]
    came = sum(1 for row in registrants if row["attended_live"])
    on_demand = sum(1 for row in registrants if row["attendance"] == "attended_on_demand")
    replays = [row for row in people if row["attended_on_demand"] and row["population"] != "staff"]
    states = data_status(world, event.id)
    siblings = [r for r in world.get("airmeets", []) if r.get("community") == event.record.get("community")]
    newest = max((r["last_listed_at"] for r in siblings if r.get("last_listed_at")), default=None)
    listed = event.record.get("last_listed_at")
    known = event.is_known
    return [
        {
            **event.head(),
            **{name: event.record.get(name) for name in ("status", "start_time", "end_time", "timezone")},
            "is_archived": bool(listed and newest and listed < newest),
            "is_over": event.is_over,
            "registrants": count["registrant"],
            "invited": count["invited"],
            "guests": count["guest"],
            "others": count["other"],
            "walk_ins": count["walk_in"],
            "unidentified": count["unidentified"],
            "staff": count["staff"],
            "attendees": len(attendees),
            "registrants_attended": came,
            "registrants_attended_on_demand": on_demand,
            "no_shows": sum(1 for row in people if row["attendance"] == "no_show"),
            "attendance_rate_of_registrants": rate(known, came, len(registrants)),
            "attendance_rate_incl_on_demand_of_registrants": rate(known, came + on_demand, len(registrants)),
            "minutes_total": sum_of(minutes) or 0,
            "minutes_average": average(minutes),
            "minutes_median": middle(minutes),
            "sessions": len(event["sessions"]),
            "booths": len(event["booths"]),
            "poll_answers": sum(1 for row in event["poll_responses"] if row.get("answer")),
            "questions": len(event["questions"]),
            "booth_visits": sum(
                row.get("visits") or 0
                for row in event["booth_attendance"]
                if not event.own(row["booth_id"], event.person("booth_attendance", row))
            ),
            "replay_viewers": len(replays),
            "replay_minutes": sum_of(row["minutes_on_demand"] for row in replays) or 0,
            "unidentified_attendance_rows": sum(
                1
                for row in event["event_attendance"]
                if not row.get("user_id") and not clean(row.get("email"))
            ),
            "data_state": min((row["state"] for row in states), key=WORST_FIRST.index, default=None),
            "data_since": min((row["since"] for row in states if row["since"]), default=None),
        }
    ]


def _visitors(event: Event, rows: list[Row], table: str) -> dict[Any, list[Row]]:
    """The rows by visitor; one without user id and e-mail is one of its own."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[event.person(table, row) or ("row", row["id"])].append(row)
    return found


def session_overview(event: Event, people: list[Row]) -> list[Row]:
    by_key = {row["person"]: row for row in people}
    rows = []
    of_event = sum(1 for row in people if row["attended_live"] and row["population"] != "staff")
    for session in event["sessions"]:
        session_id, duration = session["session_id"], session.get("duration")
        attended = [row for row in event["session_attendance"] if row["session_id"] == session_id]
        milliseconds = [
            sum_of(row.get("time_spent") for row in of_one)
            for key, of_one in _visitors(event, attended, "session_attendance").items()
            if isinstance(key, tuple) or by_key[key]["population"] != "staff"
        ]
        minutes = [None if each is None else each / 60000 for each in milliseconds]
        viewers = {
            event.person("replay_attendance", row)
            for row in event["replay_attendance"]
            if row.get("session_id") == session_id
        }
        speakers = {
            row["person_id"]
            for row in event["session_people"]
            if row["session_id"] == session_id and row["role"] == "speaker"
        }
        names = [
            row["name"] for row in people if row["user_id"] in speakers and row["name"] and row["user_id"]
        ]
        completed = sum(
            1 for each in milliseconds if each is not None and duration and 5 * each >= 240000 * duration
        )
        rows.append(
            {
                **event.head(),
                "session_id": session_id,
                "session_name": session.get("name"),
                **{name: session.get(name) for name in ("start_time", "duration", "status")},
                "attendees": len(minutes),
                "minutes_average": average(minutes),
                "minutes_median": middle(minutes),
                "attendance_share_of_attendees": rate(event.is_known, len(minutes), of_event),
                "completion_rate_of_attendees": rate(event.is_known, completed, len(minutes))
                if duration
                else None,
                "replay_viewers": sum(1 for key in viewers if key and by_key[key]["population"] != "staff"),
                "speakers": ", ".join(sorted(names)) or None,
            }
        )
    return rows


def booth_overview(event: Event, _: list[Row]) -> list[Row]:
    rows = []
    for booth in event["booths"]:
        attended = [row for row in event["booth_attendance"] if row["booth_id"] == booth["booth_id"]]
        visitors = {
            key: of_one
            for key, of_one in _visitors(event, attended, "booth_attendance").items()
            if isinstance(key, tuple) or not event.own(booth["booth_id"], key)
        }
        minutes = [sum_of(row.get("time_spent") for row in of_one) for of_one in visitors.values()]
        rows.append(
            {
                **event.head(),
                "booth_id": booth["booth_id"],
                "booth_name": booth.get("name"),
                "visitors": len(visitors),
                "visits": sum(row.get("visits") or 0 for of_one in visitors.values() for row in of_one),
                "minutes_average": average(None if each is None else each / 60000 for each in minutes),
                "wants_contact": sum(
                    1
                    for of_one in visitors.values()
                    if any(r.get("interested_in_being_contacted") for r in of_one)
                ),
            }
        )
    return rows


def campaign_overview(event: Event, people: list[Row]) -> list[Row]:
    names = ("utm_source", "utm_medium", "utm_campaign")
    campaigns: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in people:
        if row["population"] == "registrant":
            campaigns[tuple(row[name] or "(direct)" for name in names)].append(row)
    rows = []
    for campaign, registrants in campaigns.items():
        came = [row for row in registrants if row["attended_live"]]
        rows.append(
            {
                **event.head(),
                **dict(zip(names, campaign, strict=True)),
                "registrants": len(registrants),
                "registrants_attended": len(came),
                "attendance_rate_of_registrants": rate(event.is_known, len(came), len(registrants)),
                "minutes_average": average(row["minutes_live"] for row in came),
                "registrants_attended_on_demand": sum(
                    1 for row in registrants if row["attendance"] == "attended_on_demand"
                ),
            }
        )
    return rows


def poll_overview(event: Event, _: list[Row]) -> list[Row]:
    given = [row for row in event["poll_responses"] if row.get("answer")]
    answers = Counter((row.get("question"), row["answer"]) for row in given)
    of_question = Counter(row.get("question") for row in given)
    return [
        {
            **event.head(),
            "question": question,
            "answer": answer,
            "answers": count,
            "share_of_answers": count / of_question[question],
        }
        for (question, answer), count in answers.items()
    ]


def registration_curve(event: Event, people: list[Row]) -> list[Row]:
    days = Counter(
        row["registered_at"].astimezone(UTC).date()
        for row in people
        if row["population"] == "registrant" and row["registered_at"]
    )
    start = event.record.get("start_time")
    rows, so_far = [], 0
    for day in sorted(days):
        so_far += days[day]
        rows.append(
            {
                **event.head(),
                "day": day,
                "registrations": days[day],
                "registrations_so_far": so_far,
                "days_before_start": (start.astimezone(UTC).date() - day).days if start else None,
            }
        )
    return rows


def custom_field_overview(event: Event, people: list[Row]) -> list[Row]:
    by_key = {row["person"]: row for row in people}
    whose = {row["person_key"]: event.person("participants", row) for row in event["participants"]}
    given: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in event["participant_custom_fields"]:
        if row.get("value") and whose.get(row["person_key"]):
            given[row["field_id"], row["value"]].add(whose[row["person_key"]] or "")
    labels = {row["field_id"]: row.get("label") for row in event["custom_fields"]}
    rows = []
    for (field_id, answer), keys in given.items():
        registrants = [by_key[key] for key in keys if by_key[key]["population"] == "registrant"]
        came = sum(1 for row in registrants if row["attended_live"])
        rows.append(
            {
                **event.head(),
                "field_id": field_id,
                "field_label": labels.get(field_id),
                "answer": answer,
                "people": len(keys),
                "registrants": len(registrants),
                "registrants_attended": came,
                "attendance_rate_of_registrants": rate(event.is_known, came, len(registrants)),
            }
        )
    return rows


def views(world: World) -> dict[str, list[Row]]:
    """All rows of all views."""
    found: dict[str, list[Row]] = defaultdict(list)
    tables = [rows for name, rows in world.items()]
    events = dict.fromkeys(row["airmeet_id"] for rows in tables for row in rows if row.get("airmeet_id"))
    for airmeet_id in events:
        event = Event(world, airmeet_id)
        people = event_people(event)
        found["event_people"] += people
        found["data_status"] += data_status(world, airmeet_id)
        found["event_overview"] += event_overview(world, event, people)
        for view in (
            session_overview,
            booth_overview,
            campaign_overview,
            poll_overview,
            registration_curve,
            custom_field_overview,
        ):
            found[view.__name__] += view(event, people)
    found["data_status"] += data_status(world, None)
    return found
