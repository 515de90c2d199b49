"""What others say, in a form that may stand in a message: short, on one line, without secrets and people."""

import re
from collections.abc import Container

from airmeet_source.disclosure.printable import printable
from airmeet_source.disclosure.secrets import HIDDEN, without_secrets

_LONGEST = 200  # characters
_READ = 10_000  # characters: nobody's first sentence is longer

# entry links and tokens of people, which nobody can know beforehand; whom to write to or to call
_PRIVATE = (
    r"(?:https?://|www\.)\S+"
    r"|(?<!\S)\S*@\S*"
    r"|(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{24,}(?:\.[A-Za-z0-9_-]+)*"
    r"|\beyJ[A-Za-z0-9_.-]+"
    r"|\+?\d(?:[ ()/.-]{0,3}\d){6,}"
)
_PASTED = r"[\[{<]"  # how JSON and markup begin
_USER_INFO = r"(?<!\S)(?=\S*@)[^\s/@]*:\S*@"  # of half an address
_DETAILS = r"(?m)^\s*(?:DETAIL|CONTEXT|HINT|QUERY|STATEMENT|WHERE|LINE \d+) ?:"
_QUOTATION_MARK = r"(?<!\w)['\u2018]|[\"\u201c\u201d]|['\u2019](?!\w)"
_ECHO = (
    r"(?i)\b(failed to cast value|could not cast value|with value|invalid value|value(?=:)|row contains):? .*"
)


def of_api(text: str) -> str:
    """The words of a server that is asked over HTTP: a sentence, but nothing that it quotes or pastes."""
    said = printable(re.split(_PASTED, without_secrets(text[:_READ]))[0])
    return _short(_without_quotations(re.sub(_PRIVATE, HIDDEN, said), ()), is_cut=len(text) > _READ)


def of_server(text: str) -> str:
    """The words of a destination that cannot be reached or opened, before any row is on its way."""
    return _short(_first_line(text), is_cut=len(text) > _READ)


def of_driver(text: str, names: Container[str]) -> str:
    """The words of a database or its driver, without the values that these like to echo.

    Args:
        text: the message of the error.
        names: tables and columns, which may stay in quotation marks.
    """
    said = re.sub(_ECHO, rf"\1 {HIDDEN}", _without_quotations(_first_line(text), names))
    return _short(said, is_cut=len(text) > _READ)


def _first_line(text: str) -> str:
    said = re.split(_DETAILS, without_secrets(text[:_READ]))[0].strip()
    return re.sub(_USER_INFO, f"{HIDDEN}@", printable(said.partition("\n")[0]))


def _without_quotations(line: str, names: Container[str]) -> str:
    """The line without what stands in quotation marks.

    A value may hold such marks itself, so everything from the first to the last one goes, unless all that is
    quoted are names.
    """
    marks = [found.start() for found in re.finditer(_QUOTATION_MARK, line)]
    if not marks:
        return line
    inner = [line[start + 1 : end] for start, end in zip(marks[::2], marks[1::2], strict=False)]
    if len(marks) % 2 == 0 and all(name in names for name in inner):
        return line
    end = marks[-1] + 1 if len(marks) > 1 else len(line)
    return f"{line[: marks[0]]}{HIDDEN}{line[end:]}"


def _short(line: str, *, is_cut: bool) -> str:
    line = " ".join(line.split())
    # what was cut off in its middle may end with half a secret
    return "" if is_cut and len(line) < _LONGEST else line[:_LONGEST]
