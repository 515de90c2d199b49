"""Mailbox: what the threads have brought, by the resource that will take it over on dlt's thread."""

from collections import defaultdict, deque

from airmeet_source.api.reading import Message, Page

_RECORD = 1_000  # bytes: larger ones weigh more than one


class Mailbox:
    """Messages that wait to be taken over. The scheduler's lock guards it."""

    def __init__(self) -> None:
        self._messages: dict[str, deque[Message]] = defaultdict(deque)
        self.weight = 0  # records in it, or as many as would be as large; other messages weigh as much as one

    def put(self, message: Message) -> None:
        """Add a message for the resource that its unit is read for."""
        self._messages[message.reading.deliver_to].append(message)
        self.weight += _weight(message)

    def take(self, resource: str) -> list[Message]:
        """Everything that has come for a resource, in order."""
        waiting = self._messages[resource]
        taken = list(waiting)
        waiting.clear()
        self.weight -= sum(map(_weight, taken))
        return taken


def _weight(message: Message) -> int:
    return max(len(message.records), message.size // _RECORD) if isinstance(message, Page) else 1
