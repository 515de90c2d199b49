"""The options of ``airmeet load``, parsed."""

import argparse
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from airmeet_source.cli.report_file import require_report_and_snapshot
from airmeet_source.cli.shared_options import SharedOptions


@dataclass(frozen=True, kw_only=True)
class LoadOptions(SharedOptions):
    """The command line, parsed."""

    communities: tuple[str, ...]
    jobs: int
    resources: tuple[str, ...]
    exclude: tuple[str, ...]
    events: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    full_refresh: bool
    no_wait: bool
    schema_contract: Literal["evolve", "freeze"]
    demo: bool
    new_events: bool
    no_views: bool
    check: bool
    plan: bool
    report: Path | None
    report_mode: int | None
    publish: Path | None
    publish_mode: int | None
    lock_timeout: float
    progress: str


def consistent(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> LoadOptions:
    """The options, if they agree with one another."""
    options = LoadOptions(**vars(parsed))
    if options.resources and options.exclude:
        parser.error("--resources and --exclude cannot be used together")
    if options.communities and (options.community or options.pipeline_name):
        parser.error("--communities chooses communities and pipelines: no --community, no --pipeline-name")
    if options.check and options.plan:
        parser.error("--check and --plan cannot be used together")
    if options.since and options.until and options.since >= options.until:
        parser.error("--since must be before --until")
    require_report_and_snapshot(parser, options, options.publish)
    return options
