"""Who gets into an event: people whom a client adds or whose access it takes away, and the mails they get."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from airmeet_sandbox.clock import iso_ms
from airmeet_sandbox.collection import Record
from airmeet_sandbox.edits import EditableWorld
from airmeet_sandbox.seeds import key, short_id
from airmeet_sandbox.state import locked

REGISTERED: Final = "Registered User"
INVITEE: Final = "Invitee"


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that a client had done to somebody.

    Attributes:
        airmeet_id: the event.
        email: as it was sent.
        action: register, authorise or revoke.
        at: when, on the sandbox's clock.
        changed: whether it made a difference.
    """

    airmeet_id: str
    email: str
    action: str
    at: datetime
    changed: bool


class GuestLists(EditableWorld):
    """A world in which clients add people.

    Attributes:
        taken: what clients had done, in order.
        mails: events and addresses of the invitations that were sent.
    """

    taken: list[Taken]
    mails: list[tuple[str, str]]

    def __init__(
        self, seed: int = 7, events: int = 12, people: int = 40, now: datetime | None = None
    ) -> None:
        super().__init__(seed, events, people, now)
        self.taken, self.mails = [], []
        self._let_in: set[tuple[str, str]] = set()  # by the first version of the API: on no list
        self._revoked: set[tuple[str, str]] = set()  # who is still on a list

    @locked
    def admit(self, event: str, person: Record, *, registers: bool, mails: bool = False) -> str:
        """Put somebody on the list of participants; returns the entry link. Known people stay as they are.

        Args:
            event: the event.
            person: fields of a participant.
            registers: whether the person is registered, or only invited.
            mails: whether an invitation is sent, also to people who are on the list already.
        """
        email = str(person["email"])
        position, link = self._place(event, email), self._entry_link(event, email)
        rows, now = self.collection("participants", self.event(event)), self.clock.timestamp()
        changed = position is None or (event, email.lower()) in self._revoked
        if position is None:
            rows.append({**self._blank(event, email), **person, **_kind(registers=registers)}, now)
        else:
            (record,) = rows.slice(position, position + 1, now)
            if registers and record.get("user_type") == INVITEE:
                rows.replace(position, {**record, **_kind(registers=True)}, now)
                changed = True
        self._revoked.discard((event, email.lower()))
        if mails:
            self.mails.append((event, email))
        self._note(event, email, "register" if registers else "authorise", changed=changed)
        return link

    @locked
    def let_in(self, event: str, email: str) -> str:
        """Let somebody in whom no list shows; returns the entry link."""
        guest = event, email.lower()
        self._note(event, email, "authorise", changed=guest not in self._let_in)
        self._let_in.add(guest)
        return self._entry_link(event, email)

    @locked
    def revoke(self, event: str, email: str, *, stays: bool = False) -> bool:
        """Take somebody's access away; returns whether there was any.

        Args:
            event: the event.
            email: of the person.
            stays: whether the list goes on showing the person.
        """
        guest, position = (event, email.lower()), self._place(event, email)
        has_access = guest in self._let_in or (position is not None and guest not in self._revoked)
        self._let_in.discard(guest)
        if position is not None and not stays:
            self.remove("participants", event, position)
        elif position is not None:
            self._revoked.add(guest)
        self._note(event, email, "revoke", changed=has_access)
        return has_access

    def _place(self, event: str, email: str) -> int | None:
        rows, now = self.collection("participants", self.event(event)), self.clock.timestamp()
        for position, record in enumerate(rows.slice(0, rows.count(now), now)):
            found = record.get("email") if isinstance(record, dict) else None
            if isinstance(found, str) and found.strip().lower() == email.lower():
                return position
        return None

    def _blank(self, event: str, email: str) -> Record:
        return {
            "email": email,
            "name": "",
            "city": "",
            "country": "",
            "organisation": "",
            "Designation": "",
            "registrationDate": iso_ms(self.clock.timestamp()),
            "profile_url": None,
            "token": self._entry_link(event, email),
            "invite_sent": False,
            "user_profile": [],
            "user_id": short_id(key(self.seed, "guest", email.lower())),
        }

    def _entry_link(self, event: str, email: str) -> str:
        return f"https://join.airmeet.example/e/{event}?code={key(self.seed, event, email.lower()):016x}"

    def _note(self, event: str, email: str, action: str, *, changed: bool) -> None:
        at = datetime.fromtimestamp(self.clock.timestamp(), UTC)
        self.taken.append(Taken(event, email, action, at, changed))


def _kind(*, registers: bool) -> Record:
    return {"user_type": REGISTERED if registers else INVITEE}
