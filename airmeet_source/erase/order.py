"""What an erasure is asked to do."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from airmeet_source.loading.destinations import Target
from airmeet_source.settings import SettingsArguments

Mentions = Literal["list", "blank"]


@dataclass(frozen=True, kw_only=True)
class Order:
    """Who is to be erased from where, and how."""

    addresses: tuple[str, ...]
    mentions: Mentions = "list"  # of them in texts of others
    dry_run: bool = False
    target: Target = field(default_factory=Target)
    pipeline_name: str | None = None  # None: that of the community
    lock_timeout: float = 60.0
    publish: Path | None = None
    publish_mode: int | None = None
    report: Path | None = None  # which the caller is going to write
    settings: SettingsArguments = field(default_factory=SettingsArguments)
