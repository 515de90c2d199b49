"""``airmeet load``: load everything that is new in Airmeet into a warehouse."""

import argparse

from airmeet_source.cli.environment import prepare
from airmeet_source.cli.imports import staying
from airmeet_source.cli.load_options import consistent


def run(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    """Run the command; returns the exit code that --help lists."""
    options = consistent(parser, parsed)
    lines = prepare(options)
    if options.communities:
        from airmeet_source.cli.communities import execute_all  # noqa: PLC0415 - as below

        return execute_all(options, lines)
    with staying():
        from airmeet_source.cli.running import execute  # noqa: PLC0415 - dlt takes most of a second to import

    return execute(options, lines)
