"""Random plans of ``airmeet push``: whatever happened before, one quiet run ends with everybody in, once.

Each plan is made from its seed: people, some of whom are on the list already; runs that are disturbed by HTTP
faults before or after Airmeet has done what it was asked for, or killed at any moment; then one quiet run. At
the end everybody is on the list once, nobody was mailed twice, and ``push_log`` agrees with what the server
saw::

    python -m tests.faults.random_pushes --plans 100
    python -m tests.faults.random_pushes --seed 17
"""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import duckdb

from airmeet_sandbox import Sandbox, World, faults
from airmeet_sandbox.faults import Action
from airmeet_sandbox.guests import INVITEE, REGISTERED
from tests.faults.commands import alone_with, run_quietly, run_until
from tests.faults.plans import carry_out

FAULTS: dict[str, Callable[[], Action]] = {
    "503": lambda: faults.status(503),
    "500": lambda: faults.status(500, shape="message"),
    "502 as HTML": lambda: faults.html(502),
    "reset": faults.reset,
    "no answer": faults.hang,
    "429": lambda: faults.status(429, retry_after=0),
    "expired token": lambda: faults.status(412),
    "empty 200": lambda: faults.empty(200),
    "half a JSON": faults.not_json,
    "500 in a 200": lambda: faults.error_in_body(500),
    "202": faults.pending,
}
NOT_DONE = ("429", "expired token")  # whoever says so has done nothing
ENDPOINTS = ("add_attendee", "add_attendee", "add_attendee", "participants", "auth")
ACTIONS = {"register": REGISTERED, "authorise": INVITEE}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that happens to requests; ``late``: after they have done their work."""

    name: str
    endpoint: str
    late: bool
    skip: int
    times: int


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that is disturbed; ``killed``: after so many people were sent, before the answer or behind it."""

    faults: tuple[Fault, ...]
    killed: int | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What happens."""

    seed: int
    people: int
    there: int  # of them, before the first run
    invites: bool
    action: str
    runs: tuple[Run, ...]

    @classmethod
    def of(cls, seed: int) -> "Plan":
        """The plan of a seed."""
        rng = Random(seed)
        people = rng.randint(3, 14)
        runs = []
        for _ in range(rng.choice((1, 1, 2, 3))):
            killed = rng.randrange(people) if rng.random() < 0.3 else None
            runs.append(
                Run(faults=tuple(_fault(rng, people) for _ in range(rng.randint(0, 3))), killed=killed)
            )
        return cls(
            seed=seed,
            people=people,
            there=rng.choice((0, 0, 1, 2)),
            invites=rng.random() < 0.7,
            action=rng.choice(("register", "register", "authorise")),
            runs=tuple(runs),
        )


def _fault(rng: Random, people: int) -> Fault:
    endpoint, name = rng.choice(ENDPOINTS), rng.choice([*FAULTS])
    return Fault(
        name=name,
        endpoint=endpoint,
        late=endpoint == "add_attendee" and name not in NOT_DONE and rng.random() < 0.5,
        skip=rng.randrange(people),
        times=rng.choice((1, 1, 2, 5)),
    )


def try_plan(plan: Plan) -> list[int]:
    """Carry out a plan; returns how the disturbed runs ended.

    Raises:
        AssertionError: somebody is missing, doubled or mailed twice, or the log disagrees with the server.
    """
    with (
        Sandbox(World(seed=plan.seed, events=3, people=4)) as sandbox,
        alone_with(sandbox, request_timeout="0.5"),
    ):
        return _carry_out(plan, sandbox)


def _carry_out(plan: Plan, sandbox: Sandbox) -> list[int]:
    world = sandbox.world
    event = world.add_event(bare=True)
    emails = [f"p{number}@example.com" for number in range(plan.people)]
    Path("people.csv").write_text(
        "\n".join(["email,name", *(f"{email},Pat {number}" for number, email in enumerate(emails))])
    )
    for email in emails[: plan.there]:
        world.admit(event, {"email": email, "name": "Pat"}, registers=plan.action == "register")
    words = [
        "people.csv",
        "--event",
        event,
        f"--{plan.action}",
        *(["--send-invites"] if plan.invites else []),
    ]
    codes = [_disturbed(run, sandbox, words) for run in plan.runs]
    assert _quiet(words) == 0, "the quiet run failed"
    _compare(plan, world, event, emails)
    return codes


def _disturbed(run: Run, sandbox: Sandbox, words: list[str]) -> int:
    for fault in run.faults:
        action = FAULTS[fault.name]()
        sandbox.faults.add(
            faults.done_but(action) if fault.late else action,
            endpoint=fault.endpoint,
            skip=fault.skip,
            times=fault.times,
        )
    try:
        return _quiet(words) if run.killed is None else _killed(run.killed, sandbox, words)
    finally:
        sandbox.faults.clear()


def _quiet(words: list[str]) -> int:
    return run_quietly("push", words)


def _killed(after: int, sandbox: Sandbox, words: list[str]) -> int:
    """Kill a run when so many people are taken; the one after them may be on the way."""
    before = len(sandbox.world.taken)
    return run_until(
        lambda: len(sandbox.world.taken) - before >= after, "push", words, sandbox, "add_attendee"
    )


def _compare(plan: Plan, world: World, event: str, emails: list[str]) -> None:
    records = [record for record in world.records("participants", event) if record["email"] in emails]
    assert Counter(record["email"] for record in records) == Counter(emails), "somebody is missing or doubled"
    assert {record["user_type"] for record in records} == {ACTIONS[plan.action]}
    mails = Counter(email for _, email in world.mails)
    assert max(mails.values(), default=0) <= 1, f"mailed twice: {mails}"
    new = emails[plan.there :]
    assert set(mails) == (set(new) if plan.invites else set()), "somebody got no mail, or one by accident"
    changed = [taken.email for taken in world.taken[plan.there :] if taken.changed]
    assert sorted(changed) == sorted(new), "the server changed somebody else, or twice"
    _compare_log(plan, emails, new)


def _compare_log(plan: Plan, emails: list[str], new: list[str]) -> None:
    with duckdb.connect("airmeet.duckdb", read_only=True) as connection:
        rows = connection.execute(
            "SELECT email, outcome FROM airmeet_data.push_log ORDER BY sent_at"
        ).fetchall()
    outcomes: dict[str, list[str]] = {email: [] for email in emails}
    for email, outcome in rows:
        outcomes[email].append(outcome)
    was_killed = any(run.killed is not None for run in plan.runs)
    for email, theirs in outcomes.items():
        assert theirs[-1] in ("added", "already_there"), f"{email}: {theirs}"
        assert theirs.count("added") <= (email in new), f"{email} was not added so often: {theirs}"
        is_told = "added" in theirs or "failed" in theirs or was_killed or email not in new
        assert is_told, f"{email} was added, and the log does not say so: {theirs}"


if __name__ == "__main__":
    sys.exit(
        carry_out(
            "Carry out random plans of pushes and print their tally.",
            Plan.of,
            try_plan,
            "everybody is in, once",
        )
    )
