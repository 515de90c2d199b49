"""Rows: what a million rows cost, end to end into DuckDB."""

from contests import FLOOR, Entry, Goal, Result, enter, enter_ours
from serving import Community, Serving, people_for, serving

ATTENDANCE_EVENTS = 20
PARTICIPANTS_EVENTS = 10
FORM_FIELDS = 14  # three out of four are answered: about ten answers each
REST_API, CONVERTING = "rest_api", "rest_api, times and numbers converted"
TABLES = ("airmeet_data.event_attendance",)


def attendance(*, quick: bool) -> Result:
    """Pages of fifty rows: the client's overhead per page weighs most."""
    each = 1_000 if quick else 50_000
    events = ATTENDANCE_EVENTS
    with serving(Community(events, people=3)) as server:
        our_start, light_start = (
            enter_ours(server, events, "event_attendance"),
            _floor(server, events, "urllib3"),
        )
    with serving(Community(events, people_for(each))) as server:
        ours = enter_ours(server, events, "event_attendance")
        converting = enter(CONVERTING, server, events, "rest_api_rows.py", "--convert", tables=TABLES)
        floor, light = (_floor(server, events, client) for client in ("requests", "urllib3"))
    with serving(Community(events, people_for(each // 5))) as server:  # it takes its time
        plain = enter(REST_API, server, events, "rest_api_rows.py", tables=TABLES)
    return Result(
        "Attendance rows in pages of 50",
        "Bounded by the CPU that a request, a page and a row cost: the sandbox answers at once.",
        (ours, plain, converting, floor, light),
        (
            _times("CPU of ours / floor with requests", ours, floor, 1.5),
            Goal(
                "CPU of ours / floor with urllib3, both beyond the start",
                _beyond(our_start, ours) / _beyond(light_start, light),
                1.6,
                "x",
            ),
            _times("CPU of ours / rest_api with the same conversions", ours, converting, 1 / 3),
        ),
        "CPU seconds per 1 M rows",
    )


def participants(*, quick: bool) -> Result:
    """Pages of a thousand people with ten answers each: rows weigh most."""
    each = 1_000 if quick else 20_000
    events = PARTICIPANTS_EVENTS
    with serving(Community(events, each, fields=FORM_FIELDS)) as server:
        ours = enter_ours(server, events, "participants")
        floor = _floor(server, events, "requests", of="participants")
    return Result(
        "Participants with ten custom fields each, in pages of 1,000",
        "Rows of ours are participants and their answers, two tables; the floor leaves answers nested.",
        (ours, floor),
        (Goal("peak memory", ours.cost.peak / 1e6, 500, "MB"),),
        figure="CPU seconds",
    )


def _floor(server: Serving, events: int, client: str, of: str = "attendees") -> Entry:
    """A bare loop with an HTTP client over one list of each event."""
    options = ("--list", of, "--client", client)
    return enter(f"{FLOOR}: {client}", server, events, "floor.py", *options, tables=("records",))


def _beyond(start: Entry, entry: Entry) -> float:
    """CPU seconds for each row, without what a run takes that has hardly any."""
    return (entry.cost.cpu - start.cost.cpu) / (entry.rows - start.rows)


def _times(text: str, one: Entry, other: Entry, limit: float) -> Goal:
    return Goal(text, one.cpu_per_million_rows() / other.cpu_per_million_rows(), limit, "x")
