"""What went wrong, as one of our errors with a short message."""

from collections.abc import Iterator
from contextlib import contextmanager

from dlt.common.configuration.exceptions import ConfigFieldMissingException, ConfigurationException
from dlt.common.schema.exceptions import DataValidationError
from dlt.pipeline.exceptions import PipelineStepFailed

from airmeet_source.api.answers import clean
from airmeet_source.errors import AirmeetError, FieldRefused, LoadFailed, UsageError

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
_HOW_TO_CONFIGURE = "Set DESTINATION__<NAME>__CREDENTIALS, or fill in .dlt/secrets.toml."


@contextmanager
def in_our_words() -> Iterator[None]:
    """Let nothing but our own errors out.

    dlt wraps what our generators raise; of its own errors the message never holds the text in full, which may
    quote a request or a connection string.

    Raises:
        AirmeetError: what went wrong.
        KeyboardInterrupt: somebody stopped it.
    """
    try:
        yield
    except Exception as error:
        for cause in _chain(error):
            if cause is error and isinstance(cause, AirmeetError):
                raise
            if isinstance(cause, AirmeetError | KeyboardInterrupt):
                raise cause from None
        raise _explained(error) from error


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
        raise LoadFailed(f"{what}{type(error).__name__}: {_words(error)}\n{advice}") from error


def _explained(error: Exception) -> AirmeetError:
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, DataValidationError):
            return FieldRefused(_FROZEN.format(cause=cause))
        if isinstance(cause, ConfigFieldMissingException):
            missing = ", ".join(sorted(cause.fields))
            return UsageError(f"The destination is not configured: {missing} missing. {_HOW_TO_CONFIGURE}")
        if isinstance(cause, ConfigurationException):
            return UsageError(f"The configuration makes no sense: {_words(cause)}")
    step = next((cause.step for cause in chain if isinstance(cause, PipelineStepFailed)), None)
    what, advice = _STEPS.get(step or "", (f"The {step} step failed: " if step else "", _RUN_AGAIN))
    innermost = chain[-1]
    return LoadFailed(f"{what}{type(innermost).__name__}: {_words(innermost)}\n{advice}")


def _words(error: BaseException) -> str:
    return clean(str(error)) or "no further information"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, outermost first."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
