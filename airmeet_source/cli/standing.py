"""What ``airmeet status`` says: a screen for people, JSON for monitors."""

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console

from airmeet_source.cli.console import consoles, plain
from airmeet_source.cli.failures import in_full
from airmeet_source.cli.log_lines import LogLines, tell_error
from airmeet_source.cli.status import StatusOptions
from airmeet_source.disclosure.printable import escaped
from airmeet_source.errors import AirmeetError
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.report import OUTCOMES
from airmeet_source.loading.standing import Latest, Row, Standing, standing_of

_NAMED = 3  # events of each kind of problem
_KINDS = 6  # of problems, so that all fits a screen
_NOTHING_YET = (
    "Nothing{of} has been loaded into dataset {dataset} yet. airmeet load begins, airmeet load --check tries."
)


def tell(options: StatusOptions, lines: LogLines) -> int:
    """Say how the data stands; returns the exit code."""
    now = datetime.now(UTC)
    try:
        found = standing_of(_target(options), options.event, options.community)
    except AirmeetError as error:
        tell_error(lines, in_full(error))
        return error.exit_code
    if found is None:
        of = f" of community {options.community}" if options.community else ""
        tell_error(lines, _NOTHING_YET.format(of=of, dataset=options.dataset))
        return 1
    exit_code = found.exit_code(options.max_age, now)
    if options.json:
        sys.stdout.write(_as_json(found, exit_code) + "\n")
    else:
        # --quiet keeps silent about what is good only
        out, _ = consoles(quiet=options.quiet and exit_code == 0)
        _print(out, found, now)
    return exit_code


def _target(options: StatusOptions) -> Target:
    return Target(
        destination=options.destination,
        dataset_name=options.dataset,
        pipeline_name=options.pipeline_name or Target.pipeline_name,
    )


# -- for monitors --------------------------------------------------------------------------------


def _as_json(found: Standing, exit_code: int) -> str:
    content = {
        "exit_code": exit_code,
        "last_run": found.latest[0].run if found.latest else None,
        "units": found.units,
        "problems": found.problems,
        "recordings_at_risk": found.recordings_at_risk,
    }
    return escaped(json.dumps(content, indent=2, ensure_ascii=False, default=_plain_value))


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    raise TypeError(type(value))


# -- for people ----------------------------------------------------------------------------------


def _print(console: Console, found: Standing, now: datetime) -> None:
    if not found.latest:
        console.print("last run   not known: it was made by an older version")
    for latest in found.latest:
        if len(found.latest) > 1:
            console.print("community ", plain(latest.run["community"] or "-"))
        _print_last_run(console, latest, now)
    kinds: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for unit in found.problems:
        kinds[unit["state"], unit["resource"], unit["error"] or ""].append(unit)
    worst_first = sorted(kinds.items(), key=lambda kind: (kind[0][0], -len(kind[1]), kind[0]))
    for (state, resource, error), units in worst_first[:_KINDS]:
        _print_problem(console, f"{state}: {resource}", error, units, now)
    if len(kinds) > _KINDS:
        console.print(f"… and {len(kinds) - _KINDS:,} more kinds; --json has all of them")
    _print_the_rest(console, found, now)


def _print_last_run(console: Console, latest: Latest, now: datetime) -> None:
    run, good = latest.run, latest.good
    ended = f"{_time(run['finished_at'])}, {_ago(run['finished_at'], now)}"
    console.print(f"last run   {ended}: {run['status']}, exit code {run['exit_code']}", highlight=False)
    counts = (f"{run[name] or 0:,} {name.replace('_', ' ')}" for name in OUTCOMES)
    console.print(
        f"           {' · '.join(counts)} units, {run['rows'] or 0:,} rows written", highlight=False
    )
    if run["error"]:
        console.print("           ", plain(run["error"]), soft_wrap=True, sep="")
    if run["status"] == "failed":
        told = f"{_time(good['finished_at'])}, {_ago(good['finished_at'], now)}" if good else "none so far"
        console.print(f"last good  {told}", highlight=False)


def _print_problem(console: Console, what: str, error: str, units: Sequence[Row], now: datetime) -> None:
    oldest = min((unit["since"] for unit in units if unit["since"]), default=now)
    tries = max(unit["tries"] or 0 for unit in units)
    console.print(
        f"{what}, {len(units):,} event(s), since {_time(oldest)} ({_ago(oldest, now)}), {tries:,} tries",
        highlight=False,
    )
    if error:
        console.print("           ", plain(error), soft_wrap=True, sep="")
    for unit in units[:_NAMED]:
        name = plain(f"{unit['event_name'] or '-'} ({unit['airmeet_id'] or 'list of events'})")
        console.print("           ", name, soft_wrap=True, sep="")
    if len(units) > _NAMED:
        console.print(f"           … and {len(units) - _NAMED:,} more")


def _print_the_rest(console: Console, found: Standing, now: datetime) -> None:
    for recording in found.recordings_at_risk[:_NAMED]:
        days = (recording["gone_at"] - now).days
        text = f"{recording['session_name'] or recording['session_id']} of {recording['event_name'] or '-'}"
        console.print(
            f"recording  is gone in about {days} days, not copied: ", plain(text), sep="", soft_wrap=True
        )
    if len(found.recordings_at_risk) > _NAMED:
        console.print(f"           … and {len(found.recordings_at_risk) - _NAMED:,} more recordings")
    states = [unit["state"] for unit in found.units]
    console.print(
        f"complete   {states.count('final'):,} final, {states.count('current'):,} current, "
        f"{states.count('not_available'):,} not available (lists of events)",
        highlight=False,
    )
    console.print("next       " + _next(found))


def _next(found: Standing) -> str:
    if found.problems:
        return "the next run takes up what is pending or failed"
    return "the next run asks again for what is current; nothing is missing"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _ago(moment: datetime, now: datetime) -> str:
    minutes = round((now - moment).total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days ago"
