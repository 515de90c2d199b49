"""What ``airmeet status`` says to people: what is wrong, since when and why, and what happens next."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.text import Text

from airmeet_source.cli.console import plain
from airmeet_source.cli.problems import Place, Trouble, print_troubles
from airmeet_source.extract.sync_log import Kind, Problem, kinds_of
from airmeet_source.loading.report import OUTCOMES
from airmeet_source.loading.standing import Latest, Row, Standing
from airmeet_source.loading.unreached import Unreached

_NAMED = 3  # recordings, and events that are archived
_LABEL = 11  # columns
_STYLES = {"ok": "green", "partial": "yellow", "failed": "red"}
_MISCONFIGURED = 2  # the exit code of a run that cannot go better the next time


def print_standing(console: Console, found: Standing, max_age: timedelta | None, now: datetime) -> None:
    """How the data stands, on a screen."""
    if not found.latest:
        _print(console, "last run", "not known: it was made by an older version")
    for latest in found.latest:
        if len(found.latest) > 1:
            _print(console, "community", latest.run["community"] or "-")
        _print_latest(console, latest, max_age, now)
    for runs in found.unreached:
        _print_unreached(console, runs, now)
    if found.open_units:
        console.print()
        print_troubles(console, _troubles(found.open_units, now))
        console.print()
    _print_events(console, found, now)
    states = [unit["state"] for unit in found.units]
    counts = (
        f"{states.count(state):,} {state.replace('_', ' ')}"
        for state in ("final", "current", "not_available")
    )
    _print(console, "lists", " · ".join(counts))
    _print(console, "next", _next(found))


def _print(console: Console, label: str, text: str, style: str = "") -> None:
    console.print(
        f"{label:<{_LABEL}}", Text(plain(text).plain, style=style), sep="", soft_wrap=True, highlight=False
    )


def _print_latest(console: Console, latest: Latest, max_age: timedelta | None, now: datetime) -> None:
    run, good = latest.run, latest.good
    ended = f"{_when(run['finished_at'], now)}: {run['status']}, exit code {run['exit_code']}"
    _print(console, "last run", ended, _STYLES.get(run["status"], ""))
    counts = [f"{run[name]:,} {name.replace('_', ' ')}" for name in OUTCOMES if run[name]]
    if counts:
        _print(console, "", " · ".join([*counts, f"{run['rows'] or 0:,} rows"]))
    if run["error"]:
        _print(console, "", run["error"])
    is_old = max_age is not None and (good is None or now - good["finished_at"] > max_age)
    if run["status"] == "failed" or is_old:
        told = _when(good["finished_at"], now) if good else "none so far"
        _print(console, "last good", f"{told}{', which is too old' if is_old else ''}")


def _print_unreached(console: Console, runs: Unreached, now: datetime) -> None:
    of = "" if runs.pipeline == "airmeet" else f" of pipeline {runs.pipeline}"
    last = f"{_when(runs.newest, now)}, exit code {runs.exit_code}"
    if runs.runs == 1:
        _print(console, "since then", f"1 run{of} ended early, {last}", _STYLES["failed"])
    else:
        first = f"{runs.runs:,} runs{of} ended early, the first {_when(runs.first, now)}"
        _print(console, "since then", first, _STYLES["failed"])
        _print(console, "", f"the last {last}", _STYLES["failed"])
    _print(console, "", runs.error)


def _troubles(units: Sequence[Row], now: datetime) -> list[Trouble]:
    """What is pending or failed, by kind."""
    problems = [_problem(unit) for unit in units]
    unit_of = {id(problem): unit for problem, unit in zip(problems, units, strict=True)}
    return [
        _trouble(kind, [unit_of[id(problem)] for problem in kind.problems], now)
        for kind in kinds_of(problems)
    ]


def _trouble(kind: Kind, units: Sequence[Row], now: datetime) -> Trouble:
    oldest, tries = min(unit["since"] for unit in units), max(unit["tries"] for unit in units)
    places = [
        Place(name=unit["event_name"] or "", ids=problem.ids)
        for unit, problem in zip(units, kind.problems, strict=True)
        if problem.ids
    ]
    since = f"  since {_when(oldest, now)}, {tries:,} {'try' if tries == 1 else 'tries'}"
    return Trouble(state=kind.outcome, told=str(kind), detail=since, places=places)


def _problem(unit: Row) -> Problem:
    names = ("resource", "airmeet_id", "entity_id", "state")
    resource, airmeet_id, entity_id, state = (unit[name] for name in names)
    return Problem(resource, airmeet_id, entity_id, state, unit["error"] or "no reason is known")


def _print_events(console: Console, found: Standing, now: datetime) -> None:
    for event in found.archived[:_NAMED]:
        _print(console, "archived", f"{event['event_name'] or '-'} ({event['airmeet_id']})")
        _print(console, "", f"not listed since {_when(event['last_listed_at'], now)}; its rows stay")
    if len(found.archived) > _NAMED:
        _print(console, "", f"… and {len(found.archived) - _NAMED:,} more events")
    for recording in found.recordings_at_risk[:_NAMED]:
        days = (recording["gone_at"] - now).days
        text = f"{recording['session_name'] or recording['session_id']} of {recording['event_name'] or '-'}"
        _print(console, "recording", f"is gone in about {days} days, not copied: {text}")
    if len(found.recordings_at_risk) > _NAMED:
        _print(console, "", f"… and {len(found.recordings_at_risk) - _NAMED:,} more recordings")


def _next(found: Standing) -> str:
    codes = {latest.run["exit_code"] for latest in found.latest if latest.run["status"] == "failed"}
    codes |= {runs.exit_code for runs in found.unreached}
    if _MISCONFIGURED in codes:
        return "mend what the last run says; airmeet load --check proves it"
    if codes:
        return "the next run goes on from the last good state"
    if found.problems:
        return "the next run takes up what is pending or failed"
    return "the next run asks again for what is current; nothing is missing"


def _when(moment: datetime, now: datetime) -> str:
    minutes = round((now - moment).total_seconds() / 60)
    if minutes < 120:
        ago = f"{minutes} min ago"
    else:
        ago = f"{minutes // 60} h ago" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days ago"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC ({ago})"
