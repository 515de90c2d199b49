"""Random fault plans: whatever happens, a few more runs end in exactly the rows of a clean load.

Each plan is made from its seed: a mix of HTTP faults, quirks of the API, and an end of the first run by
SIGKILL or SIGTERM at any moment, with or without the loss of the working folder of dlt. Then the faults stop,
and at most three further runs must end with exit code 0 and the rows of a clean load::

    python -m tests.faults.random_plans --plans 200
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partialmethod
from pathlib import Path
from unittest import mock

import duckdb

from airmeet_sandbox import Quirks, Sandbox, World, faults

Tables = dict[str, Counter[tuple[tuple[str, object], ...]]]  # each one a multiset of rows

MOST_FURTHER_RUNS = 3
VOLATILE = ("_dlt_load_id", "last_listed_at", "link_fetched_at", "link_expires_at")
LONGEST_RUN = 120.0  # seconds

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([f"airmeet_source.{name}" for name in ("cli.running", "loading.run")])

ACTIONS: dict[str, Callable[[], faults.Action]] = {
    "503": lambda: faults.status(503),
    "500": lambda: faults.status(500),
    "429": lambda: faults.status(429, retry_after=0.2),
    "502 as HTML": lambda: faults.html(502),
    "404": lambda: faults.status(404),
    "reset": faults.reset,
    "truncated body": faults.truncated,
    "no JSON": faults.not_json,
    "empty body": lambda: faults.empty(200),
    "error in a 200": lambda: faults.error_in_body(500),
    "no list": lambda: faults.body({"odd": True}),
    "202 amid the pages": faults.pending,
    "no answer": faults.hang,
    "slow": lambda: faults.delay(0.3),
}


@dataclass(frozen=True)
class Plan:
    """What goes wrong in one first run."""

    seed: int
    rules: tuple[tuple[str, float], ...]  # fault and its probability
    signal: int | None
    after: float  # seconds until the signal
    lose_working_folder: bool
    quirks: Quirks
    page_cap: int | None
    expire_token: bool
    checkpoint: float  # seconds between two load packages

    @classmethod
    def of(cls, seed: int) -> "Plan":
        """The plan of a seed."""
        rng = random.Random(seed)
        kinds = rng.sample(sorted(ACTIONS), rng.randint(0, 4))
        return cls(
            seed,
            tuple((kind, rng.choice((0.02, 0.1, 0.3))) for kind in kinds),
            rng.choice((None, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)),
            rng.uniform(0.1, 5.0),
            rng.random() < 0.25,
            Quirks(
                cursors=rng.choice(("always", "always", "not_on_last_page")),
                total_count=rng.random() < 0.7,
                page_count=rng.random() < 0.7,
                empty_lists=rng.choice(("list", "null", "missing")),
                empty_data=rng.choice(("list", "object", "null")),
            ),
            rng.choice((None, 3, 7)),
            rng.random() < 0.3,
            rng.choice((0.3, 1.0, 300.0)),
        )


def run_command(folder: Path, environment: dict[str, str], plan: Plan | None = None) -> int:
    """Run the command line in a process of its own, with a plan's signal; returns its exit code."""
    checkpoint = plan.checkpoint if plan is not None else 300.0
    process = _PROCESSES.Process(target=_command, args=(str(folder), environment, checkpoint))
    process.start()
    try:
        if plan is not None and plan.signal is not None:
            process.join(plan.after)
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, plan.signal)
        process.join(LONGEST_RUN)
        if process.is_alive():
            raise TimeoutError(f"a run took more than {LONGEST_RUN} s, see {folder}")
    finally:
        process.kill()
        process.join()
    return process.exitcode or 0


def _command(folder: str, environment: dict[str, str], checkpoint: float) -> None:
    # only the processes of the runs import it
    from airmeet_source.cli.main import call  # noqa: PLC0415
    from airmeet_source.extract.package import Checkpoint  # noqa: PLC0415

    os.chdir(folder)
    os.environ.update(environment)
    with (
        mock.patch.object(Checkpoint, "__init__", partialmethod(Checkpoint.__init__, seconds=checkpoint)),
        Path("run.log").open("a") as log,
        contextlib.redirect_stdout(log),
        contextlib.redirect_stderr(log),
    ):
        code = call("load", ["--pipelines-dir", "pipelines"], prog="airmeet load")
    sys.exit(code)


