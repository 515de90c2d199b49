"""What went wrong, in one short message and an exit code."""

import signal
from collections.abc import Iterator

from dlt.common.configuration.exceptions import ConfigFieldMissingException, ConfigurationException
from dlt.common.schema.exceptions import DataValidationError
from dlt.pipeline.exceptions import PipelineStepFailed

from airmeet_source.api.answers import clean
from airmeet_source.errors import AirmeetError, Interrupted
from airmeet_source.extract.extraction import Extraction

FAILED, MISUSED = 1, 2


def explain(error: BaseException, extraction: Extraction | None) -> tuple[int, str]:
    """The exit code and the message for an exception that ended the run.

    The message never holds the cause's own text in full: that may quote a request or a connection string.
    """
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, KeyboardInterrupt):
            first = extraction.error if extraction is not None else None
            stopped = first if isinstance(first, Interrupted) else Interrupted(signal.SIGINT)
            return stopped.exit_code, str(stopped)
        if isinstance(cause, AirmeetError):
            return cause.exit_code, str(cause)
        if isinstance(cause, DataValidationError):
            return FAILED, _FROZEN.format(cause=cause)
        if isinstance(cause, ConfigFieldMissingException):
            missing = ", ".join(sorted(cause.fields))
            return MISUSED, f"The destination is not configured: {missing} missing. {_HOW_TO_CONFIGURE}"
        if isinstance(cause, ConfigurationException):
            return MISUSED, f"The configuration makes no sense: {_words(cause)}"
    step = next((cause.step for cause in chain if isinstance(cause, PipelineStepFailed)), None)
    what, advice = _STEPS.get(step or "", (f"The {step} step failed: " if step else "", _RUN_AGAIN))
    innermost = chain[-1]
    said = f"{what}{type(innermost).__name__}: {_words(innermost)}"
    return FAILED, f"{said}\n{advice} --log-level DEBUG shows where it happened."


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
