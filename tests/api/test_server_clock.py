"""What time it is by the server's clock."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from airmeet_source.api.server_clock import ServerClock


def date(off: timedelta) -> dict[str, str]:
    """A header that is off by a while."""
    return {"Date": format_datetime(datetime.now(UTC) + off, usegmt=True)}


@pytest.mark.parametrize(
    ("off", "is_corrected"),
    [
        (timedelta(0), False),
        (timedelta(minutes=59), False),
        (timedelta(minutes=-59), False),
        (timedelta(hours=2), True),
        (timedelta(days=-365), True),
    ],
)
def test_a_difference_of_more_than_an_hour_is_corrected(off: timedelta, is_corrected: bool) -> None:
    clock = ServerClock()
    clock.set_by(date(off))
    clock.set_by(date(timedelta(days=100)))  # the first answer counts
    now = clock.now()
    assert now is not None
    assert abs(now - datetime.now(UTC) - off) < timedelta(seconds=30)
    assert bool(clock.correction) is is_corrected


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Date": ""},
        {"Date": "yesterday"},
        {"Date": "2026-01-01T00:00:00Z"},
        {"Date": "Mon, 01 Jan 2035 00:00:00 +99999999999999999999"},
    ],
)
def test_without_a_date_no_time_is_known(headers: dict[str, str]) -> None:
    clock = ServerClock()
    clock.set_by(headers)
    assert clock.now(patience=0) is None
    assert not clock.correction


def test_a_date_without_a_zone_is_utc() -> None:
    clock = ServerClock()
    clock.set_by({"Date": "Mon, 01 Jan 2035 00:00:00 -0000"})
    now = clock.now()
    assert now is not None
    assert abs(now - datetime(2035, 1, 1, tzinfo=UTC)) < timedelta(seconds=30)
