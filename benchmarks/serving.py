"""The sandbox of Airmeet's API in a process of its own, with a world made to measure.

It computes each page when it is asked for, so that ten million rows take it no memory, and counts requests.
Its CPU is not counted, but it does compete for the machine's cores with whoever is measured.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airmeet_sandbox import Sandbox, World, names

SETTLED_SINCE = timedelta(days=200)  # longer than settle_days and replay_days: read once, then never again
STARTS_APART = timedelta(minutes=15)
STARTS = 100_003  # in about three years; a prime number, so that all occur


@dataclass(frozen=True)
class Serving:
    """Where a running sandbox is."""

    base_url: str
    access_key: str
    secret_key: str

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead the connector there; the other contestants read the same ones."""
        return {
            "SOURCES__AIRMEET__BASE_URL": self.base_url,
            "SOURCES__AIRMEET__ACCESS_KEY": self.access_key,
            "SOURCES__AIRMEET__SECRET_KEY": self.secret_key,
        }

    def requests(self) -> int:
        """How many requests it has answered so far, those for tokens included."""
        root = self.base_url.rsplit("/", 1)[0]
        with urllib.request.urlopen(f"{root}/_sandbox/stats") as answer:  # noqa: S310 - our own server
            return int(json.load(answer)["requests"])


@dataclass(frozen=True)
class Community:
    """What is served: finished events of equal size."""

    events: int
    people: int  # registrations of each event; see people_for
    sessions: int = 3  # hours of programme; each third hour has two sessions
    latency: float = 0.0  # seconds that each answer takes
    prepare: float = 0.0  # seconds for which asynchronous results are answered with 202
    fields: int = 5  # custom fields of each registration form, three out of four of them answered
    bare: bool = False  # without booths, tracks, polls and everything else that is optional


@contextmanager
def serving(community: Community) -> Iterator[Serving]:
    """A sandbox that shows the community, for as long as the context lasts."""
    command = [sys.executable, str(Path(__file__).resolve()), json.dumps(asdict(community))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        try:
            yield Serving(*process.stdout.readline().split())
        finally:
            process.terminate()


def people_for(attendance: int) -> int:
    """Registrations of an event to which so many people come: two out of three of the first nine tenths."""
    people = attendance * 5 // 3
    while (people - people // 10) * 2 // 3 < attendance:
        people += 1
    return people


def main() -> None:
    """Serve until terminated; the first line of output is where and with which keys."""
    community = Community(**json.loads(sys.argv[1]))
    forms = -(-community.fields // len(names.CUSTOM_FIELDS))
    names.CUSTOM_FIELDS = (names.CUSTOM_FIELDS * forms)[: community.fields]
    world = World(seed=7, events=0)
    start = datetime.now(UTC) - SETTLED_SINCE
    for number in range(community.events):
        world.add_event(
            start=start - number * 7_919 % STARTS * STARTS_APART,
            people=community.people,
            sessions=community.sessions,
            bare=community.bare,
        )
    sandbox = Sandbox(
        world,
        latency=community.latency,
        prepare_seconds=community.prepare,
        prepared_seconds=timedelta(days=1).total_seconds(),
        keep_log=False,
    )
    with sandbox:
        print(sandbox.base_url, sandbox.access_key, sandbox.secret_key, flush=True)
        sandbox.serve_forever()


if __name__ == "__main__":
    main()
