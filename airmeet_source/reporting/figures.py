"""The figures of a report, as the views have them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from airmeet_source.disclosure.printable import printable
from airmeet_source.errors import UsageError
from airmeet_source.loading.catalogues import Catalogue
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.looking import looking_at
from airmeet_source.reporting import queries
from airmeet_source.reporting.queries import ViewsPlace, over_views
from airmeet_source.reporting.selection import Row, Selection
from airmeet_source.views.declarations import VIEWS

Ask = Callable[[str], Sequence[Row]]

_FREE_TEXT = 0.75  # from this distinctness on, the answers to a field say who gave them, not what people want
_NO_VIEWS = (
    "The dataset {dataset} has no views of the connector, which the report reads: airmeet load makes them "
    "(without --no-views)."
)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a report shows.

    Attributes:
        events: Rows of event_overview, of the chosen events.
        problems: Rows of data_status that are pending or failed: of the chosen events without the archived
            ones, and of the list of events itself.
        last_loaded_at: When anything was last loaded.
        engaged: By event, the registrants who attended live and answered a poll, asked a question or
            visited a booth.
        stays: How many attendees stayed for so many whole minutes; None for an unknown time.
        free_text: Labels of the registration fields whose answers are not shown.
    """

    events: Sequence[Row]
    problems: Sequence[Row]
    last_loaded_at: datetime | None
    engaged: Mapping[str, int]
    stays: Mapping[int | None, int]
    registrations: Sequence[Row]
    sessions: Sequence[Row]
    campaigns: Sequence[Row]
    booths: Sequence[Row]
    polls: Sequence[Row]
    answers: Sequence[Row]
    free_text: Sequence[str]

    def total(self, name: str) -> int:
        """A count of event_overview over all chosen events."""
        return sum(event[name] or 0 for event in self.events)


def read_events(target: Target) -> Sequence[Row]:
    """The rows of event_overview; none before the first load.

    Raises:
        AirmeetError: they cannot be read.
    """
    with looking_at(target, "The report") as catalogue:
        return [] if catalogue is None else _ask(catalogue, None)(queries.EVENTS)


def read_figures(target: Target, selection: Selection) -> Figures:
    """The figures of the chosen events.

    Raises:
        AirmeetError: they cannot be read.
    """
    with looking_at(target, "The report") as catalogue:
        if catalogue is None:
            return _figures(lambda _query: [], lambda _query: [], [])
        return figures_in(catalogue, selection)


def figures_in(catalogue: Catalogue, selection: Selection) -> Figures:
    """The figures of the chosen events in a dataset that is open.

    Raises:
        UsageError: it has no views.
    """
    of_all = _ask(catalogue, None)
    events = selection.of(everything := of_all(queries.EVENTS))
    chosen = [event["airmeet_id"] for event in events]
    ask = of_all if len(chosen) == len(everything) else _ask(catalogue, chosen)
    return _figures(of_all, ask, events)


def _ask(catalogue: Catalogue, events: Collection[str] | None) -> Ask:
    there_are = catalogue.views()
    if not there_are.keys() >= VIEWS.keys():
        raise UsageError(_NO_VIEWS.format(dataset=catalogue.dataset))
    place = ViewsPlace(dialect=catalogue.dialect, project=catalogue.project, dataset=catalogue.views_dataset)
    return lambda query: [
        {name: _told(name, value) for name, value in row.items()}
        for row in catalogue.rows(over_views(query, place, events))
    ]


def _told(name: str, value: Any) -> Any:
    """A value as it is told: Postgres and BigQuery add up to decimals, and texts are anybody's."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return printable(value) if isinstance(value, str) and name != "airmeet_id" else value


def _figures(of_all: Ask, ask: Ask, events: Sequence[Row]) -> Figures:
    fields = ask(queries.CUSTOM_FIELDS)
    free_text = [field["field_label"] for field in fields if field["distinctness"] >= _FREE_TEXT]
    return Figures(
        events=events,
        problems=_problems(of_all(queries.STATUS), events),
        last_loaded_at=next((row["last_loaded_at"] for row in of_all(queries.FRESHNESS)), None),
        engaged={row["airmeet_id"]: row["people"] for row in ask(queries.ENGAGED)},
        stays={_whole(row["minutes"]): row["people"] for row in ask(queries.STAYS)},
        registrations=ask(queries.REGISTRATIONS),
        sessions=ask(queries.SESSIONS),
        campaigns=ask(queries.CAMPAIGNS),
        booths=ask(queries.BOOTHS),
        polls=ask(queries.POLLS),
        answers=[row for row in ask(queries.ANSWERS) if row["field_label"] not in free_text],
        free_text=free_text,
    )


def _problems(rows: Sequence[Row], events: Sequence[Row]) -> Sequence[Row]:
    asked_for = {event["airmeet_id"] for event in events if not event["is_archived"]}
    return [row for row in rows if row["airmeet_id"] in asked_for or not row["airmeet_id"]]


def _whole(minutes: float | None) -> int | None:
    return None if minutes is None else int(minutes)
