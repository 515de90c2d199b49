"""The options of ``airmeet load``, as ``--help`` lists them."""

import argparse

from airmeet_source.cli.options import (
    add_events,
    add_lock_timeout,
    add_logging,
    add_publish,
    add_report,
    add_target,
    count,
    names,
    require_known,
)

SCHEMA_CONTRACTS = ("evolve", "freeze")
PROGRESS = ("auto", "bars", "lines", "off")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``airmeet load``, as --help lists them."""
    add_target(parser)
    _add_communities(parser.add_argument_group("several communities"))
    _add_selection(parser.add_argument_group("what"))
    _add_manner(parser.add_argument_group("how"))
    talk = parser.add_argument_group("how it talks")
    talk.add_argument(
        "--progress",
        nargs="?",
        choices=PROGRESS,
        const="bars",
        default="auto",
        help="auto (default): bars on a terminal, plain lines otherwise",
    )
    add_logging(talk)


def _add_communities(several: argparse._ArgumentGroup) -> None:
    several.add_argument(
        "--communities",
        type=names,
        default=(),
        metavar="A,B",
        help="these communities side by side, or all that are configured: all",
    )
    several.add_argument(
        "--jobs", type=count, default=4, metavar="N", help="so many of them at a time; default: %(default)s"
    )


def _add_selection(what: argparse._ArgumentGroup) -> None:
    what.add_argument("--resources", type=_resources, default=(), metavar="A,B", help="only these resources")
    what.add_argument("--exclude", type=_resources, default=(), metavar="A,B", help="all but these resources")
    add_events(what)
    what.add_argument(
        "--full-refresh",
        action="store_true",
        help="forget cursors and load all again; rows are replaced, tables are never empty in between",
    )
    what.add_argument(
        "--no-wait",
        action="store_true",
        help="leave what Airmeet is still preparing for the next run instead of waiting",
    )


def _add_manner(how: argparse._ArgumentGroup) -> None:
    how.add_argument(
        "--schema-contract",
        choices=SCHEMA_CONTRACTS,
        default="evolve",
        help="a field that the API did not send before: evolve (default) adds a column, freeze fails the run",
    )
    how.add_argument(
        "--demo", action="store_true", help="load made-up events from a sandbox API, no keys needed"
    )
    how.add_argument(
        "--new-events",
        action="store_true",
        help="the listed events belong into this dataset although it knows none of them",
    )
    how.add_argument("--no-views", action="store_true", help="leave the views for analysts as they are")
    how.add_argument("--check", action="store_true", help="prove keys, region and destination, load nothing")
    how.add_argument(
        "--plan", action="store_true", help="show what a run would fetch, fetch only the event list"
    )
    add_report(how)
    add_publish(how, "after a run that loaded, replace this snapshot of the DuckDB file for dashboards")
    add_lock_timeout(how)


def _resources(text: str) -> tuple[str, ...]:
    from airmeet_source.resources import RESOURCES  # noqa: PLC0415 - it would be a third of `--help`

    found = names(text)
    require_known("resource", found, RESOURCES)
    return found
