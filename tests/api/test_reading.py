"""Units and their readings: where to ask, and in which order."""

import pytest

from airmeet_source.api.reading import Reading, Unit
from airmeet_source.resources import RESOURCES


def reading(resource: str, *ids: str) -> Reading:
    return Reading(
        unit=Unit(resource, *ids), endpoint=RESOURCES[resource].endpoint, deliver_to=resource, after=None
    )


@pytest.mark.parametrize(
    ("unit", "path"),
    [
        (("airmeets",), "/airmeets"),
        (("sessions", "e1"), "/airmeet/e1/info"),
        (("session_attendance", "e1", "s/1"), "/session/s%2F1/attendees"),
        (("booth_attendance", "e 1", "b?1"), "/airmeet/e%201/booth/b%3F1/booth-attendance"),
    ],
)
def test_ids_cannot_lead_to_another_path(unit: tuple[str, ...], path: str) -> None:
    assert reading(*unit).path == path


def test_a_restart_is_an_attempt_however_many_pages_came() -> None:
    each = reading("event_attendance", "e1")
    for restarts in range(3):
        each.begun, each.attempts = True, 0
        each.restart()
        assert (each.begun, each.attempts) == (False, restarts)
