"""Log records of any logger, without secrets."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

from airmeet_source.disclosure.secrets import without_secrets

_MARK = "_airmeet_keeps_secrets"


def keep_secrets_out_of_records() -> None:
    """From now on, no log record of this process holds a secret in use, whoever writes it and where to.

    Handlers are the user's, and those loggers of `urllib3` and dlt are handed addresses as they are.
    """
    make = logging.getLogRecordFactory()
    if not hasattr(make, _MARK):
        logging.setLogRecordFactory(_discreet(make))


def _discreet(make: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make_discreet(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = make(*arguments, **named)
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - logging would print the arguments as they are
            message = f"{record.msg} {record.args}"
        told = without_secrets(message)
        if told != message:
            record.msg, record.args = told, None
        if record.exc_info and record.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*record.exc_info))
            told = without_secrets(text)
            if told != text:
                record.exc_info, record.exc_text = None, told.rstrip("\n")
        return record

    setattr(make_discreet, _MARK, True)
    return make_discreet
