"""Where the command line writes to, and how texts of others get there."""

import sys

from rich.console import Console
from rich.text import Text

from airmeet_source.disclosure.printable import printable, printable_lines
from airmeet_source.disclosure.secrets import without_secrets

_LINE_WIDTH = 120  # where the output is no terminal


def consoles(*, quiet: bool) -> tuple[Console, Console]:
    """Standard output, which ``quiet`` silences, and standard error."""
    out = Console(quiet=quiet, width=None if sys.stdout.isatty() else _LINE_WIDTH)
    err = Console(stderr=True, width=None if sys.stderr.isatty() else _LINE_WIDTH)
    return out, err


def plain(text: str) -> Text:
    """A text that may come from outside, for a line or a cell of a table."""
    return Text(printable(without_secrets(text)))


def print_error(console: Console, message: str) -> None:
    """An error, short, on standard error."""
    console.print("[bold red]error:[/bold red] ", end="")
    print_lines(console, message)


def print_lines(console: Console, text: str) -> None:
    """A text of several lines, in which others may have had their say."""
    lines = Text(printable_lines(without_secrets(text)))
    console.print(lines, highlight=False, soft_wrap=True)
