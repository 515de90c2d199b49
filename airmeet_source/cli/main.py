"""The command ``airmeet``. A command is a module with ``add_options(parser)`` and ``run(parser, parsed)``.

What ``--help`` has no need of is imported later, or not at all, so that it answers at once.
"""

import argparse
import gc
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple

from airmeet_source.cli.imports import leave_out_unneeded
from airmeet_source.cli.output import safe_output
from airmeet_source.cli.parser import Parser
from airmeet_source.disclosure.credentials import learn_configuration
from airmeet_source.errors import NotInstalled


class Command(NamedTuple):
    """One command; its modules are imported when it is called.

    Attributes:
        module: where the command is.
        summary: what it does, in a line.
        options: where its options are, if they have a module of their own; it comes first.
        epilog: the last lines of its ``--help``.
        begin: called first in a program of its own.
    """

    module: str
    summary: str
    options: str = ""
    epilog: str = ""
    begin: Callable[[argparse.Namespace], None] | None = None


COMMANDS = {
    "load": Command(
        module="airmeet_source.cli.load",
        options="airmeet_source.cli.load_arguments",
        begin=leave_out_unneeded,
        summary="Load everything that is new in Airmeet into your warehouse.",
        epilog=(
            "exit codes: 0 all loaded · 1 the run failed, the last good state is kept · 2 wrong usage or "
            "configuration · 3 loaded, but some units are still pending or failed (see the last lines and "
            "table sync_log)"
        ),
    ),
    "status": Command(
        module="airmeet_source.cli.status",
        begin=leave_out_unneeded,
        summary="Say how the data in your warehouse stands, asking only the warehouse.",
        epilog=(
            "exit codes: 0 all is well · 1 nothing was loaded yet, or the warehouse cannot be reached · 2 "
            "wrong usage or configuration · 3 the newest run failed, something is pending or failed, "
            "or the newest good run is older than --max-age"
        ),
    ),
    "report": Command(
        module="airmeet_source.cli.event_report",
        summary="Show what your events brought: who registered, came and stayed, and what is still missing.",
    ),
    "push": Command(
        module="airmeet_source.cli.push",
        summary="Add people of a file or a query to an event.",
        epilog=(
            "exit codes: 0 all are in · 1 the run failed, push_log has who was sent · 2 wrong usage or "
            "configuration, or bad rows: nothing was sent · 3 some were refused, failed or left out"
        ),
    ),
    "recordings": Command(
        module="airmeet_source.cli.recordings",
        summary="Copy recordings to a folder or a bucket, before their links and files die.",
        epilog=(
            "exit codes: 0 all are copied · 1 the run failed, what was copied is whole · 2 wrong usage or "
            "configuration · 3 some recordings were not copied"
        ),
    ),
    "erase": Command(
        module="airmeet_source.cli.erase",
        summary="Take people out of every table, and keep them out from then on.",
        epilog=(
            "exit codes: 0 they are gone, or nobody was found · 1 the run failed, run it again · 2 wrong "
            "usage or configuration, or no address"
        ),
    ),
    "sandbox": Command(
        module="airmeet_source.cli.sandbox",
        summary="Serve a stand-in for the Airmeet API with made-up events, until stopped.",
    ),
}


def main() -> int:
    """The command as a program of its own, which ends with the exit code returned here."""
    words = sys.argv[1:]
    with safe_output():
        parser = Parser(prog="airmeet", description="Airmeet data in your warehouse.")
        commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
        for name, command in COMMANDS.items():
            commands.add_parser(name, help=command.summary, add_help=False)
        name = parser.parse_args(words[:1]).command
        return program(name, words[1:], prog=f"airmeet {name}")


def program(name: str, words: Sequence[str], *, prog: str) -> int:
    """One command as a program of its own."""
    with safe_output():
        try:
            exit_code = call(name, words, prog=prog, begin=COMMANDS[name].begin)
        except KeyboardInterrupt:  # before the command could prepare for it
            sys.stderr.write("error: stopped\n")
            return 128 + signal.SIGINT
        except Exception as error:  # noqa: BLE001 - Python would print all of it, secrets included
            from airmeet_source.cli.failures import unforeseen  # noqa: PLC0415 - nobody expects to need it

            sys.stderr.write(unforeseen(error))
            return 1
    gc.freeze()  # or the interpreter, as it ends, searches all that was imported for garbage
    return exit_code


def call(
    name: str, words: Sequence[str], *, prog: str, begin: Callable[[argparse.Namespace], None] | None = None
) -> int:
    """Run a command; returns its exit code.

    Args:
        name: the command.
        words: its options.
        prog: what it is called in messages.
        begin: called once its options make sense.
    """
    command = COMMANDS[name]
    parser = Parser(prog=prog, description=command.summary, epilog=command.epilog)
    with safe_output():
        learn_configuration()
        try:
            import_module(command.options or command.module).add_options(parser)
        except NotInstalled as error:
            parser.exit(error.exit_code, f"error: {error}\n")
        parsed = parser.parse_args(words)
        if begin is not None:
            begin(parsed)
        exit_code: int = import_module(command.module).run(parser, parsed)
        return exit_code
