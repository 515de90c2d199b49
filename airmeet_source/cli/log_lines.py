"""What is logged, on standard error: one record is one line."""

import logging
import sys
from typing import Any, TextIO

from airmeet_source.disclosure.exceptions import retold, traced
from airmeet_source.disclosure.printable import printable
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.disclosure.words import of_driver

_OURS = "airmeet_source"
_FORMAT = "%(asctime)s %(levelname)s %(message)s"


class LogLines(logging.StreamHandler[TextIO]):
    """Writes records to what is standard error at the time, also those of dlt."""

    def __init__(self) -> None:
        super().__init__()
        self._one_line = _OneLine(_FORMAT)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        self.stream = sys.stderr
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record, whatever formatter dlt has set."""
        return self._one_line.format(record)


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return printable(without_secrets(super().format(record)))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        if record.levelno >= logging.WARNING and not record.name.startswith(_OURS):
            record.message = of_driver(record.message, ())  # dlt quotes databases, and these quote rows
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return traced(retold(ei[1], lambda error: of_driver(str(error), ())))
