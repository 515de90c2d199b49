"""The mailbox: messages in order, by resource, and what they weigh."""

from airmeet_source.api.mailbox import Mailbox
from airmeet_source.api.reading import Outcome, Page, Reading, Unit
from airmeet_source.resources import RESOURCES


def test_messages_are_taken_once_in_order_and_by_the_resource_they_are_for() -> None:
    mailbox = Mailbox()
    reading = Reading(
        unit=Unit("sessions", "e1"), endpoint=RESOURCES["sessions"].endpoint, deliver_to="session_attendance"
    )
    page, outcome = Page(reading, [{}] * 7), Outcome(reading, "loaded")
    mailbox.put(page)
    mailbox.put(outcome)

    assert mailbox.weight == 8
    assert mailbox.take("sessions") == []
    assert mailbox.take("session_attendance") == [page, outcome]
    assert mailbox.take("session_attendance") == []
    assert mailbox.weight == 0


def test_much_is_taken_a_part_at_a_time_and_weighs_until_then() -> None:
    mailbox = Mailbox()
    reading = Reading(unit=Unit("polls", "e1"), endpoint=RESOURCES["sessions"].endpoint, deliver_to="polls")
    pages = [Page(reading, [{}] * 10, size=375_000), Page(reading, [{}] * 600), Page(reading, [{}])]
    for page in pages:
        mailbox.put(page)

    assert mailbox.take("polls") == pages[:2]
    assert mailbox.weight == 1
    assert mailbox.take("polls") == pages[2:]
