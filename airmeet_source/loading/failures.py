"""What went wrong, as one of our errors with a short message."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from dlt.common.configuration.exceptions import ConfigFieldMissingException, ConfigurationException
from dlt.common.schema.exceptions import DataValidationError
from dlt.common.schema.typing import LOADS_TABLE_NAME, PIPELINE_STATE_TABLE_NAME, VERSION_TABLE_NAME
from dlt.pipeline.exceptions import PipelineStepFailed

from airmeet_source.disclosure.exceptions import chain, without_originals
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.disclosure.words import of_driver, of_server
from airmeet_source.errors import AirmeetError, FieldRefused, LoadFailed, UsageError
from airmeet_source.model.table import all_columns
from airmeet_source.model.tables import TABLES

_RUN_AGAIN = "The last good state is kept: mend the cause and run again."
_STEPS = {
    "sync": (
        "The destination cannot be opened: ",
        "Are its address and credentials right? Mend them and prove them with --check.",
    )
}
_FROZEN = (
    "Airmeet sent the field {cause.column_name} for table {cause.table_name}, which has no such column, and "
    "the schema is frozen.\nNothing of it was loaded. Run once with --schema-contract evolve to add it."
)
# what may stand in quotation marks in a message of a database; anything else may come from a row
_NAMES = frozenset(
    [
        *(LOADS_TABLE_NAME, PIPELINE_STATE_TABLE_NAME, VERSION_TABLE_NAME, *TABLES),
        *(column.name for table in TABLES.values() for column in all_columns(table)),
    ]
)
# libpq's words before any row is on its way, with host, port and role in quotation marks
_CONNECTING = re.compile(
    r"(?:[A-Z]+: )?(?:\[libpq\] )?(?:Failed to connect: )?"
    r"(?:connection to server (?:at|on) |could not (?:connect to server|translate host name))"
)
_KINDS_OF_NAMES = ("schema_name", "table_name", "column_name", "datatype_name", "constraint_name")
_NO_WORDS = "no further information"
_HOW_TO_CONFIGURE = "Set DESTINATION__<NAME>__CREDENTIALS, or fill in .dlt/secrets.toml."


@contextmanager
def in_our_words() -> Iterator[None]:
    """Let nothing but our own errors out.

    dlt wraps what our generators raise. Its own errors and those of drivers may quote a request, a row or a
    connection string: neither the message nor what is kept as the cause does.

    Raises:
        AirmeetError: what went wrong.
        KeyboardInterrupt: somebody stopped it.
    """
    try:
        try:
            yield
        except Exception as error:
            for cause in chain(error):
                if cause is error and isinstance(cause, AirmeetError):
                    raise
                if isinstance(cause, AirmeetError | KeyboardInterrupt):
                    raise cause from None
            raise _explained(error) from error
    except AirmeetError as error:
        without_originals(error, _told_of_a_cause)
        raise


@contextmanager
def opening() -> Iterator[None]:
    """Say of whatever goes wrong that the destination cannot be opened.

    Raises:
        AirmeetError: what went wrong.
    """
    try:
        yield
    except (AirmeetError, ConfigurationException):
        raise
    except Exception as error:
        what, advice = _STEPS["sync"]
        raise LoadFailed(
            f"{what}{type(error).__name__}: {of_server(str(error)) or _NO_WORDS}\n{advice}"
        ) from error


def _explained(error: Exception) -> AirmeetError:
    causes = list(chain(error))
    for cause in causes:
        if isinstance(cause, DataValidationError):
            return FieldRefused(_FROZEN.format(cause=cause))
        if isinstance(cause, ConfigFieldMissingException):
            missing = ", ".join(sorted(cause.fields))
            return UsageError(f"The destination is not configured: {missing} missing. {_HOW_TO_CONFIGURE}")
        if isinstance(cause, ConfigurationException):
            return UsageError(f"The configuration makes no sense: {of_server(str(cause)) or _NO_WORDS}")
    step = next((cause.step for cause in causes if isinstance(cause, PipelineStepFailed)), None)
    what, advice = _STEPS.get(step or "", (f"The {step} step failed: " if step else "", _RUN_AGAIN))
    innermost = causes[-1]
    said = told(str(innermost), _named_by(innermost))
    return LoadFailed(f"{what}{type(innermost).__name__}: {said}\n{advice}")


def told(words: str, names: frozenset[str] = frozenset()) -> str:
    """What may be told of the words of dlt, a library or a driver, which may be about a row.

    Args:
        words: the message.
        names: of tables, columns and the like that are not ours, but may be told.
    """
    said = of_server(words) if _CONNECTING.match(words) else of_driver(words, _NAMES | names)
    return said or _NO_WORDS


def _named_by(error: BaseException) -> frozenset[str]:
    """The names that Postgres gives apart from its message: somebody's constraint or column, but no value."""
    diagnostics = getattr(error, "diag", None)
    return frozenset(filter(None, (getattr(diagnostics, kind, None) for kind in _KINDS_OF_NAMES)))


def _told_of_a_cause(error: BaseException) -> str:
    return without_secrets(str(error)) if isinstance(error, AirmeetError) else told(str(error))
