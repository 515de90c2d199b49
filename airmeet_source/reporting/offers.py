"""The parts of a report about what drew people: sessions, campaigns, booths."""

from collections.abc import Iterable, Sequence

from airmeet_source.reporting import charts, words
from airmeet_source.reporting.figures import Figures
from airmeet_source.reporting.part import Column, Part, Table, bars, first_ones
from airmeet_source.reporting.selection import Row

_EVENT = Column(heading="event", field="event_name", kind="text")
_SESSIONS = (
    Column(heading="session", field="session_name", kind="text"),
    _EVENT,
    Column(heading="attendees", field="attendees"),
    Column(heading="of the event's", field="attendance_share_of_attendees", kind="percent"),
    Column(heading="stayed to the end", field="completion_rate_of_attendees", kind="percent"),
    Column(heading="average minutes", field="minutes_average", kind="minutes"),
    Column(heading="median minutes", field="minutes_median", kind="minutes"),
    Column(heading="planned minutes", field="duration"),
    Column(heading="replay viewers", field="replay_viewers"),
    Column(heading="speakers", field="speakers", kind="text"),
)
_CAMPAIGNS = (
    Column(heading="campaign", field="campaign", kind="text"),
    Column(heading="registrants", field="registrants"),
    Column(heading="attended", field="registrants_attended"),
    Column(heading="rate", field="attendance_rate_of_registrants", kind="percent"),
    Column(heading="average minutes", field="minutes_average", kind="minutes"),
    Column(heading="on demand", field="registrants_attended_on_demand"),
)
_BOOTHS = (
    Column(heading="booth", field="booth_name", kind="text"),
    _EVENT,
    Column(heading="visitors", field="visitors"),
    Column(heading="visits", field="visits"),
    Column(heading="average minutes", field="minutes_average", kind="minutes"),
    Column(heading="want contact", field="wants_contact"),
)


def sessions(figures: Figures) -> Part:
    """The sessions by their audience."""
    seen = [
        {**row, "part": row["attendees"] * (row["completion_rate_of_attendees"] or 0)}
        for row in _named(figures.sessions, "session_name", figures)
        if row["attendees"] or row["replay_viewers"]
    ]
    unseen = words.people(len(figures.sessions) - len(seen), "session", "sessions")
    left_out = (
        f" {unseen} without an audience so far are left out." if len(seen) < len(figures.sessions) else ""
    )

    def told(row: Row) -> str:
        completed = row["completion_rate_of_attendees"]
        stayed = "" if completed is None else f" · {words.percent(completed)} to the end"
        return f"{words.count(row['attendees'])}{stayed}"

    drawn = bars(seen, told, label="label", under="under", value="attendees", part="part")
    return Part(
        name="sessions",
        title="Sessions, by audience",
        lead="Live attendees without staff. The dark part of a bar is those who stayed to the end: for 80% "
        f"of the planned length or more.{first_ones(seen)}{left_out}",
        charts=[charts.ranking(drawn, title="Attendees, and those who stayed to the end")] if drawn else [],
        table=Table(columns=_of(figures, _SESSIONS), rows=seen),
        nothing="Nobody has attended a session yet, or attendance is not known.",
    )


def campaigns(figures: Figures) -> Part:
    """Where registrants came from."""
    rows = [{**row, "campaign": _campaign(row)} for row in figures.campaigns if row["registrants"]]
    drawn = bars(rows, words.came, label="campaign", value="registrants", part="registrants_attended")
    return Part(
        name="campaigns",
        title="Campaigns",
        lead="Registrants by the UTM parameters of the link that they came through. The dark part of a bar "
        f"attended live.{first_ones(rows)}",
        charts=[charts.ranking(drawn, title="Registrants, and those of them who attended")] if drawn else [],
        table=Table(columns=_CAMPAIGNS, rows=rows),
        nothing="Nobody has registered yet.",
    )


def booths(figures: Figures) -> Part:
    """The booths by their visitors."""
    rows = _named([row for row in figures.booths if row["visitors"]], "booth_name", figures)

    def told(row: Row) -> str:
        return f"{words.count(row['visitors'])} · {words.count(row['wants_contact'])} want contact"

    drawn = bars(rows, told, label="label", under="under", value="visitors", part="wants_contact")
    return Part(
        name="booths",
        title="Booths",
        lead="Visitors without the booth's own exhibitors. The dark part of a bar asked to be contacted."
        f"{first_ones(rows)}",
        charts=[charts.ranking(drawn, title="Visitors, and those who want to be contacted")] if drawn else [],
        table=Table(columns=_of(figures, _BOOTHS), rows=rows),
        nothing="Nobody has visited a booth, or there are none.",
    )


def _named(rows: Iterable[Row], field: str, figures: Figures) -> list[Row]:
    """Rows with a label, and the event below it where there are several."""
    is_one = len(figures.events) == 1
    return [
        {**row, "label": words.text(row[field]), "under": "" if is_one else words.text(row["event_name"])}
        for row in rows
    ]


def _of(figures: Figures, columns: Sequence[Column]) -> Sequence[Column]:
    """The columns without that of the event, where there is only one."""
    return [column for column in columns if column is not _EVENT or len(figures.events) != 1]


def _campaign(row: Row) -> str:
    named = [row[name] for name in ("utm_campaign", "utm_source", "utm_medium") if row[name] != "(direct)"]
    return " · ".join(named) or "no campaign"
