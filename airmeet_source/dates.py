"""Dates as people write them."""

from datetime import UTC, date, datetime, time

from airmeet_source.errors import UsageError


def as_utc(moment: date | str) -> datetime:
    """A time with its zone, from a date, a time or ISO 8601 text; without a zone it is UTC.

    Raises:
        UsageError: the text is no date.
    """
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            raise UsageError(f"{moment!r} is no date such as 2026-05-31") from None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
