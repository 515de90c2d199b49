"""Guests: who is on an event's list, and what its form asks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.looking_up import FoundPages, read_list
from airmeet_source.api.pages import Pages
from airmeet_source.api.regions import Api
from airmeet_source.errors import LookUpFailed, UsageError
from airmeet_source.extract.connection import Connection
from airmeet_source.fields import Record, pick, squash
from airmeet_source.push.form import Form, form_of
from airmeet_source.resources import RESOURCES

_MOST_ADDRESSES = 50  # of one request
_LONGEST_QUERY = 7_000  # characters; with everything around it, below the 8,000 that servers take
_PAGE = 1000
_PROBE = "nobody@example.com"

Listed = Mapping[str, bool]  # address in small letters -> whether the person is only invited


class GuestList:
    """The list of an event. In the first version of the API it holds those who are registered."""

    def __init__(self, connection: Connection, api: Api, airmeet_id: str) -> None:
        self._connection = connection
        self._api = api
        self._airmeet_id = airmeet_id

    def form(self) -> Form:
        """The custom fields.

        Raises:
            UsageError: there is no such event.
            LookUpFailed: they cannot be read.
        """
        if self._api is Api.LEGACY:
            return form_of([])
        try:
            return form_of(self._read(RESOURCES["custom_fields"].endpoint))
        except LookUpFailed as error:
            if not error.is_of_the_plan:
                raise
        self.listed([_PROBE])
        return form_of([])

    def listed(self, emails: Sequence[str]) -> Listed:
        """Those of the people who are on the list.

        Raises:
            UsageError: there is no such event.
            LookUpFailed: the list cannot be read.
        """
        if self._api is Api.LEGACY:
            found = _people(self._read(RESOURCES["registrations"].endpoint))
            wanted = {email.lower() for email in emails}
            return {email: invited for email, invited in found if email in wanted}
        groups = list(_groups(emails))
        if len(groups) == 1:
            return self._found(groups[0])
        with ThreadPoolExecutor(self._connection.requests_at_a_time) as pool:
            return {
                email: invited for found in pool.map(self._found, groups) for email, invited in found.items()
            }

    def listed_at_once(self, email: str) -> Listed:
        """The same for one person, asked once and without a pause."""
        hasty = self._connection.hasty()
        return GuestList(hasty, self._api, self._airmeet_id).listed([email])

    def _found(self, emails: Sequence[str]) -> Listed:
        pages = FoundPages(_PAGE, {"emailIds": ",".join(emails)})
        return dict(_people(self._read(RESOURCES["participants"].endpoint, pages)))

    def _read(self, endpoint: Endpoint, pages: Pages | None = None) -> list[Record]:
        path = endpoint.path.format(airmeet_id=quote(self._airmeet_id, safe=""))
        try:
            return read_list(self._connection, endpoint, path, pages or endpoint.paging.pages())
        except LookUpFailed as error:
            if error.status in (401, 403, 404):
                raise UsageError(
                    f"There is no event {self._airmeet_id}, or the keys are another community's ({error})."
                ) from None
            raise


def _groups(emails: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    for email in emails:
        if group and (len(group) == _MOST_ADDRESSES or _length([*group, email]) > _LONGEST_QUERY):
            yield group
            group = []
        group.append(email)
    if group:
        yield group


def _length(emails: Sequence[str]) -> int:
    return len(urlencode({"emailIds": ",".join(emails)}))


def _people(records: Iterable[object]) -> Iterator[tuple[str, bool]]:
    for record in records:
        email = pick(record, "email")
        if isinstance(email, str):
            yield email.strip().lower(), "invit" in squash(str(pick(record, "user_type") or ""))