def contents(file: Path) -> Tables:
    """Every table, without what changes with each load."""
    found: Tables = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("USE airmeet_data")
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'airmeet_data'"
        )
        for (name,) in names.fetchall():
            if name.startswith("_dlt") or name == "sync_log":
                continue
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            columns = [column[0] for column in cursor.description or ()]
            found[name] = Counter(
                tuple(
                    (c, v) for c, v in zip(columns, row, strict=True) if v is not None and c not in VOLATILE
                )
                for row in cursor.fetchall()
            )
    return found


def environment_for(sandbox: Sandbox) -> dict[str, str]:
    """Settings that lead to the sandbox and give up quickly."""
    settings = {
        "ACCESS_KEY": sandbox.access_key, "SECRET_KEY": sandbox.secret_key, "BASE_URL": sandbox.base_url,
        "PENDING_WAIT": "0.2", "PENDING_TIMEOUT": "5", "BACKOFF": "0.02", "MAX_ATTEMPTS": "4",
        "REQUEST_TIMEOUT": "0.5",
    }  # fmt: skip
    return {f"SOURCES__AIRMEET__{name}": value for name, value in settings.items()}


def try_plan(plan: Plan, sandbox: Sandbox, clean: Tables) -> tuple[str, int]:
    """Carry out a plan; returns how its first run ended and how many further runs were needed.

    Raises:
        AssertionError: the rows are not those of a clean load.
    """
    environment = environment_for(sandbox)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sandbox.quirks, sandbox.page_cap = plan.quirks, plan.page_cap
        sandbox.forget_prepared()
        for number, (kind, probability) in enumerate(plan.rules):
            sandbox.faults.add(ACTIONS[kind](), probability=probability, seed=plan.seed * 10 + number)
        first = run_command(folder, environment, plan)
        if plan.expire_token:
            sandbox.expire_tokens()
        sandbox.faults.clear()
        if plan.lose_working_folder:
            shutil.rmtree(folder / "pipelines", ignore_errors=True)
        codes: list[int] = []
        while not codes or (codes[-1] != 0 and len(codes) < MOST_FURTHER_RUNS):
            codes.append(run_command(folder, environment))
        log = (folder / "run.log").read_text()
        assert codes[-1] == 0, (plan, first, codes, log[-3000:])
        loaded = contents(folder / "airmeet.duckdb")
        none: Counter[tuple[tuple[str, object], ...]] = Counter()
        wrong = {
            table: (loaded.get(table, none) - rows, rows - loaded.get(table, none))
            for table, rows in clean.items()
            if loaded.get(table, none) != rows
        }
        assert not wrong, (plan, first, codes, wrong, log[-3000:])
    return _end(first), len(codes)


def _end(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"


@contextlib.contextmanager
def prepared_sandbox() -> Iterator[tuple[Sandbox, Tables]]:
    """A sandbox whose time stands still, and the tables of a clean load."""
    with (
        Sandbox(World(seed=7, events=12, people=8), prepare_seconds=0.0) as sandbox,
        tempfile.TemporaryDirectory() as name,
    ):
        sandbox.clock.freeze()
        assert run_command(Path(name), environment_for(sandbox)) == 0, Path(name, "run.log").read_text()
        yield sandbox, contents(Path(name, "airmeet.duckdb"))


def main() -> int:
    """Carry out plans and print their tally."""
    parser = argparse.ArgumentParser(description="Carry out random fault plans and print their tally.")
    parser.add_argument("--plans", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1)
    options = parser.parse_args()
    ends: Counter[str] = Counter()
    further: Counter[int] = Counter()
    failures = []
    with prepared_sandbox() as (sandbox, clean):
        for seed in range(options.first_seed, options.first_seed + options.plans):
            try:
                end, runs = try_plan(Plan.of(seed), sandbox, clean)
            except (AssertionError, TimeoutError) as error:
                failures.append(seed)
                sandbox.faults.clear()
                sys.stderr.write(f"plan {seed}: {error}\n")
            else:
                ends[end] += 1
                further[runs] += 1
    print(f"{options.plans} plans, {options.plans - len(failures)} ended in the rows of a clean load")
    print("first runs: " + ", ".join(f"{count} {end}" for end, count in sorted(ends.items())))
    print("further runs needed: " + ", ".join(f"{count} x {runs}" for runs, count in sorted(further.items())))
    if failures:
        print(f"failed: {failures}")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
