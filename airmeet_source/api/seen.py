"""Which records came before: pages overlap, repeat one another, and lists move while they are read."""

import re
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any

from airmeet_source.api.pages import CutShort
from airmeet_source.fields import JSON, Record, exact, pick, squash, to_text
from airmeet_source.spilling import NumberMap

# made anew for each answer, such as signed urls: no sign of another record
_VOLATILE = re.compile(
    ".*(?:avatar|image|link|logo|photo|picture|signature|thumbnail|token|ur[il])s?|signed.*|.*expir(?:es|y|ation).*"
)
_MOST_HELD = 100_000  # ids under which different records came on several pages
_MANY_LETTERS = 20_000  # of all names of a record


class SeenRecords:
    """The records that were handed out so far, by their own ids if they have any.

    Within a page all records are different, but for the very same one twice under one id. Across pages equal
    records are one that moved, unless nothing identifies them: then only a page without anything new is taken
    for a repetition. Different ones under one id are held back, because they may be one that changed while
    it moved: only if both come again in the next read they are two.
    """

    def __init__(self) -> None:
        self._held: dict[int, set[int]] = {}  # id -> contents under it that came on several pages
        self._held_before: dict[int, set[int]] = {}  # in earlier reads
        self._begin()

    def _begin(self) -> None:
        self._contents = NumberMap()  # id -> content
        self._shared = NumberMap()  # ids with contents of further records
        self._without_id = NumberMap()  # contents
        self.arrived = 0  # elements, but for those that only moved to a later page
        self.is_repetition = False  # the last page held nothing but what came before

    def restart(self) -> None:
        """Forget what came, but not what was held back."""
        self._held_before |= self._held
        self._held.clear()
        self._begin()

    @property
    def is_unclear(self) -> bool:
        """Whether records were held back that the next read will tell apart."""
        return bool(self._held)

    def new(self, page: list[Any]) -> list[Any]:
        """The records of a page that earlier pages did not hold.

        Raises:
            CutShort: they can hardly be told apart.
        """
        ids, keys = own_ids(page), contents(page)
        by_id = {own_id: key for own_id, key in zip(ids, keys, strict=True) if own_id is not None}
        if page and len(by_id) == len(page) and self._contents.isdisjoint(by_id):  # as nearly every page is
            self._contents.update(by_id)
            self.arrived += len(page)
            self.is_repetition = False
            return page
        self.is_repetition = all(map(self._came, ids, keys))
        if self.is_repetition:
            return []
        here: set[tuple[int | None, int]] = set()
        new = []
        for own_id, key, record in zip(ids, keys, page, strict=True):
            if self._moved(own_id, key, record):
                continue
            self.arrived += 1
            if own_id is None or (own_id, key) not in here:
                new.append(record)
            here.add((own_id, key))
        for own_id, key in here:
            self._keep(own_id, key)
        return new

    def _came(self, own_id: int | None, key: int) -> bool:
        if own_id is None:
            return key in self._without_id
        return key == self._contents.get(own_id) or hash((own_id, key)) in self._shared

    def _moved(self, own_id: int | None, key: int, record: Any) -> bool:
        """Whether the record, or one that may be the same, came on an earlier page."""
        if own_id is None:
            return key in self._without_id and _person(record) is not None
        first = self._contents.get(own_id)
        if first is None or self._came(own_id, key):
            return first is not None
        if own_id in self._held_before:
            return not {first, key} <= self._held_before[own_id]
        self._held.setdefault(own_id, {first}).add(key)
        if len(self._held) > _MOST_HELD:
            raise CutShort("very many different records came under one id each on several pages")
        return True

    def _keep(self, own_id: int | None, key: int) -> None:
        if own_id is None:
            self._without_id[key] = 1
        elif own_id not in self._contents:
            self._contents[own_id] = key
        else:
            self._shared[hash((own_id, key))] = 1


