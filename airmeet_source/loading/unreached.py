"""Runs that are in no table, because they ended before they got to the destination.

What is known of them lies beside the working folder, until a run gets there. It decides nothing: if it is
lost, somebody is told once more, and `airmeet status` does not know of these runs.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import UsageError
from airmeet_source.loading.destinations import Target, require_pipeline_name
from airmeet_source.loading.files import replacing
from airmeet_source.loading.report import Report

_ENDING = ".unreached.json"


@dataclass(frozen=True, kw_only=True)
class Unreached:
    """Runs one after the other that did not get to the destination.

    Attributes:
        folder: Where they were started: it decides which file or server a destination is.
        since: When the first one ended, in ISO 8601, as the next.
        last: When the last one ended.
        runs: How many there were.
        exit_code: Of the last one.
        error: Why the last one failed.
        told: The kinds of errors that somebody was told of.
    """

    folder: str
    destination: str
    dataset: str
    pipeline: str
    community: str
    since: str
    last: str
    runs: int
    exit_code: int
    error: str
    told: tuple[str, ...] = ()

    @property
    def first(self) -> datetime:
        """When the first one ended."""
        return datetime.fromisoformat(self.since).astimezone(UTC)

    @property
    def newest(self) -> datetime:
        """When the last one ended."""
        return datetime.fromisoformat(self.last).astimezone(UTC)


def unreached(target: Target) -> Unreached | None:
    """What is known of such runs of a pipeline."""
    with suppress(UsageError):
        found = _read(_file(target))
        if found is not None and _is_about(found, target):
            return found
    return None


def unreached_runs(target: Target, community: str | None) -> list[Unreached]:
    """The same of all pipelines of a dataset that ran on this machine, or those of one community."""
    found = map(_read, sorted(target.working_folder.parent.glob(f"*{_ENDING}")))
    return [
        each for each in found if each and _is_about(each, target) and community in (None, each.community)
    ]


def _is_about(found: Unreached, target: Target) -> bool:
    meant = (_here(), target.destination, target.dataset_name)
    return (found.folder, found.destination, found.dataset) == meant


def _read(file: Path) -> Unreached | None:
    with suppress(OSError, ValueError, TypeError, KeyError):
        content = json.loads(file.read_text(encoding="utf-8"))
        found = Unreached(**{**content, "told": tuple(content["told"])})
        return found if found.first <= found.newest else None
    return None


def note(target: Target, report: Report, told: tuple[str, ...]) -> None:
    """Note one more; what cannot be written is lost."""
    before, now = unreached(target), datetime.now(UTC).isoformat()
    noted = Unreached(
        folder=_here(),
        destination=target.destination,
        dataset=target.dataset_name,
        pipeline=target.pipeline_name,
        community=report.community,
        since=before.since if before else now,
        last=now,
        runs=before.runs + 1 if before else 1,
        exit_code=report.exit_code,
        error=without_secrets(report.error or ""),
        told=told,
    )
    with suppress(OSError, UsageError):
        _file(target).parent.mkdir(parents=True, exist_ok=True)
        with replacing(_file(target)) as file:
            file.write(json.dumps(asdict(noted)).encode())


def forget(target: Target) -> None:
    """A run got there."""
    if unreached(target) is not None:
        with suppress(OSError):
            _file(target).unlink(missing_ok=True)


def _file(target: Target) -> Path:
    require_pipeline_name(target)  # or it would lead elsewhere
    folder = target.working_folder
    return folder.with_name(f"{folder.name}{_ENDING}")


def _here() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # somebody deleted it
        return ""
