"""What the app is made of: its choosers, and the report for what they say."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import marimo as mo

from airmeet_source.errors import AirmeetError
from airmeet_source.loading.destinations import Target
from airmeet_source.reporting.figures import read_events, read_figures
from airmeet_source.reporting.selection import Row, Selection, communities_of, names_of
from airmeet_source.reporting.writing import body

_CHOOSERS = """\
<div class="airmeet-choosers">
<div>{since}</div><div>{until}</div><div>{communities}</div><div>{events}</div>
</div>
"""


def target_of(arguments: Mapping[str, Any]) -> Target:
    """Where the data is, from what stands behind ``--`` on marimo's command line."""
    given = {name: str(value) for name, value in arguments.items()}
    return Target(
        destination=given.get("destination", Target.destination),
        dataset_name=given.get("dataset", Target.dataset_name),
        pipeline_name=given.get("pipeline-name", Target.pipeline_name),
    )


def events_of(target: Target) -> Sequence[Row]:
    """The events to choose from; none if they cannot be read, which the report itself will say."""
    try:
        return read_events(target)
    except AirmeetError:
        return []


def choosers(overview: Sequence[Row], community: object) -> Any:
    """Dates, communities and events; what is not chosen leaves nothing out.

    Args:
        overview: rows of event_overview.
        community: is chosen at the beginning, if it is there.
    """
    days = [event["start_time"].date() for event in overview if event["start_time"]]
    communities = communities_of(overview)
    return mo.Html(_CHOOSERS).batch(
        since=mo.ui.date(value=min(days, default=None), label="From"),
        until=mo.ui.date(value=max(days, default=None), label="to"),
        communities=mo.ui.multiselect(
            communities,
            value=[name for name in communities if name == community],
            label="Communities",
            full_width=True,
        ),
        events=mo.ui.multiselect(dict(names_of(overview)), label="Events", full_width=True),
    )


def report(target: Target, chosen: Mapping[str, Any]) -> Any:
    """The report of what was chosen, or why there is none."""
    selection = Selection(
        communities=chosen["communities"],
        since=_midnight(chosen["since"]),
        until=_midnight(chosen["until"], days=1),
        events=chosen["events"],
    )
    try:
        return mo.Html(body(read_figures(target, selection), lambda chart: mo.as_html(chart).text))
    except AirmeetError as error:
        return mo.callout(str(error), kind="danger")


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=days), time(), UTC)
