"""Random plans of ``airmeet recordings``: whatever happened before, one quiet run ends with every file whole.

Each plan is made from its seed: an event with recordings, some of them at the place already; runs that are
disturbed by faults of the downloads and of the API, or killed at any moment. After each of them every file
with a final name is whole. Then comes one quiet run. At the end every recording is at the place, whole and
once, there is nothing else, and ``recording_files`` agrees with what the world has::

    python -m tests.faults.random_recordings --plans 100
    python -m tests.faults.random_recordings --seed 17
"""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from airmeet_sandbox import Sandbox, World, faults, file_faults
from airmeet_sandbox.faults import Action
from tests.faults.commands import alone_with, run_quietly, run_until
from tests.faults.plans import carry_out

FILES = "recording_files"
FAULTS: dict[str, Callable[[Random], Action]] = {
    "cut": lambda rng: faults.truncated(rng.random()),
    "stalls": lambda rng: file_faults.stalled(rng.random()),
    "another ETag": lambda _: file_faults.another_etag(),
    "200 for a range": lambda _: file_faults.ignoring_range(),
    "206 from elsewhere": lambda rng: file_faults.range_from(rng.randrange(20_000)),
    "without a length": lambda _: file_faults.unannounced(),
    "403": lambda _: faults.status(403),
    "404": lambda _: faults.status(404),
    "429": lambda _: faults.status(429, retry_after=0),
    "500": lambda _: faults.status(500),
    "502 as HTML": lambda _: faults.html(502),
    "a page": lambda _: faults.html(200),
    "empty": lambda _: faults.empty(200),
    "reset": lambda _: faults.reset(),
    "to file://": lambda _: file_faults.redirect("file:///etc/passwd"),
    "round and round": lambda _: file_faults.redirect("?again"),
}
OF_THE_API = ("500", "502 as HTML", "reset", "429", "empty", "cut", "404")
PLACE = Path("copies")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that happens to requests; ``expires``: and all links die just before."""

    name: str
    endpoint: str
    skip: int
    times: int
    expires: bool


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that is disturbed; ``killed``: at the so-manieth request for a file, while it stalls."""

    faults: tuple[Fault, ...]
    killed: int | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What happens."""

    seed: int
    sessions: int
    there: int  # files, before the first run
    litter: int  # of them, cut off since
    replaced: bool  # whether a recording becomes another one amid the runs
    runs: tuple[Run, ...]

    @classmethod
    def of(cls, seed: int) -> "Plan":
        """The plan of a seed."""
        rng = Random(seed)
        sessions = rng.randint(2, 8)
        runs = []
        for _ in range(rng.choice((1, 1, 2, 3))):
            killed = rng.randrange(sessions) if rng.random() < 0.3 else None
            hurt = tuple(_fault(rng, sessions) for _ in range(rng.randint(1, 4)))
            runs.append(Run(faults=hurt, killed=killed))
        there = rng.choice((0, 0, 1, 2))
        return cls(
            seed=seed,
            sessions=sessions,
            there=there,
            litter=rng.randint(0, there),
            replaced=rng.random() < 0.3,
            runs=tuple(runs),
        )


def _fault(rng: Random, sessions: int) -> Fault:
    endpoint = rng.choice((FILES, FILES, FILES, "session_recordings", "auth"))
    return Fault(
        name=rng.choice([*FAULTS] if endpoint == FILES else OF_THE_API),
        endpoint=endpoint,
        skip=rng.randrange(sessions if endpoint == FILES else 1) if rng.random() < 0.8 else 0,
        times=rng.choice((1, 1, 2, 5)),
        expires=endpoint == FILES and rng.random() < 0.2,
    )


def try_plan(plan: Plan) -> list[int]:
    """Carry out a plan; returns how the disturbed runs ended.

    Raises:
        AssertionError: a file is missing, half or doubled, or the table disagrees with the world.
    """
    with (
        Sandbox(World(seed=plan.seed, events=1, people=1)) as sandbox,
        alone_with(sandbox, request_timeout="0.3"),
    ):
        return _carry_out(plan, sandbox)


def _carry_out(plan: Plan, sandbox: Sandbox) -> list[int]:
    world, rng = sandbox.world, Random(plan.seed)
    event = world.add_event("Talks", world.clock.now() - timedelta(days=1), sessions=plan.sessions)
    world.finish_event(event)
    words = ["--to", str(PLACE), "--events", event]
    if plan.there:
        assert _quiet(words) == 0
        _leave(plan.there, plan.litter)
    known = Counter(_expected(world, event))  # what a file may be
    codes = []
    for run in plan.runs:
        codes.append(_disturbed(run, sandbox, words, rng))
        if plan.replaced and run is plan.runs[0]:
            missing = known - Counter(_files().values())
            _replace_one(world, event, missing)
            known |= Counter(_expected(world, event))
        strange = [path for path, file in _files().items() if file not in known and file != b"cut off"]
        assert not strange, f"not whole: {strange}"
    assert _quiet(words) == 0, "the quiet run failed"
    _compare(world, event)
    return codes


def _expected(world: World, event: str) -> list[bytes]:
    """What is in the files of an event, in the order of its list."""
    seen: Counter[str] = Counter()
    files = []
    for record in world.records("session_recordings", event):
        files.append(world.recording(record["session_id"], seen[record["session_id"]]))
        seen[record["session_id"]] += 1
    return files


def _files() -> dict[str, bytes]:
    """The files at the place that are no drafts."""
    return {
        file.relative_to(PLACE).as_posix(): file.read_bytes()
        for file in PLACE.rglob("*")
        if file.is_file() and not file.name.startswith(".")
    }


def _leave(there: int, litter: int) -> None:
    """Leave only some of the files, some of them cut off."""
    for number, path in enumerate(sorted(_files())):
        if number < litter:
            (PLACE / path).write_bytes(b"cut off")
        elif number >= there:
            (PLACE / path).unlink()


def _replace_one(world: World, event: str, missing: Counter[bytes]) -> None:
    """Make another film of one that is not copied yet."""
    seen: Counter[str] = Counter()
    for record in world.records("session_recordings", event):
        session = record["session_id"]
        if world.recording(session, seen[session]) in missing:
            world.replace_recording(session, f"another {session}".encode() * 1_000, seen[session])
            return
        seen[session] += 1


def _disturbed(run: Run, sandbox: Sandbox, words: list[str], rng: Random) -> int:
    for fault in run.faults:
        sandbox.faults.add(
            FAULTS[fault.name](rng),
            endpoint=fault.endpoint,
            skip=fault.skip,
            times=fault.times,
            when=_expiring(sandbox) if fault.expires else None,
        )
    try:
        return _quiet(words) if run.killed is None else _killed(run.killed, sandbox, words)
    finally:
        sandbox.faults.clear()


def _expiring(sandbox: Sandbox) -> Callable[[Any], bool]:
    """Let all links die with the first request that is looked at."""
    done: list[bool] = []

    def expire(_request: Any) -> bool:
        if not done:
            done.append(True)
            sandbox.clock.advance(timedelta(hours=7))
        return True

    return expire


def _quiet(words: list[str]) -> int:
    return run_quietly("recordings", words)


def _killed(at: int, sandbox: Sandbox, words: list[str]) -> int:
    before = len(sandbox.requests.to(FILES))
    return run_until(
        lambda: len(sandbox.requests.to(FILES)) - before >= at, "recordings", words, sandbox, FILES
    )


def _compare(world: World, event: str) -> None:
    files, wanted = _files(), _expected(world, event)
    assert Counter(files.values()) == Counter(wanted), "a file is missing, half or doubled"
    assert not [file for file in PLACE.rglob(".*") if file.is_file()], "a draft is left"
    with duckdb.connect("airmeet.duckdb", read_only=True) as connection:
        rows = connection.execute("SELECT path, bytes, sha256 FROM airmeet_data.recording_files").fetchall()
    told = sorted((path, len(file), hashlib.sha256(file).hexdigest()) for path, file in files.items())
    assert sorted(rows) == told, "recording_files disagrees"


if __name__ == "__main__":
    sys.exit(
        carry_out(
            "Carry out random plans of copies and print their tally.",
            Plan.of,
            try_plan,
            "every file is whole",
        )
    )
