"""Where the command line writes to."""

import sys

from rich.console import Console

_LINE_WIDTH = 120  # where the output is no terminal


def consoles(*, quiet: bool) -> tuple[Console, Console]:
    """Standard output, which ``quiet`` silences, and standard error."""
    out = Console(quiet=quiet, width=None if sys.stdout.isatty() else _LINE_WIDTH)
    err = Console(stderr=True, width=None if sys.stderr.isatty() else _LINE_WIDTH)
    return out, err


def print_error(console: Console, message: str) -> None:
    """An error, short, on standard error."""
    console.print("[bold red]error:[/bold red] ", end="")
    console.print(message, markup=False, highlight=False, soft_wrap=True)
