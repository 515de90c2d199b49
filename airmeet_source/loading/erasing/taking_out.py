"""Taking out: what a search has found goes, and a second search makes sure of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dlt.destinations.job_client_impl import SqlJobClientBase

from airmeet_source.errors import LoadFailed
from airmeet_source.extract.erased import Erased
from airmeet_source.loading.destinations import staging_dataset_name
from airmeet_source.loading.erasing.people import People
from airmeet_source.loading.erasing.searching import Found, search
from airmeet_source.loading.erasing.tables import StoredTable, StoredTables
from airmeet_source.model.identity import kind_of
from airmeet_source.model.privacy import Privacy

_LEFT = (
    "Rows of {count} table(s) still show somebody who was erased: {tables}. Something loads into the dataset "
    "meanwhile, or keeps rows from being deleted. Run the same command again."
)


@dataclass(kw_only=True)
class Findings:
    """What was found in a dataset, and in those that rows go through."""

    tables: list[Found] = field(default_factory=list)
    staging: list[Found] = field(default_factory=list)

    @property
    def events(self) -> set[str]:
        """Those that rows of theirs are about."""
        return {airmeet_id for found in self.tables for airmeet_id in found.events}

    def __bool__(self) -> bool:
        return any(self.tables) or any(self.staging)


class TakingOut:
    """People on their way out of a dataset; its destination is held, and the client open.

    Args:
        client: for the dataset.
        people: whom to take out.
        pipelines: the names of all that load into it.
        blanks: mentions are blanked, too.
    """

    def __init__(
        self, client: SqlJobClientBase, people: People, pipelines: Iterable[str], *, blanks: bool = False
    ) -> None:
        self._client = client
        self._people = people
        self._blanks = blanks
        dataset = client.config.dataset_name or ""
        self._staging = sorted({staging_dataset_name(dataset, name) for name in pipelines})
        self._known: dict[str, list[StoredTable]] = {}  # by dataset

    def look(self) -> Findings:
        """What there is of them. They become more by what rows show beside them."""
        before, findings = -1, Findings()
        while self._people and len(self._people.identifiers) != before:
            before = len(self._people.identifiers)
            findings = Findings(tables=self._search())
            for _ in self._in_staging():
                findings.staging += self._search()
        return findings

    def take(self, findings: Findings) -> None:
        """Delete and change what was found.

        Raises:
            LoadFailed: something of it is there all the same.
        """
        tables = self._tables()
        for found in findings.tables:
            tables.delete(found.table, found.deletions)
            for condition, values in found.changes:
                tables.change(found.table, condition, values)
        for _ in self._in_staging():
            for found in self._search():
                if found or found.mentions:
                    self._tables().empty(found.table)  # nothing reads it any more
        left = self.look()
        if left:
            names = sorted({found.table.name for found in (*left.tables, *left.staging) if found})
            raise LoadFailed(_LEFT.format(count=len(names), tables=", ".join(names)))

    def _search(self) -> list[Found]:
        return search(self._tables(), self._people, blanks=self._blanks)

    def _tables(self) -> StoredTables:
        """The tables of the dataset that the client is about at the moment."""
        dataset = self._client.sql_client.dataset_name
        tables = StoredTables(self._client, self._known.get(dataset))
        self._known[dataset] = tables.all()
        return tables

    def _in_staging(self) -> Iterator[None]:
        """Have the client be about each of the datasets that rows go through, one after the other."""
        for name in self._staging:
            with self._client.sql_client.with_alternative_dataset_name(name):
                yield


def still_shown(client: SqlJobClientBase, erased: Erased, privacy: Privacy) -> People:
    """Those of the erased people whom rows show."""
    people, tables = People(privacy), StoredTables(client)
    for table in tables.all():
        columns = [column for column in table.columns if kind_of(column) is not None]
        if table.is_of_people and columns:
            for row in tables.people_in(table, columns):
                own = people.identity.own(row).values()
                people.add(identifier for identifier in own if erased.has(identifier))
    return people
