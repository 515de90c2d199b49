"""``airmeet status``: the exit code, and JSON for monitors."""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from airmeet_source.cli.console import consoles
from airmeet_source.cli.failures import in_full
from airmeet_source.cli.log_lines import LogLines, tell_error
from airmeet_source.cli.standing_screen import print_standing
from airmeet_source.cli.status import StatusOptions
from airmeet_source.cli.targets import target_of
from airmeet_source.disclosure.printable import escaped
from airmeet_source.errors import AirmeetError
from airmeet_source.loading.standing import Standing, standing_of
from airmeet_source.loading.unreached import unreached_runs

_NOTHING_YET = (
    "Nothing{of} has been loaded into dataset {dataset} yet. airmeet load begins, airmeet load --check tries."
)


def tell(options: StatusOptions, lines: LogLines) -> int:
    """Say how the data stands; returns the exit code."""
    now = datetime.now(UTC)
    try:
        found = standing_of(target_of(options), options.event, options.community)
    except AirmeetError as error:
        tell_error(lines, in_full(error))
        return error.exit_code
    if found is None:
        of = f" of community {options.community}" if options.community else ""
        tell_error(lines, _NOTHING_YET.format(of=of, dataset=options.dataset))
        for runs in unreached_runs(target_of(options), options.community):
            tell_error(lines, f"The last run failed (exit code {runs.exit_code}): {runs.error}")
        return 1
    exit_code = found.exit_code(options.max_age, now)
    if options.json:
        sys.stdout.write(_as_json(found, exit_code) + "\n")
    else:
        # --quiet keeps silent about what is good only
        out, _ = consoles(quiet=options.quiet and exit_code == 0)
        print_standing(out, found, options.max_age, now)
    return exit_code


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
