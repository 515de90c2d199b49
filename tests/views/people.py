"""The contract of the views once more, in plain Python: who is one person, and what people did."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any

Row = dict[str, Any]
World = Mapping[str, list[Row]]

FAR = datetime(9999, 1, 1, tzinfo=UTC)
WEIGHTS = {
    "minutes_live": 40.0,
    "sessions_attended": 15.0,
    "poll_answers": 15.0,
    "questions_asked": 15.0,
    "booths_visited": 15.0,
}
STAFF = ("speaker", "host", "organi", "admin", "moderator", "exhibitor", "team")
CRM = {
    "attended": "Attended",
    "attended_on_demand": "Attended On-Demand",
    "no_show": "No Show",
    "expected": "Registered",
}
WITH_USER_IDS = (
    "participants",
    "event_attendance",
    "session_attendance",
    "booth_attendance",
    "poll_responses",
    "questions",
    "replay_attendance",
)


def clean(text: str | None) -> str | None:
    return (text or "").strip().lower() or None


def rate(known: bool, count: float, of: float) -> float | None:
    return count / of if known and of else None


def average(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def middle(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return median(there) if there else None


class Person:
    """Everything that is known of one person of an event."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.user_id: str | None = None
        self.emails: set[str] = set()
        self.unidentified = False

    def first(self, name: str, tables: Iterable[str]) -> Any:
        for table in tables:
            for row in sorted(self.rows[table], key=lambda row: _order(table, row)):
                value = clean(row.get(name)) if name == "email" else row.get(name)
                if value not in (None, ""):
                    return value
        return None


def _order(table: str, row: Row) -> tuple[Any, ...]:
    if table in ("participants", "registrations"):
        return (row.get("registration_date") or FAR, row["person_key"])
    stamp = row.get("time_stamp") or FAR
    return (row.get("id") or 0, stamp, clean(row.get("email")) or "", row.get("name") or "")


class Event:
    """The people of one event, by the contract's section on who is one person."""

    def __init__(self, world: World, airmeet_id: str) -> None:
        self.id = airmeet_id
        self._world = world
        self.rows = {
            name: [r for r in rows if r.get("airmeet_id") == airmeet_id] for name, rows in world.items()
        }
        self.record: Row = next(iter(self["airmeets"]), {})
        self._owners = self._find_owners()
        self.people: dict[str, Person] = {}
        for table in (*WITH_USER_IDS, "registrations"):
            for row in self[table]:
                self._take(table, row)
        for row in self["utms"]:
            person = self.people.get(self.person("utms", row) or "")
            if person is not None:
                person.rows["utms"].append(row)

    def __getitem__(self, table: str) -> list[Row]:
        return self.rows.get(table, [])

    def head(self) -> Row:
        return {
            "community": self.record.get("community"),
            "airmeet_id": self.id,
            "event_name": self.record.get("name"),
        }

    @property
    def is_over(self) -> bool:
        end = self.record.get("end_time")
        return self.record.get("status") == "FINISHED" or (end is not None and end <= datetime.now(UTC))

    @property
    def is_known(self) -> bool:
        read = any(r["resource"] == "event_attendance" and r["outcome"] == "loaded" for r in self["sync_log"])
        return read or bool(self["event_attendance"])

    def _find_owners(self) -> dict[str, str]:
        listed, others = defaultdict(list), defaultdict(list)
        for table in WITH_USER_IDS:
            for row in self[table]:
                email, user_id = clean(row.get("email")), row.get("user_id")
                if email and user_id:
                    others[email].append(user_id)
                    if table == "participants":
                        listed[email].append((row.get("registration_date") or FAR, user_id))
        owners = {email: min(user_ids) for email, user_ids in others.items()}
        return owners | {email: min(candidates)[1] for email, candidates in listed.items()}

    def person(self, table: str, row: Row) -> str | None:
        user_id, email = row.get("user_id") or None, clean(row.get("email"))
        if user_id:
            return str(user_id)
        if email:
            return self._owners.get(email, email)
        if table in ("participants", "registrations"):
            return str(row["person_key"])
        made_up = {"event_attendance": "attendance", "replay_attendance": "replay"}.get(table)
        return f"{made_up}-{row['id']}" if made_up else None

    def _take(self, table: str, row: Row) -> None:
        key = self.person(table, row)
        if key is None:
            return
        person = self.people.setdefault(key, Person(key))
        person.rows[table].append(row)
        user_id, email = row.get("user_id") or None, clean(row.get("email"))
        person.user_id = person.user_id or user_id or (self._owners.get(email) if email else None)
        if email:
            person.emails.add(email)
        person.unidentified |= user_id is None and email is None

    def exhibitors(self, booth_id: str | None = None) -> set[str]:
        return {
            clean(row["email"]) or ""
            for row in self["booth_exhibitors"]
            if booth_id is None or row["booth_id"] == booth_id
        } - {""}

    def own(self, booth_id: str, key: str | None) -> bool:
        return key is not None and bool(self.people[key].emails & self.exhibitors(booth_id))

    def population(self, person: Person) -> str:
        types = [(row, (row.get("user_type") or "").lower()) for row in person.rows["participants"]]
        if (
            any(word in kind for _, kind in types for word in STAFF)
            or person.user_id in {row["person_id"] for row in self["session_people"]}
            or person.emails & self.exhibitors()
        ):
            return "staff"
        for row, kind in types:
            if "registered" in kind and "unregistered" not in kind:
                return "registrant"
            if row.get("registration_date") and not any(
                w in kind for w in ("invit", "guest", "unregistered")
            ):
                return "registrant"
        if person.rows["registrations"]:
            return "registrant"
        for population, word in (("invited", "invit"), ("guest", "guest")):
            if any(word in kind for _, kind in types):
                return population
        if types:
            return "other"
        return "unidentified" if person.unidentified else "walk_in"


