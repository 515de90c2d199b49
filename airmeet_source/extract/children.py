"""Children: what becomes known of each event's sessions and booths, and who has yet to hear of it.

The list of an event's sessions is read once, by the resource ``sessions`` or, if that is not loaded in this
run, by a resource that needs it. Resources whose units are sessions or booths wait for it here.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from airmeet_source.api.children import Child
from airmeet_source.resources import EVENT_RESOURCES, Resource


@dataclass(slots=True)
class Family:
    """The sessions or booths of an event, as far as their parent unit has told them."""

    children: list[Child]
    known: bool  # the list was read to its end, or is not available at all


class Children:
    """The families of all events, by the resource that lists them (the parent) and by event."""

    def __init__(self) -> None:
        self._families: defaultdict[str, dict[str, Family]] = defaultdict(dict)
        self._underway: defaultdict[str, set[str]] = defaultdict(set)  # events whose parent unit is planned
        self._news: defaultdict[str, deque[str]] = defaultdict(deque)  # by the resource that has yet to hear

    def family(self, parent: str, airmeet_id: str) -> Family | None:
        """The family of an event, if its parent unit has ended."""
        return self._families[parent].get(airmeet_id)

    def expect(self, parent: str, airmeet_id: str) -> None:
        """The parent unit of an event is going to be read."""
        self._underway[parent].add(airmeet_id)

    def is_expected(self, parent: str, airmeet_id: str) -> bool:
        """Whether somebody has the parent unit of an event read already."""
        return airmeet_id in self._underway[parent]

    def tell(self, parent: str, airmeet_id: str, family: Family) -> None:
        """The parent unit of an event has ended."""
        self._families[parent][airmeet_id] = family
        for resource in EVENT_RESOURCES.values():
            if resource.parent == parent:
                self._news[resource.name].append(airmeet_id)

    def news(self, resource: Resource) -> Iterator[tuple[str, Family]]:
        """The events whose families have become known since the resource last asked."""
        if resource.parent is None:
            return
        news, families = self._news[resource.name], self._families[resource.parent]
        while news:
            airmeet_id = news.popleft()
            yield airmeet_id, families[airmeet_id]
