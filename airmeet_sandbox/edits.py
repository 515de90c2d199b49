"""Changing the records of any endpoint."""

from typing import Any, Final

from airmeet_sandbox.collection import Collection, Record
from airmeet_sandbox.event import UnknownIdError
from airmeet_sandbox.people import Person
from airmeet_sandbox.seeds import mix
from airmeet_sandbox.state import WorldState, declaration, locked

_NEWCOMERS: Final = 2_000_000_000
_NAMES_OF_A_ROW: Final = ("email", "user_id", "uid")

Which = int | str
"""A row: its place among the records (from 0, or from -1 backwards), or an e-mail, user id or booth id."""


class EditableWorld(WorldState):
    """A world whose records can be replaced, added to, changed and removed, whatever they mean."""

    _newcomers = 0

    @locked
    def put(self, event: str | None, endpoint: str, records: list[Any], child: str | None = None) -> None:
        """Replace all records of an endpoint by any JSON, also NaN, huge numbers and lone surrogates."""
        put = Collection.of(records, raw=True)
        if declaration(endpoint).rows is None:
            self._put_airmeets = put
        elif event is None:
            raise UnknownIdError("no event")
        else:
            self.event(event).collections[endpoint, child] = put

    @locked
    def append(self, endpoint: str, event: str, record: object, child: str | None = None) -> None:
        """Add a record as it is."""
        self.collection(endpoint, self.event(event), child).append(record, self.clock.timestamp())

    @locked
    def update(
        self, endpoint: str, event: str, which: Which, child: str | None = None, **fields: object
    ) -> None:
        """Change fields of a record."""
        rows, now = self.collection(endpoint, self.event(event), child), self.clock.timestamp()
        position = self._position(endpoint, event, which, child)
        (record,) = rows.slice(position, position + 1, now)
        rows.replace(position, {**record, **fields}, now)

    @locked
    def remove(self, endpoint: str, event: str, which: Which, child: str | None = None) -> None:
        """Take a record away."""
        position = self._position(endpoint, event, which, child)
        self.collection(endpoint, self.event(event), child).remove(position, self.clock.timestamp())

    def _position(self, endpoint: str, event: str, which: Which, child: str | None) -> int:
        rows, now = self.collection(endpoint, self.event(event), child), self.clock.timestamp()
        count = rows.count(now)
        if isinstance(which, int):
            if not -count <= which < count:
                raise UnknownIdError(f"{endpoint} has {count} rows, none at {which}")
            return which % count
        for position, record in enumerate(rows.slice(0, count, now)):
            if isinstance(record, dict) and which in {record.get(name) for name in _NAMES_OF_A_ROW}:
                return position
        raise UnknownIdError(which)

    def _with_next_id(self, endpoint: str, event: str, child: str | None, row: Record) -> Record:
        rows = self.collection(endpoint, self.event(event), child)
        return {**row, "id": rows.next_id(self.clock.timestamp())} if not row.get("id") else row

    def _next(self) -> int:
        self._newcomers += 1
        return mix(self.seed ^ mix(self._newcomers))

    def _newcomer(self) -> Person:
        self._newcomers += 1
        return self._maker.community.person(_NEWCOMERS + self._newcomers)

    def _somebody(self, event: str) -> Record:
        """One of the participants, or somebody new if there are none."""
        rows, now = self.collection("participants", self.event(event)), self.clock.timestamp()
        count = rows.count(now)
        record = rows.slice(at := self._next() % count, at + 1, now)[0] if count else None
        if not isinstance(record, dict):
            person = self._newcomer()
            return {"email": person.email, "name": person.name, "user_id": person.user_id}
        return {name: record.get(name) for name in ("email", "name", "user_id")}
