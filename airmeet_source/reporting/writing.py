"""A report as HTML: the body, which the app shows as well, and a page that needs nothing but itself."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from airmeet_source.reporting import answers, offers, people, words
from airmeet_source.reporting.figures import Figures
from airmeet_source.reporting.state import state_of

_TEMPLATES = Environment(
    loader=PackageLoader(__package__ or ""),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PARTS = (
    people.funnel,
    people.registrations,
    people.minutes,
    offers.sessions,
    offers.campaigns,
    offers.booths,
    answers.polls,
    answers.custom_fields,
    people.events,
)
_NOTHING_LOADED = "Nothing has been loaded yet: airmeet load begins."
_NOTHING_CHOSEN = "No event fits what was chosen."


def body(figures: Figures, draw: Callable[[Any], str]) -> str:
    """The report itself.

    Args:
        figures: what it shows.
        draw: makes HTML of one of Altair's charts.
    """
    nothing = None
    if not figures.events:
        nothing = _NOTHING_LOADED if figures.last_loaded_at is None else _NOTHING_CHOSEN
    return _TEMPLATES.get_template("body.html").render(
        style=_style(),
        about=_about(figures),
        nothing=nothing,
        state=state_of(figures),
        facts=people.facts(figures),
        parts=[make(figures) for make in _PARTS],
        kinds=words.KINDS,
        draw=lambda chart: Markup(draw(chart)),  # noqa: S704 - no text but a chart's
    )


def page(figures: Figures) -> str:
    """The report as one page with everything in it: its style, its data, and what draws the charts."""
    charts: list[dict[str, Any]] = []

    def draw(chart: Any) -> str:
        charts.append(chart.to_dict())
        return f'<div id="chart-{len(charts) - 1}"></div>'

    shown = body(figures, draw)
    return _TEMPLATES.get_template("page.html").render(
        body=Markup(shown),  # noqa: S704 - ours, escaped already
        library=Markup(_library()),  # noqa: S704
        charts=Markup(_in_a_script(charts)),  # noqa: S704
    )


@cache
def _library() -> str:
    """Vega, which draws the charts."""
    return vl_convert.javascript_bundle()  # type: ignore[call-arg] # the snippet is optional


def _style() -> Markup:
    assert _TEMPLATES.loader is not None  # noqa: S101 - set above
    return Markup(_TEMPLATES.loader.get_source(_TEMPLATES, "report.css")[0])  # noqa: S704 - a file of ours


def _in_a_script(data: Any) -> str:
    """JSON that neither ends a script nor begins a comment in one."""
    return json.dumps(data).replace("<", "\\u003c")


def _about(figures: Figures) -> str:
    if len(figures.events) == 1:
        [event] = figures.events
        return f"{words.text(event['event_name'])}, {words.time(event['start_time'])}"
    starts = [event["start_time"] for event in figures.events if event["start_time"]]
    between = f", {words.day(min(starts))} to {words.day(max(starts))}" if starts else ""
    return f"{words.people(len(figures.events), 'event', 'events')}{between}"
