"""Faults while people are sent: nobody is sent twice, nobody is lost, and the log says what is known."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airmeet_sandbox import Quirks, Sandbox, World, faults
from airmeet_sandbox.faults import Action
from airmeet_source.push.log import PushLog
from tests.push.conftest import Push, bodies, listed, log, people
from tests.support.cli import query
from tests.support.processes import started

BEFORE: dict[str, Action] = {
    "503": faults.status(503),
    "500 as HTML": faults.html(500),
    "reset": faults.reset(),
    "202": faults.pending(),
    "empty 200": faults.empty(200),
    "half a JSON": faults.not_json(),
    "500 in the body": faults.error_in_body(500),
    "429": faults.status(429, retry_after=0),
    "408": faults.status(408),
    "403 of a proxy": faults.html(403),
}
OPEN = {name: action for name, action in BEFORE.items() if name != "429"}


@pytest.fixture
def patient(keys: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - it sets them, too
    """One person may meet all faults."""
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_ATTEMPTS", "50")
    monkeypatch.setenv("SOURCES__AIRMEET__BACKOFF", "0")


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("names", [("ann",), tuple(f"p{number}" for number in range(8))], ids=len)
def test_what_was_not_done_is_done_later(
    push: Push, sandbox: Sandbox, world: World, event: str, names: tuple[str, ...]
) -> None:
    rules = [sandbox.faults.add(fault, endpoint="add_attendee", times=1) for fault in BEFORE.values()]

    result = push(people(*names), "--send-invites")

    assert result.code == 0, result.err
    assert all(rule.fired for rule in rules)
    assert log() == [(f"{name}@example.com", "added") for name in names]
    assert sorted(world.mails) == sorted((event, email) for email in listed(world, event))


@pytest.mark.usefixtures("patient")
def test_what_was_done_without_an_answer_is_not_done_twice(
    push: Push, sandbox: Sandbox, world: World, event: str
) -> None:
    for fault in OPEN.values():
        sandbox.faults.add(faults.done_but(fault), endpoint="add_attendee", times=1)
    names = [f"p{number}" for number in range(len(OPEN))]

    result = push(people(*names), "--send-invites")

    assert result.code == 0, result.err
    assert log() == [(f"{name}@example.com", "added") for name in names]
    assert sorted(world.mails) == sorted((event, email) for email in listed(world, event))
    assert len(bodies(sandbox)) == len(OPEN)


def test_no_answer_in_time_is_looked_up_as_well(
    push: Push, sandbox: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__REQUEST_TIMEOUT", "0.3")
    sandbox.faults.add(faults.done_but(faults.hang()), endpoint="add_attendee", times=1)

    assert push(people("ann"), "--send-invites").code == 0

    assert len(world.mails) == 1


def test_a_refusal_is_told_with_its_lines_and_the_others_are_sent(
    push: Push, sandbox: Sandbox, world: World, event: str
) -> None:
    words = "email is not valid, see https://example.com/e?code=1 or write to help@example.com"
    sandbox.faults.add(faults.status(400, message=words), endpoint="add_attendee", skip=1, times=1)

    result = push(people("ann", "bea", "cid"))

    assert result.code == 3
    assert "2 added · 1 refused" in result.out
    assert len(listed(world, event)) == 2
    [(status, message)] = query("SELECT status, message FROM push_log WHERE outcome = 'refused'")
    assert (status, message[:29]) == (400, "HTTP 400: email is not valid,")
    assert "example.com" not in message
    assert push(people("ann", "bea", "cid")).code == 0


def test_a_refusal_under_a_good_status_is_one_if_the_list_agrees(push: Push, sandbox: Sandbox) -> None:
    for refusal in (
        faults.error_in_body(400),
        faults.status(409),
        faults.done_but(faults.error_in_body(400)),
    ):
        sandbox.faults.add(refusal, endpoint="add_attendee", times=1)

    assert push(people("ann", "bea", "cid")).code == 3

    assert sorted(outcome for _, outcome in log()) == ["added", "refused", "refused"]
    assert len(bodies(sandbox)) == 3


def test_what_fails_for_good_is_told_and_the_next_run_goes_on(
    push: Push, sandbox: Sandbox, world: World, event: str
) -> None:
    rule = sandbox.faults.add(faults.status(503), endpoint="add_attendee")
    assert push(people("ann")).code == 3
    sandbox.faults.remove(rule)
    assert push(people("ann")).code == 0

    assert [outcome for _, outcome in log()] == ["failed", "added"]
    assert [*listed(world, event)] == ["ann@example.com"]


def test_if_nobody_can_tell_whether_somebody_was_taken_it_is_told_so(push: Push, sandbox: Sandbox) -> None:
    sandbox.faults.add(faults.done_but(faults.reset()), endpoint="add_attendee", times=1)
    sandbox.faults.add(faults.status(503), endpoint="participants", skip=1)

    assert push(people("ann")).code == 3
    sandbox.faults.clear()
    assert push(people("ann")).code == 0

    assert "not known" in log("message")[0][0]
    assert [outcome for _, outcome in log()] == ["failed", "already_there"]


def test_when_airmeet_is_down_the_others_are_left_in_peace(push: Push, sandbox: Sandbox) -> None:
    sandbox.faults.add(faults.status(503), endpoint="add_attendee")

    result = push(people(*(f"p{number}" for number in range(40))))

    assert result.code == 1
    assert "one after another" in result.err
    assert "not sent" in result.out
    assert len(bodies(sandbox)) < 60


def test_a_long_silence_ends_the_run_with_what_it_has(
    push: Push, sandbox: Sandbox, world: World, event: str
) -> None:
    sandbox.faults.add(faults.status(429, retry_after=10_000), endpoint="add_attendee", skip=2)

    result = push(people(*(f"p{number}" for number in range(12))))

    assert result.code == 3
    assert len(listed(world, event)) == 2
    assert "not sent" in result.out


def test_an_expired_token_is_renewed(push: Push, sandbox: Sandbox, world: World, event: str) -> None:
    sandbox.faults.add(faults.status(412), endpoint="add_attendee", times=1)

    assert push(people("ann", "bea")).code == 0
    assert len(listed(world, event)) == 2


def test_keys_that_are_revoked_end_the_run_and_what_was_sent_is_written_down(
    push: Push, sandbox: Sandbox, world: World, event: str
) -> None:
    def after_three(_request: Any) -> bool:
        if len(world.taken) == 3:
            sandbox.revoke_keys()
        return False

    sandbox.faults.add(faults.reset(), endpoint="add_attendee", when=after_three)

    result = push(people(*(f"p{number}" for number in range(12))))

    assert result.code == 1
    assert "refuses the keys" in result.err
    added = {email for email, outcome in log() if outcome == "added"}
    assert added == set(listed(world, event))
    assert query("SELECT status, exit_code FROM runs") == [("failed", 1)]


def test_if_the_log_cannot_be_written_nobody_else_is_sent_and_it_is_tried_again(
    push: Push, sandbox: Sandbox, world: World, event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, broken = PushLog.add, [True]

    def break_once(log: PushLog, *arguments: Any) -> None:
        if broken.pop() if broken else False:
            raise OSError("no space left on device")
        add(log, *arguments)

    monkeypatch.setattr(PushLog, "add", break_once)
    sandbox.latency = 0.3  # so that there are several batches

    result = push(people(*(f"p{number}" for number in range(40))))

    assert result.code == 1
    assert 0 < len(listed(world, event)) < 40
    assert {email for email, _ in log()} == set(listed(world, event))


def test_access_that_was_taken_away_without_an_answer_counts(
    push: Push, sandbox: Sandbox, world: World
) -> None:
    push(people("ann", "bea"))
    sandbox.quirks = Quirks(revoked_stay_listed=True)
    sandbox.faults.add(faults.done_but(faults.reset()), endpoint="revoke_attendee", times=2)

    assert push(people("ann", "bea"), "--revoke").code == 0

    assert query("SELECT outcome, count(*) FROM push_log WHERE action = 'revoke' GROUP BY 1") == [
        ("revoked", 2)
    ]
    assert sum(taken.changed for taken in world.taken if taken.action == "revoke") == 2


def test_the_first_version_reads_its_registrations_again(
    push: Push, sandbox: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__REGION", "legacy")
    monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", sandbox.legacy_base_url)
    sandbox.faults.add(faults.done_but(faults.status(504)), endpoint="register_user", times=1)
    sandbox.faults.add(faults.done_but(faults.status(504)), endpoint="authorise_attendee", times=1)
    Path("people.csv").write_text("email,name\nann@example.com,Ann Lee\n")

    assert push("people.csv").code == 0
    assert push("people.csv", "--authorise").code == 0

    assert [taken.action for taken in world.taken] == ["register", "authorise", "authorise"]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)], ids=str
)
def test_stopped_in_the_middle_a_second_run_goes_on(
    push: Push, sandbox: Sandbox, world: World, event: str, number: int, code: int
) -> None:
    file = people(*(f"p{number}" for number in range(30)))
    sandbox.latency = 0.05
    command = [sys.executable, "-m", "airmeet_source", "push", file, "--event", event, "--send-invites"]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        sandbox.faults.add(faults.reset(), endpoint="add_attendee", when=_signal(process, number, after=6))
        process.communicate(timeout=60)
    sandbox.faults.clear()
    first = dict(log()) if number == signal.SIGINT else {}
    assert process.returncode == code
    assert first.keys() == (set(listed(world, event)) if first else set())
    assert len(listed(world, event)) < 30

    assert push(file, "--send-invites").code == 0
    assert len(listed(world, event)) == 30
    assert sorted(world.mails) == sorted({*world.mails})


def _signal(process: "subprocess.Popen[str]", number: int, *, after: int) -> Callable[[Any], bool]:
    seen = []

    def send(request: Any) -> bool:
        seen.append(request)
        if len(seen) == after:
            process.send_signal(number)
        return False

    return send
