"""What a report asks of the views, and of nothing else.

The queries are written as for DuckDB and name views alone; where these are and which events are wanted
is put in here.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp, parse_one

from airmeet_source.views.declarations import VIEWS

_WRITTEN_IN = "duckdb"

EVENTS = "SELECT * FROM event_overview"
STATUS = """
    SELECT airmeet_id, event_name, resource, state, since, tries, error
    FROM data_status WHERE state IN ('failed', 'pending')
"""
FRESHNESS = "SELECT max(last_loaded_at) AS last_loaded_at FROM data_status"
ENGAGED = """
    SELECT airmeet_id, count(*) AS people FROM event_people
    WHERE population = 'registrant' AND attended_live
      AND (poll_answers > 0 OR questions_asked > 0 OR booths_visited > 0)
    GROUP BY 1
"""
# by whole minutes; who attended for an unknown time has none
STAYS = """
    SELECT floor(minutes_live) AS minutes, count(*) AS people FROM event_people
    WHERE attended_live AND population <> 'staff' GROUP BY 1 ORDER BY 1
"""
REGISTRATIONS = """
    SELECT airmeet_id, event_name, day, registrations, registrations_so_far, days_before_start
    FROM registration_curve ORDER BY airmeet_id, day
"""
SESSIONS = """
    SELECT event_name, session_name, start_time, duration, attendees, attendance_share_of_attendees,
           minutes_average, minutes_median, completion_rate_of_attendees, replay_viewers, speakers
    FROM session_overview ORDER BY attendees DESC, replay_viewers DESC, session_name, airmeet_id, session_id
"""
# over several events a rate counts only those whose attendance is known, in the denominator as well
CAMPAIGNS = """
    SELECT utm_source, utm_medium, utm_campaign,
           sum(registrants) AS registrants,
           sum(registrants_attended) AS registrants_attended,
           sum(CASE WHEN attendance_rate_of_registrants IS NOT NULL THEN registrants_attended END) * 1.0
               / nullif(sum(CASE WHEN attendance_rate_of_registrants IS NOT NULL THEN registrants END), 0)
               AS attendance_rate_of_registrants,
           sum(minutes_average * registrants_attended)
               / nullif(sum(CASE WHEN minutes_average IS NOT NULL THEN registrants_attended END), 0)
               AS minutes_average,
           sum(registrants_attended_on_demand) AS registrants_attended_on_demand
    FROM campaign_overview GROUP BY 1, 2, 3 ORDER BY registrants DESC, 1, 2, 3
"""
BOOTHS = """
    SELECT event_name, booth_name, visitors, visits, minutes_average, wants_contact
    FROM booth_overview ORDER BY visitors DESC, visits DESC, booth_name, airmeet_id, booth_id
"""
POLLS = """
    SELECT question, answer, sum(answers) AS answers
    FROM poll_overview GROUP BY 1, 2 ORDER BY question, answers DESC, answer
"""
# `distinctness`: 1 where nobody at an event wrote what somebody else did, as with telephone numbers
CUSTOM_FIELDS = """
    SELECT field_label, sum(answers) * 1.0 / sum(people) AS distinctness, sum(people) AS people
    FROM (SELECT airmeet_id, field_label, count(*) AS answers, sum(people) AS people
          FROM custom_field_overview GROUP BY 1, 2) AS by_event
    WHERE people > 0 GROUP BY 1 ORDER BY people DESC, 1
"""
ANSWERS = """
    SELECT field_label, answer,
           sum(people) AS people,
           sum(registrants) AS registrants,
           sum(registrants_attended) AS registrants_attended,
           sum(CASE WHEN attendance_rate_of_registrants IS NOT NULL THEN registrants_attended END) * 1.0
               / nullif(sum(CASE WHEN attendance_rate_of_registrants IS NOT NULL THEN registrants END), 0)
               AS attendance_rate_of_registrants
    FROM custom_field_overview GROUP BY 1, 2 HAVING sum(people) > 1 ORDER BY 1, people DESC, 2
"""


@dataclass(frozen=True, kw_only=True)
class ViewsPlace:
    """Where the views are, and how their destination writes SQL."""

    dialect: str
    project: str | None
    dataset: str


def over_views(query: str, place: ViewsPlace, events: Collection[str] | None = None) -> str:
    """A query of this module as the destination takes it.

    Args:
        query: the query.
        place: where the views are.
        events: of which events rows are wanted; None for all.
    """
    tree = parse_one(query, read=_WRITTEN_IN)
    for table in list(tree.find_all(exp.Table)):
        if table.name not in VIEWS:
            raise ValueError(table.name)
        path = exp.table_(table.name, db=place.dataset, catalog=place.project, quoted=True)
        rows = exp.select("*").from_(path)
        if events is not None:
            ids = [exp.Literal.string(each) for each in sorted(events)]
            rows = rows.where(exp.column("airmeet_id").isin(*ids) if ids else exp.false())
        table.replace(rows.subquery(table.name))
    for division in tree.find_all(exp.Div):
        division.set("safe", False)  # the queries divide by nothing that can be zero
    return tree.sql(place.dialect)
