"""Looking without loading: --plan."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from airmeet_source.cli.check import read_event_list
from airmeet_source.cli.problems import Place
from airmeet_source.extract.lifecycle import Due, Event, due, rests_until
from airmeet_source.extract.unit_states import EventState, UnitStates, source_state_of, unit_states
from airmeet_source.loading.opened import Opened
from airmeet_source.resources import EVENT_RESOURCES, Resource
from airmeet_source.settings import Settings

_MOST_EVENTS = 20
_ANSWER = 0.5  # seconds that a request takes, roughly


@dataclass(kw_only=True)
class Outlook:
    """What a run would do about one event."""

    event: Event
    lists: int = 0  # that are due
    requests: int = 0  # at least
    prepared: int = 0  # lists that Airmeet has to prepare
    rests_until: list[datetime] = field(default_factory=list)  # of the lists that are due later


def plan(console: Console, run: Opened) -> None:
    """Show what a run would fetch; asks for nothing but the event list."""
    extraction, settings = run.extraction, run.extraction.settings
    extraction.ask_for_events()  # it comes while the destination is looked at
    run.look()
    states = {} if extraction.selection.full_refresh else unit_states(run.pipeline)
    events = read_event_list(extraction)
    now = extraction.clock()
    chosen = [resource for name, resource in EVENT_RESOURCES.items() if name in run.source.selected_resources]
    phases = Counter(event.phase(now, settings) for event in events)
    told = ", ".join(f"{count:,} {phase}" for phase, count in phases.items()) or "none"
    console.print(f"events: {told}", highlight=False)
    console.print("what is due, counted in events:")
    console.print(_by_resource(chosen, events, states, now, settings))
    children = [resource.name for resource in chosen if resource.parent]
    if children:
        console.print(f"One unit per session or booth of these events: {', '.join(children)}.")
    outlooks = [_outlook(event, chosen, states, now, settings) for event in events]
    ready_after = source_state_of(run.pipeline).get("ready_after")
    _print_by_event(console, outlooks)
    _print_total(console, outlooks, settings, settings.pending_wait if ready_after is None else ready_after)


def _by_resource(
    chosen: list[Resource],
    events: list[Event],
    states: Mapping[str, UnitStates],
    now: datetime,
    settings: Settings,
) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("resource", "in full", "from the cursor", "not due"):
        table.add_column(heading, justify="left" if heading == "resource" else "right")
    for resource in chosen:
        known = states.get(resource.name) or UnitStates({})
        reads = (due(resource, event, None, known.get(event.airmeet_id), now, settings) for event in events)
        counts = Counter(
            "none" if how is None else "full" if how.after is None else "cursor" for how in reads
        )
        table.add_row(resource.name, *(f"{counts[kind]:,}" for kind in ("full", "cursor", "none")))
    return table


def _outlook(
    event: Event, chosen: list[Resource], states: Mapping[str, UnitStates], now: datetime, settings: Settings
) -> Outlook:
    outlook = Outlook(event=event)
    for resource in chosen:
        known: EventState | None = (states.get(resource.name) or UnitStates({})).get(event.airmeet_id)
        lists = sum(how is not None for how in _units(resource, event, known, now, settings))
        each = 2 if resource.endpoint.asynchronous else 1  # what is prepared is asked for twice
        outlook.lists += lists
        outlook.requests += lists * each
        outlook.prepared += lists * (each - 1)
        until = rests_until(resource, event, known, now, settings)
        if not lists and until is not None:
            outlook.rests_until.append(until)
    return outlook


def _units(
    resource: Resource, event: Event, known: EventState | None, now: datetime, settings: Settings
) -> Iterator[Due | None]:
    """How each of the event's units would be read; of sessions and booths, as far as they are known."""
    how = due(resource, event, None, known, now, settings)
    children = known["children"] if known is not None and "children" in known else {}
    if how is None or not children:
        yield how
    else:
        yield from (due(resource, event, None, state, now, settings) for state in children.values())


def _print_by_event(console: Console, outlooks: list[Outlook]) -> None:
    wanted = sorted(
        (one for one in outlooks if one.lists), key=lambda one: (-one.lists, one.event.airmeet_id)
    )
    if wanted:
        console.print("events with lists that are due:")
    for outlook in wanted[:_MOST_EVENTS]:
        place = Place(name=outlook.event.name, ids=(outlook.event.airmeet_id, f"{outlook.lists:>3} lists"))
        console.print(place.line(console.width), highlight=False, markup=False)
    if len(wanted) > _MOST_EVENTS:
        console.print(f"  and {len(wanted) - _MOST_EVENTS:,} more")


def _print_total(console: Console, outlooks: list[Outlook], settings: Settings, wait: float) -> None:
    requests, prepared = (sum(getattr(one, name) for one in outlooks) for name in ("requests", "prepared"))
    seconds = requests * _ANSWER / settings.max_concurrency + (wait if prepared else 0.0)
    told = f"at least {requests:,} requests, about {_duration(seconds)}"
    if prepared:
        told += f"; Airmeet has to prepare {prepared:,} of the lists"
    console.print(f"{told}.", highlight=False)
    later = [until for one in outlooks for until in one.rests_until]
    if later:
        soonest = min(later).astimezone(UTC)
        console.print(
            f"{len(later):,} lists change slowly and were read lately: the first is due again at "
            f"{soonest:%Y-%m-%d %H:%M} UTC.",
            highlight=False,
        )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
