"""Erased: who is kept out of the dataset, as the state knows them.

The state has nothing of a person but HMACs of addresses and user ids. Their key is random and in the state as
well, so they say nothing to anybody who does not have all of it.
"""

import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from airmeet_source.extract.unit_states import ErasedState
from airmeet_source.fields import JSON
from airmeet_source.model.identity import Identity
from airmeet_source.model.keeping_out import KeepingOut
from airmeet_source.model.mentions import blanked
from airmeet_source.model.privacy import Privacy

_KEY_BYTES = 32
_DIGEST_BYTES = 16

_Digests = dict[bytes, set[bytes]]  # by key


class Erased:
    """Those who were erased; empty if nobody was."""

    def __init__(self, state: ErasedState, privacy: Privacy) -> None:
        self._people = _read(state.get("people", {}))
        self._blanked = _read(state.get("blanked", {}))
        self.unswept = state.get("unswept", False)
        self._identity = Identity(privacy)
        self._rule = KeepingOut(self._identity, self.has, self._without_mentions if self._blanked else None)

    def __bool__(self) -> bool:
        return bool(self._people)

    def has(self, identifier: str) -> bool:
        """Whether an identifier is that of somebody who was erased."""
        return _is_in(self._people, identifier)

    def _without_mentions(self, text: str) -> str:
        return blanked(text, self._is_blanked)

    def _is_blanked(self, address: str) -> bool:
        identifier = self._identity.identifier(address)
        return identifier is not None and _is_in(self._blanked, identifier)

    def add(self, identifiers: Iterable[str]) -> None:
        """Have people kept out from now on."""
        new = [identifier for identifier in identifiers if not self.has(identifier)]
        _add(self._people, new)
        self.unswept = self.unswept or bool(new)

    def add_mentions(self, identifiers: Iterable[str]) -> None:
        """Have addresses blanked from now on where texts mention them."""
        _add(self._blanked, [each for each in identifiers if not _is_in(self._blanked, each)])

    def left(self, records: Iterable[JSON], *, are_of_people: bool) -> list[JSON]:
        """What is left of records of the API. What those that go show beside an identifier goes from now on.

        Args:
            records: of one list; what is no record stays.
            are_of_people: whether each is about a person.
        """
        left: list[JSON] = []
        for record in records:
            if not isinstance(record, dict):
                left.append(record)
                continue
            kept = self._rule.left(record, is_of_person=are_of_people)
            if kept is not record:
                self.add(self._rule.identifiers(record) if kept is None else self._rule.inside(record))
            if kept is not None:
                left.append(kept)
        return left

    def as_state(self) -> ErasedState:
        """What the state keeps of them."""
        state: ErasedState = {"people": _written(self._people)}
        if self._blanked:
            state["blanked"] = _written(self._blanked)
        if self.unswept:
            state["unswept"] = True
        return state


def erased_of(states: Iterable[Mapping[str, Any]]) -> ErasedState:
    """All that the states of a dataset's pipelines know of them."""
    people: _Digests = {}
    blanked: _Digests = {}
    unswept = False
    for state in states:
        erased: ErasedState = state.get("erased", {})
        for known, kind in ((people, "people"), (blanked, "blanked")):
            for key, digests in _read(erased.get(kind, {})).items():  # type: ignore[arg-type] # no TypedDict's key
                known.setdefault(key, set()).update(digests)
        unswept = unswept or erased.get("unswept", False)
    merged: ErasedState = {}
    if people:
        merged["people"] = _written(people)
    if blanked:
        merged["blanked"] = _written(blanked)
    if unswept:
        merged["unswept"] = True
    return merged


def _read(texts: Mapping[str, Iterable[str]]) -> _Digests:
    return {bytes.fromhex(key): set(map(bytes.fromhex, digests)) for key, digests in texts.items()}


def _written(digests: _Digests) -> dict[str, list[str]]:
    return {key.hex(): sorted(digest.hex() for digest in known) for key, known in digests.items()}


def _digest(key: bytes, identifier: str) -> bytes:
    return hmac.digest(key, identifier.encode("utf-8", "surrogatepass"), "sha256")[:_DIGEST_BYTES]


def _is_in(digests: _Digests, identifier: str) -> bool:
    return any(_digest(key, identifier) in known for key, known in digests.items())


def _add(digests: _Digests, identifiers: list[str]) -> None:
    if identifiers:
        key = next(iter(digests), None) or secrets.token_bytes(_KEY_BYTES)
        digests.setdefault(key, set()).update(_digest(key, identifier) for identifier in identifiers)
