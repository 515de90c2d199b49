"""What a push is asked to do."""

from dataclasses import dataclass, field
from pathlib import Path

from airmeet_source.api.writing import Action
from airmeet_source.loading.destinations import Target
from airmeet_source.push.query import Query
from airmeet_source.push.sheet import Sheet
from airmeet_source.settings import SettingsArguments


@dataclass(frozen=True, kw_only=True)
class Order:
    """Who is to be sent where, and how; ``push()`` describes each part."""

    event: str | None
    people: Path | Query | Sheet | None  # None: those of the demo
    action: Action = "register"
    invites: bool = False
    dry_run: bool = False
    skip_bad: bool = False
    target: Target = field(default_factory=Target)
    pipeline_name: str | None = None
    lock_timeout: float = 60.0
    entry_links: Path | None = None
    report: Path | None = None  # which the caller is going to write
    demo: bool = False
    settings: SettingsArguments = field(default_factory=SettingsArguments)
