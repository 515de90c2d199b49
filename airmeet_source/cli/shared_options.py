"""The options that all commands have, parsed."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SharedOptions:
    """Where to, and how to talk."""

    destination: str
    dataset: str
    community: str | None
    pipeline_name: str | None
    pipelines_dir: str | None
    log_level: str
    log_format: str
    quiet: bool
