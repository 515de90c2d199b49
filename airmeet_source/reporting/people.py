"""The parts of a report about people: who registered, who came, and how long they stayed."""

from collections.abc import Sequence

from airmeet_source.reporting import charts, words
from airmeet_source.reporting.figures import Figures
from airmeet_source.reporting.part import Column, Fact, Part, Table
from airmeet_source.reporting.selection import Row

_CURVES = len(charts.SERIES)
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)  # minutes of a column
_COLUMNS = 16
_NOT_KNOWN = "not known yet"
_EVENTS = (
    Column(heading="event", field="event_name", kind="text"),
    Column(heading="start (UTC)", field="start_time", kind="day"),
    Column(heading="registrants", field="registrants"),
    Column(heading="attended", field="registrants_attended"),
    Column(heading="rate", field="attendance_rate_of_registrants", kind="percent"),
    Column(heading="on demand", field="registrants_attended_on_demand"),
    Column(heading="no-shows", field="no_shows"),
    Column(heading="all attendees", field="attendees"),
    Column(heading="average minutes", field="minutes_average", kind="minutes"),
    Column(heading="median minutes", field="minutes_median", kind="minutes"),
)


def facts(figures: Figures) -> Sequence[Fact]:
    """The large numbers at the top."""
    rate = _rate(figures.events)
    some = _rated(figures.events)
    known = "" if len(some) == len(figures.events) else f" of the {len(some):,} events where that is known"
    medians = [event["minutes_median"] for event in figures.events]
    is_one = len(medians) == 1 and medians[0] is not None
    median = f"half of them {words.minutes(medians[0])} or more" if is_one else ""
    average = _average_minutes(figures.events)
    return (
        Fact(name="registrants", value=words.count(figures.total("registrants")), label="registrants"),
        Fact(
            name="registrants_attended",
            value=_attended(figures, "registrants_attended"),
            label="of them attended live",
            note=_NOT_KNOWN if rate is None else f"{words.percent(rate)} of the registrants{known}",
        ),
        Fact(
            name="attendees",
            value=_attended(figures, "attendees"),
            label="attended live in all",
            note="guests and walk-ins included, staff left out",
        ),
        Fact(name="minutes_average", value=words.minutes(average), label="minutes on average", note=median),
    )


def _attended(figures: Figures, name: str) -> str:
    """A count of those who attended, which may be 0 only once attendance is known."""
    number = figures.total(name)
    return words.count(number if number or _rated(figures.events) else None)


def _rated(events: Sequence[Row]) -> list[Row]:
    """The events with registrants whose attendance is known."""
    return [event for event in events if event["attendance_rate_of_registrants"] is not None]


def _rate(events: Sequence[Row]) -> float | None:
    registrants = sum(event["registrants"] for event in _rated(events))
    came = sum(event["registrants_attended"] for event in _rated(events))
    return came / registrants if registrants else None


def _average_minutes(events: Sequence[Row]) -> float | None:
    timed = [event for event in events if event["minutes_average"] is not None]
    attendees = sum(event["attendees"] for event in timed)
    minutes = sum(event["minutes_average"] * event["attendees"] for event in timed)
    return minutes / attendees if attendees else None


def funnel(figures: Figures) -> Part:
    """From registrants to those who watch on demand, of the events whose attendance is known."""
    rated = _rated(figures.events)
    registrants = sum(event["registrants"] for event in rated)
    steps = (
        ("Registered", registrants),
        ("Attended live", sum(event["registrants_attended"] for event in rated)),
        ("Engaged: a poll, a question or a booth", sum(_engaged(figures, event) for event in rated)),
        ("Only watched on demand", sum(event["registrants_attended_on_demand"] for event in rated)),
    )
    rows = [
        {
            "label": label,
            "value": number,
            "told": f"{words.count(number)} · {words.percent(number / registrants)}",
        }
        for label, number in steps
        if registrants
    ]
    others = figures.total("registrants") - registrants
    left_out = f" {words.people(others)} registered where attendance is not known yet." if others else ""
    return Part(
        name="funnel",
        title="From registering to taking part",
        lead="Registrants only, without guests, walk-ins, staff and those merely invited. "
        f"Who takes part in several events counts once for each.{left_out}",
        charts=[charts.ranking(rows, title="Registrants", largest=registrants, thickness=30)] if rows else [],
        nothing="Attendance is not known yet." if others else "Nobody has registered yet.",
    )


