"""Listing: which events there are, which recordings they have, and a fresh link to one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from airmeet_source.api.looking_up import read_list
from airmeet_source.api.reading import Unit
from airmeet_source.api.scheduler import NOT_SENDABLE
from airmeet_source.errors import EventListFailed, LookUpFailed
from airmeet_source.extract.connection import Connection
from airmeet_source.extract.lifecycle import Event
from airmeet_source.extract.selection import Selection, require_listed
from airmeet_source.fields import Record, pick, to_text
from airmeet_source.recordings.recording import Recording
from airmeet_source.resources import AIRMEETS, RESOURCES


class Lists:
    """Airmeet's lists, asked for over a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def events(self, selection: Selection) -> list[Event]:
        """The events that are asked for and have begun, so that they may have recordings.

        Raises:
            EventListFailed: the list cannot be read.
            UsageError: an event that is asked for is not in it.
        """
        endpoint = AIRMEETS.endpoint
        try:
            records = read_list(self._connection, endpoint, endpoint.path, endpoint.paging.pages())
        except LookUpFailed as error:
            raise EventListFailed(f"The event list cannot be read: {error}") from None
        found = (Event.of(record) for record in records if isinstance(record, dict))
        events = {event.airmeet_id: event for event in found if event is not None}
        require_listed(selection.airmeet_ids or (), events)
        now = datetime.now(UTC)
        return [event for event in events.values() if selection.includes(event) and event.has_started(now)]

    def recordings(self, airmeet_id: str) -> list[Recording]:
        """The recordings of an event, with fresh links and without paths; none if the plan has none.

        Raises:
            LookUpFailed: the list cannot be read.
        """
        if not Unit("session_recordings", airmeet_id).is_sendable:
            raise LookUpFailed(NOT_SENDABLE)
        endpoint = RESOURCES["session_recordings"].endpoint
        path = endpoint.path.format(airmeet_id=quote(airmeet_id, safe=""))
        try:
            records = read_list(self._connection, endpoint, path, endpoint.paging.pages())
        except LookUpFailed as error:
            if not error.is_of_the_plan:
                raise
            records = []
        return list(_recordings(airmeet_id, records))

    def fresh_link(self, recording: Recording) -> str:
        """A new link to a recording.

        Raises:
            LookUpFailed: there is none.
        """
        # with `sessionIds` its counts would be those of a longer list
        for each in self.recordings(recording.airmeet_id):
            if (each.session_id, each.number) == (recording.session_id, recording.number):
                return each.link
        raise LookUpFailed("Airmeet does not list the recording any more")


def _recordings(airmeet_id: str, records: Sequence[object]) -> Iterator[Recording]:
    numbers: dict[str | None, int] = {}
    for record in records:
        if not isinstance(record, dict):
            continue
        session_id = _text(record, "session_id") or None
        numbers[session_id] = numbers.get(session_id, 0) + 1
        yield Recording(
            airmeet_id=airmeet_id,
            session_id=session_id,
            session_name=_text(record, "session_name"),
            number=numbers[session_id],
            link=_text(record, "download_link").strip(),
        )


def _text(record: Record, name: str) -> str:
    value = pick(record, name)
    return "" if value is None else to_text(value)
