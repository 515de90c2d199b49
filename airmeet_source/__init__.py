"""Airmeet -> warehouse: a dlt source with one resource per endpoint of the Airmeet API.

``load()`` loads everything that is due and looks after what makes a load safe; ``pipeline.run(airmeet())`` is
for those who run dlt themselves. See the README for the tables, the settings and the command line.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from airmeet_source.errors import (
    AirmeetError,
    AlreadyRunning,
    EventListFailed,
    FieldRefused,
    FileInUse,
    FileTaken,
    Interrupted,
    KeysRefused,
    KeysRevoked,
    LoadFailed,
    LookUpFailed,
    NotInstalled,
    PeopleMissing,
    TooManyFailures,
    UnitsMissing,
    Unreachable,
    UsageError,
)

if TYPE_CHECKING:
    from airmeet_source.extract.sync_log import Problem
    from airmeet_source.loading.load import load
    from airmeet_source.loading.report import Report
    from airmeet_source.source import airmeet, problems

__all__ = [
    "AirmeetError",
    "AlreadyRunning",
    "EventListFailed",
    "FieldRefused",
    "FileInUse",
    "FileTaken",
    "Interrupted",
    "KeysRefused",
    "KeysRevoked",
    "LoadFailed",
    "LookUpFailed",
    "NotInstalled",
    "PeopleMissing",
    "Problem",
    "Report",
    "TooManyFailures",
    "UnitsMissing",
    "Unreachable",
    "UsageError",
    "airmeet",
    "load",
    "problems",
]

# dlt takes most of a second to import: what needs it is imported when it is first asked for
_ON_DEMAND = {
    "Problem": "airmeet_source.extract.sync_log",
    "Report": "airmeet_source.loading.report",
    "airmeet": "airmeet_source.source",
    "load": "airmeet_source.loading.load",
    "problems": "airmeet_source.source",
}


def __getattr__(name: str) -> Any:
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ON_DEMAND[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