def _engaged(figures: Figures, event: Row) -> int:
    return figures.engaged.get(event["airmeet_id"], 0)


def registrations(figures: Figures) -> Part:
    """When people registered."""
    rows = figures.registrations
    events = {row["airmeet_id"] for row in rows}
    if len(events) == 1:
        drawn = [charts.registrations_by_day(rows, title="Registrations so far, by day (UTC)")]
        more = ""
    elif events:
        largest, more = _largest(rows)
        drawn = [charts.registrations_by_lead(largest, title="Registrations so far")]
    else:
        drawn, more = [], ""
    return Part(
        name="registrations",
        title="When people registered",
        lead=f"Registrants whose day of registration is known.{more}",
        charts=drawn,
        nothing="No day of registration is known.",
    )


def _largest(rows: Sequence[Row]) -> tuple[Sequence[Row], str]:
    """The curves of the largest events, and words about those left out."""
    sizes: dict[str, int] = {}
    for row in rows:
        if row["days_before_start"] is not None:
            sizes[row["airmeet_id"]] = row["registrations_so_far"]
    chosen = sorted(sizes, key=lambda event: (-sizes[event], event))[:_CURVES]
    named = [
        {**row, "series": words.text(row["event_name"])}
        for event in chosen
        for row in rows
        if row["airmeet_id"] == event and row["days_before_start"] is not None
    ]
    more = f" The {_CURVES} events with the most of them are drawn." if len(sizes) > _CURVES else ""
    return named, more


def minutes(figures: Figures) -> Part:
    """How long people stayed."""
    known = {stayed: number for stayed, number in figures.stays.items() if stayed is not None}
    unknown = figures.stays.get(None, 0)
    told = f" {words.people(unknown)} stayed for an unknown time." if unknown else ""
    return Part(
        name="minutes",
        title="How long people stayed",
        lead="All who attended live, without staff. Time in the event as a whole, or in its sessions where "
        f"that is not known.{told}",
        charts=[
            charts.stays(_columns(known), title="People by the minutes that they stayed"),
            charts.drop_off(
                _still_there(known), title="Share of the attendees still there after so many minutes"
            ),
        ]
        if known
        else [],
        nothing="Nobody has attended yet, or attendance is not known.",
    )


def _end(stays: dict[int, int]) -> int:
    """A number of minutes that hardly anybody exceeds, so that one odd value flattens no chart."""
    left = sum(stays.values()) * 0.99
    for stayed in sorted(stays):
        left -= stays[stayed]
        if left <= 0:
            return max(stayed, 1)
    return 1


def _columns(stays: dict[int, int]) -> list[Row]:
    end = _end(stays)
    width = next((width for width in _WIDTHS if width * _COLUMNS > end), _WIDTHS[-1])
    last = min(end // width, _COLUMNS - 1)
    people = [0] * (last + 1)
    for stayed, number in stays.items():
        people[min(max(stayed, 0) // width, last)] += number
    longest = max(stays)
    return [
        {
            "label": f"{place * width}+"
            if place == last and longest >= (last + 1) * width
            else f"{place * width}–{(place + 1) * width}",  # noqa: RUF001 - a range
            "people": number,
        }
        for place, number in enumerate(people)
    ]


def _still_there(stays: dict[int, int]) -> Sequence[Row]:
    everybody = sum(stays.values())
    end = _end(stays)
    step = max(1, end // 240)
    rows = []
    for minute in range(0, end + step, step):
        still = sum(number for stayed, number in stays.items() if stayed >= minute) if minute else everybody
        rows.append({"minutes": minute, "people": still, "share": still / everybody})
    return rows


def events(figures: Figures) -> Part:
    """The chosen events."""
    return Part(
        name="events",
        title="The events one by one",
        lead="Rates and minutes are left open while attendance is not known.",
        table=Table(columns=_EVENTS, rows=figures.events),
        nothing="No event was chosen.",
    )
