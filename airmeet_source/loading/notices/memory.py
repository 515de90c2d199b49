"""What was told of a pipeline, remembered in the destination, where no machine loses it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from airmeet_source.loading.log_tables import LogTables
from airmeet_source.loading.notices.concerns import Concern
from airmeet_source.model.columns import text_column, time_column
from airmeet_source.model.table import Reload, Table

Keys = Mapping[str, frozenset[str]]  # of concerns, by subject

NOTICES = Table(
    name="_airmeet_notices",
    description="What was told of each pipeline",
    key=("pipeline",),
    reload=Reload.APPEND,
    columns=(
        text_column("pipeline", "Name of the pipeline"),
        time_column("columns_until", "Columns that were added until then are no news"),
        text_column("concerns", "What is known to be wrong: a JSON object of keys by subject"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was told.

    Attributes:
        keys: What is known to be wrong.
        columns_until: Columns that were added until then are no news; None before the first time.
    """

    keys: Keys = field(default_factory=dict)
    columns_until: datetime | None = None


def keys_of(concerns: Iterable[Concern]) -> Keys:
    """By which concerns are remembered."""
    found: dict[str, set[str]] = defaultdict(set)
    for concern in concerns:
        found[concern.subject].add(concern.key)
    return {subject: frozenset(keys) for subject, keys in found.items()}


def read_told(logs: LogTables, pipeline: str) -> Told:
    """What was told of a pipeline; nothing, if it cannot be read."""
    if not logs.columns(NOTICES):
        return Told()
    for name, until, text in logs.select(NOTICES, NOTICES.column_names):
        if name == pipeline:
            with suppress(ValueError, TypeError, AttributeError):
                keys = {str(subject): frozenset(found) for subject, found in json.loads(text).items()}
                return Told(keys=keys, columns_until=until.astimezone(UTC))
    return Told()


def write_told(logs: LogTables, pipeline: str, told: Told) -> None:
    """Put it in the place of what was told before."""
    text = json.dumps({subject: sorted(keys) for subject, keys in told.keys.items()})
    logs.make(NOTICES)
    logs.delete(NOTICES, f"pipeline = {logs.literal(pipeline)}")
    logs.add(NOTICES, [{"pipeline": pipeline, "columns_until": told.columns_until, "concerns": text}])
