"""Keeping people out: which records are theirs, and what of theirs other records hold.

The same rule is applied to records of the API on their way into tables and to rows that are there already.
"""

import json
from collections.abc import Callable, Iterator

from airmeet_source.fields import JSON, Record, json_text
from airmeet_source.model.identity import (
    Identity,
    is_about_people,
    kind_of,
    may_hold_people,
    tells_a_person,
)
from airmeet_source.parsing import is_deep

_BEGINS_JSON = ("{", "[")


class KeepingOut:
    """The rule for some people.

    Args:
        identity: how the people of the dataset are known.
        knows: whether an identifier is one of theirs.
        blank: takes their addresses out of a text, if mentions are to be blanked.
    """

    def __init__(
        self,
        identity: Identity,
        knows: Callable[[str], bool],
        blank: Callable[[str], str] | None = None,
    ) -> None:
        self._identity = identity
        self._knows = knows
        self._blank = blank

    def left(self, record: Record, *, is_of_person: bool) -> Record | None:
        """What is left of a record: None if it is one of theirs.

        Args:
            record: as the API sent it, or a row.
            is_of_person: it is about a person. Of another person's record nothing goes but objects about
                them: what it mentions is that person's own word.
        """
        if is_of_person and self.is_theirs(record):
            return None
        if is_of_person and self._blank is None and not any(map(_is_nested, record.values())):
            return record  # as nearly always
        left = {field: self._left(field, value, is_of_person) for field, value in record.items()}
        return left if left != record else record

    def is_theirs(self, record: Record, *, is_nested: bool = False) -> bool:
        """Whether a record about a person is about one of them.

        Its own fields for addresses and ids decide. If all of them are empty, any field that is nothing but
        an identifier of theirs does, or an object about them.
        """
        own = self._identity.own(record, is_nested=is_nested)
        if own:
            return self._decisive(record, own) is not None
        return any(self._is_them(field, value) for field, value in record.items())

    def decisive(self, record: Record) -> str | None:
        """The field that alone makes a record theirs, whatever the others hold; None if there is none."""
        return self._decisive(record, self._identity.own(record))

    def identifiers(self, record: Record, *, is_nested: bool = False) -> Iterator[str]:
        """All identifiers that a record of theirs shows beside one another."""
        own = self._identity.own(record, is_nested=is_nested)
        yield from (own[field] for field in own if kind_of(field) != "alias")
        for field, value in record.items():
            for person in _objects(value):
                if self._goes(field, person, is_of_person=True):
                    yield from self.identifiers(person, is_nested=True)

    def inside(self, record: Record) -> Iterator[str]:
        """The same of the objects about them inside a record that is not theirs."""
        for field, value in record.items():
            for person in _objects(value):
                if self._goes(field, person, is_of_person=True):
                    yield from self.identifiers(person, is_nested=True)
                else:
                    yield from self.inside(person)

    # -- what a record consists of ---------------------------------------------------------------

    def _decisive(self, record: Record, own: dict[str, str]) -> str | None:
        for field, identifier in own.items():
            # a key may be a whole object, as that of a session's people without an id is
            if self._knows(identifier) or self._is_them(field, record[field]):
                return field
        return None

    def _is_them(self, field: str, value: JSON) -> bool:
        """Whether a value is nothing but one of them."""
        value = _opened(value)
        if isinstance(value, dict):
            return self.is_theirs(value, is_nested=is_about_people(field))
        identifier = self._identity.identifier(value) if isinstance(value, str) else None
        return identifier is not None and tells_a_person(identifier) and self._knows(identifier)

    def _left(self, field: str, value: JSON, is_of_person: bool) -> JSON:
        opened = _opened(value)
        if opened is not value:
            left = self._left(field, opened, is_of_person)
            return value if left == opened else json_text(left)
        if isinstance(value, list):
            return [
                self._left(field, element, is_of_person)
                for element in value
                if not self._goes(field, element, is_of_person)
            ]
        if self._goes(field, value, is_of_person):
            return None
        if isinstance(value, dict):
            return {name: self._left(name, inner, is_of_person) for name, inner in value.items()}
        return self._blank(value) if self._blank is not None and isinstance(value, str) else value

    def _goes(self, field: str, value: JSON, is_of_person: bool) -> bool:
        """Whether a value in another record is about them and nothing else."""
        if isinstance(value, dict):
            return may_hold_people(field) and self._is_person(field, value)
        if is_of_person or isinstance(value, list):
            return False
        identifier = self._identity.identifier(value)
        if identifier is None or not (is_about_people(field) or kind_of(field) or tells_a_person(identifier)):
            return False
        return self._knows(identifier)

    def _is_person(self, field: str, value: Record) -> bool:
        """Whether an object is about one of them: it has their address or id for its own."""
        is_nested = is_about_people(field)
        own = self._identity.own(value, is_nested=is_nested)
        return any(map(self._knows, own.values())) or (is_nested and not own and self.is_theirs(value))


def _objects(value: JSON) -> Iterator[Record]:
    value = _opened(value)
    for element in value if isinstance(value, list) else [value]:
        if isinstance(element, dict):
            yield element


def _is_nested(value: JSON) -> bool:
    return value.startswith(_BEGINS_JSON) if isinstance(value, str) else isinstance(value, dict | list)


def _opened(value: JSON) -> JSON:
    """What a JSON text holds; any other value as it is."""
    if not isinstance(value, str) or not value.startswith(_BEGINS_JSON):
        return value
    if is_deep(value.encode("utf-8", "surrogatepass")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
