"""What is logged, on standard error: one record is one line, for people or as JSON."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from airmeet_source.cli.console import print_error, print_lines
from airmeet_source.disclosure.exceptions import retold, traced
from airmeet_source.disclosure.printable import printable
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.disclosure.words import of_driver

_OURS = "airmeet_source"
_FACTS = "facts"  # the attribute of a record with what its JSON says beside the message
# what they say is for who looks for a mistake in the connector
_FOR_DEVELOPERS = ("dlt", "urllib3")


class LogLines(logging.Handler):
    """Writes records to what is standard error at the time, also those of dlt.

    Attributes:
        run_id: The run that is under way, once it is known; in each line of JSON.
        community: Whose run it is, if there are several; likewise.
    """

    def __init__(self, console: Console, *, as_json: bool, everything: bool = False) -> None:
        super().__init__()
        self.console = console
        self.as_json = as_json
        self.run_id: str | None = None
        self.community: str | None = None
        if not everything:
            self.addFilter(_is_for_users)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            line = Text(self._json_line(record) if self.as_json else _plain_line(record))
            self.console.print(line, soft_wrap=True, highlight=False)
        except Exception:  # noqa: BLE001 - as all handlers have it
            self.handleError(record)

    def _json_line(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC)
        content = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": printable(_message(record)),
            "run_id": self.run_id,
            **({"community": self.community} if self.community else {}),
            **getattr(record, _FACTS, {}),
        }
        if trace := _traceback(record):
            content["traceback"] = trace
        return json.dumps(_discreet(content))

    def say(self, level: int, message: str, **facts: Any) -> None:
        """Write a line whatever the level of the log is; ``facts`` are for those who read JSON."""
        extra = {_FACTS: facts}
        record = logging.getLogger(_OURS).makeRecord(_OURS, level, "", 0, message, (), None, extra=extra)
        self.emit(record)


def tell_error(lines: LogLines, message: str, trace: str = "") -> None:
    """An error that ends the command, in the form of the log; as text, its line breaks stay."""
    if lines.as_json:
        lines.say(logging.ERROR, message, **({"traceback": trace} if trace else {}))
        return
    if trace:
        print_lines(lines.console, trace)
    print_error(lines.console, message)


def _is_for_users(record: logging.LogRecord) -> bool:
    """Our own records, and what other packages have to complain about."""
    package = record.name.partition(".")[0]
    least = logging.CRITICAL if package in _FOR_DEVELOPERS else logging.WARNING
    return package == _OURS or record.levelno >= least


def _plain_line(record: logging.LogRecord) -> str:
    time = datetime.fromtimestamp(record.created, UTC)
    parts = [f"{time:%Y-%m-%d %H:%M:%S} UTC {record.levelname} {_message(record)}", _traceback(record)]
    return printable(without_secrets(" ".join(filter(None, parts))))


def _message(record: logging.LogRecord) -> str:
    said = record.getMessage()
    if record.levelno >= logging.WARNING and record.name.partition(".")[0] != _OURS:
        return of_driver(said, ())  # dlt quotes databases, and these quote rows
    return said


def _traceback(record: logging.LogRecord) -> str:
    if record.exc_info and record.exc_info[1] is not None:
        return traced(retold(record.exc_info[1], lambda error: of_driver(str(error), ())))
    return record.exc_text or ""


def _discreet(content: Any) -> Any:
    """The content with no secret in any of its texts."""
    if isinstance(content, Mapping):
        return {name: _discreet(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_discreet(value) for value in content]
    return without_secrets(content) if isinstance(content, str) else content
