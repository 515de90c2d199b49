"""Running a push: everything is checked, then people are sent, and what becomes of them is written down."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import dlt

from airmeet_source.api.regions import Api
from airmeet_source.communities import DEFAULT
from airmeet_source.errors import AirmeetError, UsageError
from airmeet_source.extract.connection import Connection, connect, stoppable
from airmeet_source.loading.command_report import Status
from airmeet_source.loading.configuration import our_configuration
from airmeet_source.loading.configured import read_configuration
from airmeet_source.loading.demo import demo, upcoming_event
from airmeet_source.loading.failures import in_our_words
from airmeet_source.loading.files import private_files
from airmeet_source.loading.locking import Locks
from airmeet_source.loading.log_tables import Row
from airmeet_source.loading.run_log import run_row
from airmeet_source.loading.side_runs import opened_beside, side_run
from airmeet_source.push.checking import check
from airmeet_source.push.columns import Purpose
from airmeet_source.push.example import example
from airmeet_source.push.files import read_file
from airmeet_source.push.form import form_of
from airmeet_source.push.guests import GuestList, Listed
from airmeet_source.push.links import links_to
from airmeet_source.push.log import PushLog
from airmeet_source.push.order import Order
from airmeet_source.push.person import Person
from airmeet_source.push.query import Query, read_query
from airmeet_source.push.report import Preview, PushReport
from airmeet_source.push.sending import Errand, Result, Sender
from airmeet_source.push.sheet import Sheet
from airmeet_source.push.tally import MISSING, Tally
from airmeet_source.settings import Settings, resolve_settings

_ID = re.compile(r"(?=.*\w)[\w.~:-]{1,200}", re.ASCII)
_STATUS: dict[int, Status] = {0: "ok", 3: "partial"}
_BAD_ROWS = "{count} of the rows are bad, so nobody was sent: mend them, or send the others with --skip-bad."
_UNUSABLE = "The columns are not right, so nobody was sent."
_NO_INVITES = "The first version of the API sends no invitations: --send-invites cannot be used."
_AT_ONCE = 500  # rows of push_log that are written together

Watch = Callable[[Connection, "Push"], AbstractContextManager[object]]


def _unwatched(_connection: Connection, _push: "Push") -> AbstractContextManager[object]:
    return nullcontext()


class Push:
    """One push, from its start on."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._community = order.settings.get("community") or DEFAULT
        self._target = order.target
        self._airmeet_id = order.event or ""
        self.run_id = uuid4().hex
        self._started_at = datetime.now(UTC)
        self._connection: Connection | None = None
        self._preview: Preview | None = None
        self._log: PushLog | None = None
        self.tally = Tally()

    def run(self, watch: Watch = _unwatched) -> PushReport:
        """Check everything and send everybody.

        Args:
            watch: entered while it is under way, to show or to stop it.

        Raises:
            AirmeetError: it failed or was stopped. What was sent is written down.
        """
        with in_our_words():
            self._read_configuration()
        with in_our_words(), private_files(), our_configuration(), ExitStack() as stack:
            order = self._order
            given = (
                stack.enter_context(demo(order.settings, self._community)) if order.demo else order.settings
            )
            settings = resolve_settings(**given)
            files = {"--report": order.report, "--entry-links": order.entry_links}
            opened = opened_beside(self._target, order.lock_timeout, files)
            pipeline, locks = stack.enter_context(opened)
            connection = self._connection = connect(settings)
            stack.callback(connection.close)
            with watch(connection, self):
                self._run(settings, pipeline, locks, connection)
        return self.report()

    def _read_configuration(self) -> None:
        order = self._order
        self._community, self._target = read_configuration(order.settings, order.target, order.pipeline_name)
        if self._order.demo and not self._airmeet_id:
            self._airmeet_id = upcoming_event(self._community)
        if not _ID.fullmatch(self._airmeet_id) or ".." in self._airmeet_id:
            raise UsageError(f"{self._airmeet_id!r} cannot be the id of an event.")

    def _run(self, settings: Settings, pipeline: dlt.Pipeline, locks: Locks, connection: Connection) -> None:
        order = self._order
        if order.invites and settings.api is Api.LEGACY:
            raise UsageError(_NO_INVITES)
        errand = Errand(
            airmeet_id=self._airmeet_id, api=settings.api, action=order.action, invites=order.invites
        )
        guests = GuestList(connection, settings.api, self._airmeet_id)
        with stoppable(connection):
            people = self._checked_people(guests, errand, lambda query: read_query(pipeline, locks, query))
            if order.dry_run:
                self._look(guests, errand, people)
                return
        with side_run(pipeline, locks, settings, self._run_row, demo=order.demo):
            self._log = PushLog(
                pipeline, locks.hold, settings.privacy, run_id=self.run_id, airmeet_id=self._airmeet_id
            )
            self._log.open()
            with links_to(order.entry_links) as links:
                unwritten: list[Result] = []
                for results in self._sent(connection, guests, errand, people):
                    self.tally.count(results)
                    links.add(results)
                    unwritten = self._written([*unwritten, *results], self._log, connection)
            if connection.error is not None:
                raise connection.error

    def _checked_people(
        self, guests: GuestList, errand: Errand, ask: Callable[[Query], Sheet]
    ) -> tuple[Person, ...]:
        """Those who are to be sent, once everything is right, or as far as it is with ``skip_bad``."""
        order = self._order
        sheet = order.people
        if isinstance(sheet, Path):
            sheet = read_file(sheet)
        elif isinstance(sheet, Query):
            sheet = ask(sheet)
        form = form_of([]) if errand.action == "revoke" else guests.form()
        sheet = sheet or example(form)
        checked = check(sheet, Purpose(form=form, action=errand.action, api=errand.api))
        self.tally.expect(checked)
        if checked.unusable:
            raise UsageError(_UNUSABLE)
        if checked.problems and not order.skip_bad:
            raise UsageError(_BAD_ROWS.format(count=checked.bad_rows))
        return checked.people

    def _look(self, guests: GuestList, errand: Errand, people: Sequence[Person]) -> Listed:
        """Find out who is there already."""
        wanted = [person.email for person in people]
        listed = guests.listed(wanted) if wanted else {}  # which also proves that there is such an event
        listed = listed if errand.has_list else {}
        to_send = [person for person in people if not errand.is_needless(person, listed)]
        call = errand.call(to_send[0]) if to_send else None
        self._preview = Preview(
            to_send=len(to_send),
            already_there=len(people) - len(to_send),
            first=call.body if call else None,
            first_request=f"{call.method} {call.path}" if call else None,
        )
        return listed

    def _sent(
        self, connection: Connection, guests: GuestList, errand: Errand, people: Sequence[Person]
    ) -> Iterator[list[Result]]:
        with stoppable(connection):
            listed = self._look(guests, errand, people)
        there = [person for person in people if errand.is_needless(person, listed)]
        now = datetime.now(UTC)
        for start in range(0, len(there), _AT_ONCE):
            known = [
                Result(person=person, outcome="already_there", at=now)
                for person in there[start : start + _AT_ONCE]
            ]
            yield known
        sender = Sender(connection, guests, errand, listed)
        wanted = (person for person in people if not errand.is_needless(person, listed))
        try:
            yield from sender.send(wanted)
        finally:
            connection.end_early(connection.error)  # whatever ended it, the threads end as well

    def _written(self, results: list[Result], log: PushLog, connection: Connection) -> list[Result]:
        """Write down what became of people; returns those who are still to be written down.

        If that fails nobody else is sent, and what the last requests bring is written with another attempt.
        """
        try:
            with in_our_words():
                log.add(results, self._order.action)
        except AirmeetError as error:
            connection.end_early(error)
            return results
        return []

    def _run_row(self, error: AirmeetError | None) -> Row:
        return run_row(self.report(error), "push", self._log.rows if self._log else 0)

    def report(self, error: AirmeetError | None = None) -> PushReport:
        """What the push did so far; ``error`` is what ended it."""
        tally = self.tally
        people = tally.people(dry=self._order.dry_run)
        exit_code = error.exit_code if error else 3 if any(people[name] for name in MISSING) else 0
        return PushReport(
            run_id=self.run_id,
            status="failed" if error else _STATUS[exit_code],
            exit_code=exit_code,
            community=self._community,
            pipeline=self._target.pipeline_name,
            destination=self._target.destination,
            dataset=self._target.dataset_name,
            airmeet_id=self._airmeet_id,
            action=self._order.action,
            started_at=self._started_at,
            finished_at=datetime.now(UTC),
            requests=self._connection.client.requests if self._connection else 0,
            people=people,
            problems=tally.checked.problems if tally.checked else (),
            unsent=tally.unsent(),
            preview=self._preview,
            error=str(error) if error else None,
        )
