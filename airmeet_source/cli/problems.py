"""Problems for people: kinds on one line each, below them the units, whose ids are never broken or cut."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from airmeet_source.disclosure.printable import printable
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.extract.sync_log import Kind, kinds_of
from airmeet_source.loading.report import Report

_STYLES = {"failed": "red", "pending": "yellow"}
_LINES = 40  # where the output is no terminal
_FEWEST = 12
_SHORTEST_NAME = 8  # cells: of less nobody could tell which event it is


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is wrong."""

    name: str  # of the event
    ids: Sequence[str]  # of the event, and of its session or booth
    units: int = 1

    def line(self, width: int) -> str:
        """The ids whole, and as much of the name as fits."""
        ids = f"  {' '.join(self.ids)}" + (f" ({self.units:,} units)" if self.units > 1 else "")
        room = width - cell_len(ids) - 2
        name = printable(without_secrets(self.name))
        if room < _SHORTEST_NAME or not name:
            return ids
        return f"{ids}  {name if cell_len(name) <= room else set_cell_size(name, room - 1) + '…'}"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One kind of problem: a line that says what is wrong, and the places."""

    state: str
    told: str
    places: Sequence[Place]
    detail: str = ""  # on a line of its own


def print_problems(console: Console, report: Report) -> None:
    """The units of a run that are still pending or failed."""
    if report.problems:
        console.print()
        print_troubles(console, [_trouble(kind, report.event_names) for kind in kinds_of(report.problems)])
        console.print("They stay due: the next run takes them up again.")


def _trouble(kind: Kind, names: Mapping[str, str]) -> Trouble:
    places = [
        Place(name=names.get(problem.airmeet_id or "", ""), ids=problem.ids)
        for problem in kind.problems
        if problem.ids
    ]
    return Trouble(state=kind.outcome, told=str(kind), places=places)


def print_troubles(console: Console, troubles: Sequence[Trouble]) -> None:
    """As many kinds as fit on a screen, and of each as many places."""
    lines = max(_FEWEST, console.height - 6) if console.is_terminal else _LINES
    shown = troubles[: lines // 4]
    each = max(1, lines // max(1, len(shown)) - 3)
    for trouble in shown:
        told = Text(printable(without_secrets(trouble.told)), style=_STYLES.get(trouble.state, ""))
        console.print(told, soft_wrap=True, highlight=False)
        if trouble.detail:
            console.print(trouble.detail, soft_wrap=True, highlight=False)
        for line in _lines(trouble.places, each, console.width):
            console.print(Text(line), soft_wrap=True, highlight=False)
    if len(troubles) > len(shown):
        console.print(f"… and {len(troubles) - len(shown):,} more kinds of problems, see table sync_log")


def _lines(places: Sequence[Place], most: int, width: int) -> Iterator[str]:
    if len(places) > most:
        places = _by_event(places)
    for place in places[:most]:
        yield place.line(width)
    more = sum(place.units for place in places[most:])
    if more:
        yield f"  … and {more:,} more, see table sync_log"


def _by_event(places: Sequence[Place]) -> Sequence[Place]:
    """One place for all sessions or booths of an event."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        found[place.ids[0]].append(place)
    return [
        places[0] if len(places) == 1 else replace(places[0], ids=(event,), units=len(places))
        for event, places in found.items()
    ]
