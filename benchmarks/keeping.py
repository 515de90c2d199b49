"""Results of earlier runs: benchmarks that are not run again keep theirs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contests import Entry, Goal, Result
from measuring import Measured


def stored(folder: Path, *, quick: bool) -> dict[str, Result]:
    """The results that a folder has, by benchmark; none if they are of other sizes."""
    file = folder / "results.json"
    if not file.exists():
        return {}
    content = json.loads(file.read_text(encoding="utf-8"))
    if content["quick"] != quick:
        return {}
    return {name: _result(values) for name, values in content["benchmarks"].items()}


def _result(values: Mapping[str, Any]) -> Result:
    return Result(
        **{
            **values,
            "entries": _entries(values["entries"]),
            "goals": [Goal(**goal) for goal in values["goals"]],
            "contest": _entries(values.get("contest", ())),
        }
    )


def _entries(entries: Sequence[Mapping[str, Any]]) -> list[Entry]:
    return [Entry(**{**entry, "cost": Measured(**entry["cost"])}) for entry in entries]