def event_people(event: Event) -> list[Row]:
    rows = [_person_row(event, person) for person in event.people.values()]
    measured = [row for row in rows if row["population"] != "staff"]
    largest = {
        name: max((row[name] or 0 for row in measured), default=0) for name in (*WEIGHTS, "minutes_on_demand")
    }
    done = [name for name in WEIGHTS if largest[name] > 0]
    total = sum(WEIGHTS[name] for name in done)
    for row in rows:
        is_staff = row["population"] == "staff"
        live = sum(WEIGHTS[name] * (row[name] or 0) / largest[name] for name in done)
        row["engagement_score_live"] = None if is_staff or not done else 100 * live / total
        best = largest["minutes_on_demand"]
        row["engagement_score_on_demand"] = (
            None if is_staff or best <= 0 else 100 * (row["minutes_on_demand"] or 0) / best
        )
    return rows


def _person_row(event: Event, person: Person) -> Row:
    listed = ("participants", "registrations")
    everywhere = (
        *listed,
        "event_attendance",
        "replay_attendance",
        "session_attendance",
        "booth_attendance",
        "poll_responses",
        "questions",
    )
    live = [*person.rows["event_attendance"], *person.rows["session_attendance"]]
    replays = person.rows["replay_attendance"]
    population, email = event.population(person), person.first("email", everywhere)
    attendance = _attendance(event, population, live, replays, person.user_id or email)
    utm = min(person.rows["utms"], key=lambda row: row["id"], default={})
    profile = ("organisation", "designation", "city", "country")
    return {
        **event.head(),
        "event_start_time": event.record.get("start_time"),
        "person": person.key,
        "user_id": person.user_id,
        "email": email,
        "name": person.first("name", everywhere),
        **{name: person.first(name, listed) for name in profile},
        "registered_at": person.first("registration_date", listed),
        "population": population,
        "attended_live": bool(live),
        "first_seen_at": min((row["time_stamp"] for row in live if row.get("time_stamp")), default=None),
        "minutes_live": _minutes_live(person),
        "sessions_attended": len({r["session_id"] for r in person.rows["session_attendance"]} - {None}),
        "booths_visited": len({row["booth_id"] for row in person.rows["booth_attendance"]} - {None}),
        "poll_answers": sum(1 for row in person.rows["poll_responses"] if row.get("answer")),
        "questions_asked": len(person.rows["questions"]),
        "wants_contact": any(r.get("interested_in_being_contacted") for r in person.rows["booth_attendance"]),
        "attended_on_demand": bool(replays),
        "minutes_on_demand": sum_of(row.get("duration_viewed") for row in replays),
        "attendance": attendance,
        "crm_status": CRM.get(attendance or ""),
        **{
            f"utm_{part}": clean(utm.get(f"utm_{part}"))
            for part in ("source", "medium", "campaign", "term", "content")
        },
    }


def sum_of(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def _minutes_live(person: Person) -> float | None:
    for table in ("event_attendance", "session_attendance"):
        total = sum_of(row.get("time_spent") for row in person.rows[table])
        if total is not None:
            return total / 60000
    return None


def _attendance(
    event: Event, population: str, live: list[Row], replays: list[Row], identity: str | None
) -> str | None:
    if live:
        return "attended"
    if replays:
        return "attended_on_demand"
    if population != "registrant":
        return None
    return "no_show" if identity and event.is_over and event.is_known else "expected"