class SeenPeople:
    """The people that were handed out so far: by user id and e-mail address, else by all that is known.

    These may be shared. So a person came before, unless a page holds more people under one key than
    all pages before.
    """

    def __init__(self) -> None:
        self._numbers = NumberMap()  # of people under each key
        self._contents = NumberMap()  # keys with contents
        self.have_moved = False  # a page held some that came before, and others that did not

    def new(self, page: list[Any]) -> list[Any]:
        """The people of a page who did not come before.

        Raises:
            CutShort: there are some, but it cannot be told which ones.
        """
        keys = contents(page)
        places: defaultdict[int, list[int]] = defaultdict(list)
        for place, record in enumerate(page):
            person = _person(record)
            places[keys[place] if person is None else hash(person)].append(place)
        fresh: list[int] = []
        for key, found in places.items():
            added = self._added(key, found, keys)
            for place in added:
                self._numbers.count(key)
                self._contents[hash((key, keys[place]))] = 1
            fresh += added
        self.have_moved = self.have_moved or 0 < len(fresh) < len(page)
        return [page[place] for place in sorted(fresh)]

    def _added(self, key: int, places: list[int], keys: list[int]) -> list[int]:
        """The places in a page of those under one key who did not come before."""
        came = self._numbers.get(key)
        if came is None:
            return places
        number = len(places) - came
        if number <= 0:
            return []
        known = {place for place in places if hash((key, keys[place])) in self._contents}
        if number < len(places) - len(known):
            raise CutShort("people who share a user id or an e-mail address came on several pages")
        return sorted(places, key=known.__contains__)[:number]


def content(record: Any) -> int:
    """A hash of what makes a record: all but what is made anew for each answer."""
    if not isinstance(record, dict):
        return hash(repr(record))
    names, values_of = _stable(tuple(record))
    values = values_of(record)
    try:
        return hash((names, values))  # three times as fast as the next line
    except TypeError:  # a list or an object is among them
        return hash((names, *map(_hashable, values if isinstance(values, tuple) else (values,))))


def _hashable(value: JSON) -> Any:
    """A value, or something that only equal lists, objects or NaNs share."""
    return (exact(value),) if isinstance(value, list | dict | float) else value


def contents(page: list[Any]) -> list[int]:
    """The hash of each record, at once if all have the same fields with plain values."""
    shapes = set(map(tuple, page)) if set(map(type, page)) == {dict} else ()
    if len(shapes) == 1:
        names, values_of = _stable(*shapes)
        try:
            return [hash((names, values)) for values in map(values_of, page)]
        except TypeError:
            pass
    return list(map(content, page))


@lru_cache(maxsize=1000)
def _stable(names: tuple[str, ...]) -> tuple[int, Callable[[Record], Any]]:
    """Of the records with some fields: a hash of the names that count, and what takes out their values."""
    if sum(map(len, names)) > _MANY_LETTERS:
        _stable.cache_clear()  # one such record is remembered at a time
    stable = sorted(name for name in names if not _VOLATILE.fullmatch(squash(name)))
    return hash(tuple(stable)), itemgetter(*stable) if stable else _nothing


def _nothing(_: Record) -> None:
    return None


def own_ids(page: list[Any]) -> list[int | None]:
    """A hash of each record's own id, if it has one."""
    try:
        ids = [record["id"] for record in page]
    except (KeyError, TypeError):
        ids = []
    if set(map(type, ids)) == {int}:
        return list(map(hash, map(str, ids)))
    return list(map(_own_id, page))


def _own_id(record: Any) -> int | None:
    own_id = pick(record, "id", "uid")
    if type(own_id) is int:
        return hash(str(own_id))
    return None if own_id in (None, "") else hash(to_text(own_id))


def _person(record: Any) -> tuple[str, str] | None:
    """What identifies the person that a record is about, if anything does."""
    user_id, email = pick(record, "user_id"), pick(record, "email")
    person = (to_text(user_id or "").strip(), to_text(email or "").strip().lower())
    return person if any(person) else None
