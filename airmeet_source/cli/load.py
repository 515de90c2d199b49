"""Load everything that is new in Airmeet into a warehouse. ``python pipelines/run.py --help`` tells more."""

import gc
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import Console

from airmeet_source.cli.options import Options, parse

if TYPE_CHECKING:
    import dlt

    from airmeet_source.cli.summary import Run

DEMO_PREPARING = 1.0  # seconds until the sandbox has prepared an asynchronous result
LINE_WIDTH = 120  # where the output is no terminal


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code that the README lists."""
    options = parse(arguments)
    # set before dlt is imported, to hold in any working directory, also without our .dlt/config.toml
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    # rows are Parquet wherever the destination takes it; dlt's state, which is not, is compressed already
    os.environ.setdefault("DATA_WRITER__DISABLE_COMPRESSION", "true")
    # our handler lets a load finish and then stops; dlt's would drop the package, or swallow the signal
    os.environ["RUNTIME__INTERCEPT_SIGNALS"] = "false"
    # dlt logs the traceback of each failed job; unless INFO or DEBUG is asked for, our last line has to do
    talkative = options.log_level in ("INFO", "DEBUG")
    os.environ["RUNTIME__LOG_LEVEL"] = options.log_level if talkative else "CRITICAL"
    level = "ERROR" if options.quiet else options.log_level
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=level)

    from airmeet_source.cli.failures import FAILED, explain  # noqa: PLC0415 - dlt takes a second to import, --help should not
    from airmeet_source.cli.summary import Run, print_error, report, write_report  # noqa: PLC0415
    from airmeet_source.loading.allocator import give_back_large_blocks  # noqa: PLC0415

    give_back_large_blocks()
    run = Run(options)
    out = Console(quiet=options.quiet, width=None if sys.stdout.isatty() else LINE_WIDTH)
    err = Console(stderr=True, width=None if sys.stderr.isatty() else LINE_WIDTH)
    try:
        run.exit_code = _execute(run, out, err)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - every end of a run is told and reported
        run.exit_code, run.error = explain(error, run.extraction)
        print_error(err, run.error)
        if options.log_level == "DEBUG":
            err.print_exception()
    if options.report:
        try:
            write_report(options.report, report(run))
        except OSError as error:
            run.exit_code = run.exit_code or FAILED
            print_error(err, f"The report cannot be written to {options.report}: {error.strerror}")
    return run.exit_code


def _execute(run: "Run", out: Console, err: Console) -> int:
    from airmeet_source.cli.inspection import check, plan  # noqa: PLC0415
    from airmeet_source.cli.progress import shown  # noqa: PLC0415
    from airmeet_source.cli.signals import stopping_cleanly  # noqa: PLC0415
    from airmeet_source.cli.summary import print_note, print_summary, report  # noqa: PLC0415
    from airmeet_source.extract.extraction import Extraction  # noqa: PLC0415
    from airmeet_source.extract.package import Checkpoint  # noqa: PLC0415
    from airmeet_source.extract.selection import Selection  # noqa: PLC0415
    from airmeet_source.loading.load import (  # noqa: PLC0415
        build_pipeline,
        drop_unfinished_packages,
        load,
        resource_states,
        select,
    )
    from airmeet_source.loading.locking import destination_held, only_run  # noqa: PLC0415
    from airmeet_source.loading.publishing import publish, require_publishable  # noqa: PLC0415
    from airmeet_source.settings import resolve_settings  # noqa: PLC0415

    options = run.options
    with ExitStack() as stack:
        settings = resolve_settings(**(stack.enter_context(_demo(out)) if options.demo else {}))
        selection = Selection(
            frozenset(options.events) or None,
            options.since,
            options.until,
            options.full_refresh,
            not options.no_wait,
        )
        extraction = Extraction(settings, selection, checkpoint=Checkpoint(), demo=options.demo)
        run.extraction = extraction
        stack.callback(extraction.close)
        source = select(extraction, options)
        pipeline = build_pipeline(options)
        hold = partial(destination_held, pipeline, options.lock_timeout, partial(print_note, err))
        if options.check:
            check(out, pipeline, extraction, hold)
            return 0
        if options.publish:
            require_publishable(pipeline, options.publish)
        stack.enter_context(only_run(pipeline))
        stack.enter_context(stopping_cleanly(extraction))
        extraction.ask_for_events()  # it comes while the destination is looked at
        with hold():
            drop_unfinished_packages(pipeline)
            pipeline.sync_destination()
        _refuse_to_mix(pipeline, options)
        if options.plan:
            plan(out, extraction, resource_states(pipeline), set(source.selected_resources))
            return 0
        with shown("off" if options.quiet else options.progress, err, extraction):
            load(pipeline, source, extraction, hold)
        run.exit_code = 3 if extraction.log.tally.problems else 0
        print_summary(out, report(run), _where(pipeline))
        if options.publish:
            with hold():
                publish(pipeline, options.publish)
        if extraction.error is not None:
            raise extraction.error
        return run.exit_code


@contextmanager
def _demo(out: Console) -> Iterator[dict[str, Any]]:
    """Run the sandbox API; yields the settings to reach it."""
    from airmeet_source.api.regions import Api  # noqa: PLC0415
    from airmeet_source.errors import UsageError  # noqa: PLC0415
    from airmeet_source.settings import resolve_settings  # noqa: PLC0415

    try:
        from airmeet_sandbox import Sandbox, World  # noqa: PLC0415
        from airmeet_sandbox.phases import QUARTER_HOUR  # noqa: PLC0415
    except ImportError as missing:
        raise UsageError(
            f'--demo needs packages that are not installed ({missing.name}): pip install -e ".[demo]"'
        ) from None
    # events start on the quarter of an hour: a world that begins on one has the same rows at any time of day
    began = datetime.fromtimestamp(time.time() // QUARTER_HOUR * QUARTER_HOUR, UTC)
    with Sandbox(World(seed=7, events=12, now=began), prepare_seconds=DEMO_PREPARING) as sandbox:
        out.print("[cyan]Demo:[/cyan] made-up events from a sandbox of the Airmeet API on this machine.")
        demo = {
            "pending_wait": DEMO_PREPARING,
            "access_key": sandbox.access_key,
            "secret_key": sandbox.secret_key,
            "base_url": sandbox.base_url,
        }
        legacy = resolve_settings(**demo).api is Api.LEGACY
        yield {**demo, "base_url": sandbox.legacy_base_url} if legacy else demo


def _refuse_to_mix(pipeline: "dlt.Pipeline", options: Options) -> None:
    """Made-up events and real ones must not end up in one dataset."""
    from airmeet_source.errors import UsageError  # noqa: PLC0415

    state = pipeline.state.get("sources", {}).get("airmeet", {})
    if state and state.get("demo", False) is not options.demo:
        held, wanted = ("real", "the demo's") if options.demo else ("the demo's", "real")
        raise UsageError(
            f"Dataset {pipeline.dataset_name} of pipeline {pipeline.pipeline_name} holds {held} events, "
            f"and you are about to load {wanted} ones.\nChoose another --dataset and --pipeline-name, "
            "or remove the DuckDB file and the pipeline's working folder."
        )


def _where(pipeline: "dlt.Pipeline") -> str:
    from airmeet_source.loading.locking import duckdb_file, is_duckdb  # noqa: PLC0415

    name = pipeline.destination.destination_name or ""
    file = f" file {duckdb_file(pipeline)}" if is_duckdb(pipeline) else ""
    return f"{name}{file}, dataset {pipeline.dataset_name}"


def run() -> int:
    """The command line as a program of its own, which ends with the exit code returned here."""
    exit_code = main()
    gc.freeze()  # or the interpreter, as it ends, searches all that was imported for garbage
    return exit_code
