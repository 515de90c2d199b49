"""People: those who are looked for, by everything that rows may show of them."""

import re
from collections.abc import Iterable

from airmeet_source.model.identity import Identity
from airmeet_source.model.keeping_out import KeepingOut
from airmeet_source.model.keys import NAMELESS
from airmeet_source.model.mentions import pattern_of
from airmeet_source.model.privacy import Privacy

_ASCII = re.compile("[!-~]+")
_HASH = re.compile("[0-9a-f]{64}")


class People:
    """Some people of a dataset; what is found beside one of their identifiers is one of theirs as well.

    Args:
        privacy: what has become of personal data in the dataset.
        addresses: addresses of theirs, as somebody typed them.
    """

    def __init__(self, privacy: Privacy, addresses: Iterable[str] = ()) -> None:
        self.identity = Identity(privacy)
        self._privacy = privacy
        self._addresses = {address.strip().lower() for address in addresses}
        self.identifiers: set[str] = set()
        self._forms: set[str] = set()
        found = map(self.identity.identifier, self._addresses)
        self.asked_for = {identifier for identifier in found if identifier is not None}
        self.add(self.asked_for)

    def __bool__(self) -> bool:
        return bool(self.identifiers)

    def add(self, identifiers: Iterable[str]) -> bool:
        """Look for more; returns whether any of the identifiers is new."""
        new = set(identifiers) - self._forms
        self.identifiers |= new
        self._forms |= new
        if not self._privacy.keeps:
            # a person_key where addresses are dropped, an undocumented field where they are hashed
            self._forms |= {self._privacy.digest(identifier.lower()) for identifier in new}
        if self._privacy.mode != "hash":
            self._addresses |= {identifier for identifier in new if "@" in identifier}
        return bool(new)

    @property
    def other_addresses(self) -> int:
        """How many addresses came to light beside those that were asked for."""
        return sum(map(self._is_address, self.identifiers - self.asked_for))

    @property
    def user_ids(self) -> int:
        """How many user ids came to light."""
        others = [each for each in self.identifiers if not self._is_address(each)]
        return sum(not each.startswith(NAMELESS) for each in others)

    def _is_address(self, identifier: str) -> bool:
        is_hash = self._privacy.mode == "hash" and _HASH.fullmatch(identifier) is not None
        return "@" in identifier or is_hash

    @property
    def addresses(self) -> set[str]:
        """Those of their addresses that are known in plain letters."""
        return set(self._addresses)

    def rule(self, *, blanks: bool) -> KeepingOut:
        """By which what is theirs is told from what is not; ``blanks``: mentions are to be blanked."""
        pattern = pattern_of(self._addresses) if blanks else None
        return KeepingOut(
            self.identity,
            self._forms.__contains__,
            None if pattern is None else lambda text: pattern.sub("", text),
        )

    def traces(self) -> set[str]:
        """Lower-case letters of which every text that shows one of them has some.

        They are ASCII, because databases differ in how they make other letters small.
        """
        texts = {text.lower() for text in self._forms | self._addresses}
        return {max(_ASCII.findall(text) or [""], key=len) for text in texts}
