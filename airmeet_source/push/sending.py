"""Sending: a few threads send people, and look before they send somebody again."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from airmeet_source.api.regions import Api
from airmeet_source.api.retrying import GiveUp
from airmeet_source.api.writing import Accepted, Action, Call, Declined, Unsure, adding, revoking
from airmeet_source.errors import AirmeetError, LookUpFailed
from airmeet_source.extract.connection import Connection, Stopped
from airmeet_source.extract.crew import Crew
from airmeet_source.push.guests import GuestList, Listed
from airmeet_source.push.person import Person, body_of

Outcome = Literal["added", "already_there", "revoked", "not_there", "refused", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("added", "already_there", "revoked", "not_there", "refused", "failed")
GOOD: tuple[Outcome, ...] = OUTCOMES[:4]

_UNKNOWN = "it is not known whether it was done; the next run finds out"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a person. ``entry_link`` is a secret of theirs."""

    person: Person
    outcome: Outcome
    status: int | None = None
    message: str | None = None
    at: datetime
    entry_link: str | None = None

    def __repr__(self) -> str:
        """Shows nothing personal."""
        return f"Result(line={self.person.line}, outcome={self.outcome})"


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What is to be done with each person."""

    airmeet_id: str
    api: Api
    action: Action
    invites: bool = False

    def call(self, person: Person) -> Call:
        """The request that does it."""
        if self.action == "revoke":
            return revoking(self.airmeet_id, person.email)
        body = body_of(person, self.api, self.action, invites=self.invites)
        return adding(self.api, self.airmeet_id, self.action, body)

    @property
    def has_list(self) -> bool:
        """Whether a list shows what is done; the first version of the API has one of registrations only."""
        return self.api is Api.CURRENT or self.action == "register"

    def is_done(self, person: Person, listed: Listed) -> bool:
        """Whether a list shows that it is done."""
        if self.action == "revoke":
            return person.key not in listed
        return person.key in listed and not (self.action == "register" and listed[person.key])

    def is_needless(self, person: Person, listed: Listed) -> bool:
        """Whether nothing has to be sent, because the person is there already."""
        return self.action != "revoke" and self.is_done(person, listed)

    def success(self, person: Person, before: Listed) -> Outcome:
        """What became of somebody of whom a list shows that it is done."""
        if self.action != "revoke":
            return "added"
        return "revoked" if person.key in before or not self.has_list else "not_there"


class Sender:
    """Sends people; ``before``: who was on the list when it began."""

    def __init__(self, connection: Connection, guests: GuestList, errand: Errand, before: Listed) -> None:
        self._connection = connection
        self._guests = guests
        self._errand = errand
        self._before = before

    def send(self, people: Iterable[Person]) -> Iterator[list[Result]]:
        """Send people; yields what became of them as it is known, in batches.

        When the connection is stopped, what is under way is still finished; others are not sent.
        """
        crew = Crew(self._connection, self._sent, _failure, things="people", deed="while people were sent")
        return crew.results(people, self._connection.requests_at_a_time)

    def _sent(self, person: Person) -> Result | None:
        """Send somebody until it is known what became of it; None: nothing was sent."""
        attempt = _Attempt(person)
        try:
            while (result := self._attempted(attempt)) is None:
                pass
        except Stopped:
            return self._settled_at_once(attempt)
        except AirmeetError as error:
            self._connection.end_early(error)
            return self._settled_at_once(attempt)
        return result

    def _attempted(self, attempt: "_Attempt") -> Result | None:
        """Send somebody once; None: it has to be tried again."""
        person, errand = attempt.person, self._errand
        reply = self._connection.send(errand.call(person))
        if isinstance(reply, Accepted):
            done: Outcome = "revoked" if errand.action == "revoke" else "added"
            return _result(person, done, reply.status, link=reply.entry_link)
        if isinstance(reply, Declined):
            return self._declined(attempt, reply)
        attempt.take(reply)
        connection = self._connection
        decision = connection.patience.after_failure(reply.failure, attempt.number, random.random())
        if isinstance(decision, GiveUp):
            if decision.everything:
                connection.end_early(None)
        else:
            connection.pause(decision.seconds, decision.silence)
        found = self._looked_up(attempt)
        if found is None and reply.declines:
            return _result(person, "refused", reply.status, reply.failure.reason)
        if found is None and isinstance(decision, GiveUp):
            return attempt.failed(decision.reason)
        return found

    def _declined(self, attempt: "_Attempt", reply: Declined) -> Result:
        person = attempt.person
        if self._errand.action != "revoke" or reply.status != 404:
            return _result(person, "refused", reply.status, reply.reason)
        if attempt.was_open:
            return _result(person, self._errand.success(person, self._before), reply.status)
        return _result(person, "not_there", reply.status)

    def _looked_up(self, attempt: "_Attempt") -> Result | None:
        """What the list shows of somebody who may be taken; None: it is not done, or no list shows it."""
        if not attempt.may_be_done or not self._errand.has_list:
            return None
        try:
            listed = self._guests.listed([attempt.person.email])
        except LookUpFailed as error:
            return attempt.failed(f"{_UNKNOWN} ({error})")
        return self._shown(attempt, listed)

    def _settled_at_once(self, attempt: "_Attempt") -> Result | None:
        """What is known of somebody when there is no more time; None: nothing was sent."""
        if attempt.number == 0:
            return None
        if attempt.may_be_done and self._errand.has_list:
            try:
                found = self._shown(attempt, self._guests.listed_at_once(attempt.person.email))
            except AirmeetError:
                return attempt.failed(_UNKNOWN)
            return found or attempt.failed("stopped before it was done")
        return attempt.failed(_UNKNOWN if attempt.may_be_done else "stopped before it was done")

    def _shown(self, attempt: "_Attempt", listed: Listed) -> Result | None:
        person = attempt.person
        if not self._errand.is_done(person, listed):
            attempt.may_be_done = False
            return None
        return _result(person, self._errand.success(person, self._before), attempt.status)


class _Attempt:
    """How sending somebody goes."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.number = 0
        self.may_be_done = False
        self.was_open = False  # whether it ever may have been done
        self.status: int | None = None
        self._reason = ""

    def take(self, reply: Unsure) -> None:
        """Note that it failed once more."""
        self.number += 1
        self.may_be_done |= reply.may_be_done
        self.was_open |= reply.may_be_done
        self.status, self._reason = reply.status, reply.failure.reason

    def failed(self, reason: str) -> Result:
        """The end without success."""
        told = reason if self._reason in reason else f"{self._reason}; {reason}"
        return _result(self.person, "failed", self.status, told)


def _failure(result: Result) -> str | None:
    return result.message or "" if result.outcome == "failed" else None


def _result(
    person: Person,
    outcome: Outcome,
    status: int | None,
    message: str | None = None,
    *,
    link: str | None = None,
) -> Result:
    return Result(
        person=person,
        outcome=outcome,
        status=status,
        message=message,
        at=datetime.now(UTC),
        entry_link=link,
    )
