"""Mailbox: what the threads have brought, by the resource that will take it over on dlt's thread."""

from collections import defaultdict, deque

from airmeet_source.api.reading import Message, Page

_RECORD = 250  # bytes of an answer: larger ones weigh more than one; as objects they take many times that
_AT_A_TIME = 2_000  # records: who takes them over holds them, and may stop


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
        """What has come for a resource, in order; if it is much, only the first part."""
        waiting = self._messages[resource]
        taken: list[Message] = []
        weight = 0
        while waiting and weight < _AT_A_TIME:
            taken.append(waiting.popleft())
            weight += _weight(taken[-1])
        self.weight -= weight
        return taken


def _weight(message: Message) -> int:
    return max(len(message.records), message.size // _RECORD) if isinstance(message, Page) else 1
