"""What a run is asked to copy."""

from dataclasses import dataclass, field
from pathlib import Path

from airmeet_source.extract.selection import Selection
from airmeet_source.loading.destinations import Target
from airmeet_source.settings import SettingsArguments


@dataclass(frozen=True, kw_only=True)
class Order:
    """Which recordings are to be copied where; ``copy_recordings()`` describes each part."""

    to: str
    selection: Selection = field(default_factory=Selection)
    target: Target = field(default_factory=Target)
    pipeline_name: str | None = None
    lock_timeout: float = 60.0
    report: Path | None = None  # which the caller is going to write
    demo: bool = False
    settings: SettingsArguments = field(default_factory=SettingsArguments)
