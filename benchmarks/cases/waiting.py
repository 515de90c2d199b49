"""Waiting: every asynchronous result of every event is answered with 202 first."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
from contests import Goal, Result, enter, enter_ours, python_with
from serving import Community, serving

ASYNCHRONOUS = ("event_attendance", "session_attendance", "booth_attendance", "utms", "replay_attendance")
CONNECTIONS = 16
LATENCY = 0.05  # seconds
DLT_THREADS = 5  # dlt's default
AIRBYTE_THREADS = 8
_REST_API_TABLES = [f"airmeet_data.{name}" for name in ASYNCHRONOUS]


@dataclass(frozen=True)
class Other:
    """Another way to load the same.

    ``threads``: how many results it waits for at a time. ``packages``: what it needs, if that is not ours; in
    one environment with us they would cost us their own: PyArrow and DuckDB import pandas wherever it is.
    """

    name: str
    script: str
    tables: Sequence[str]
    arguments: Sequence[str] = ()
    threads: int = 1
    packages: Sequence[str] = ()


OTHERS = (
    Other("rest_api, retrying on 202", "rest_api_waiting.py", _REST_API_TABLES),
    Other("rest_api, parallelized", "rest_api_waiting.py", _REST_API_TABLES, ("--parallel",), DLT_THREADS),
    Other("requests in a loop", "sequential.py", ("records",)),
    Other(
        "Airbyte CDK 7, retrying on 202",
        "airbyte_waiting.py",
        ("records",),
        ("--threads", str(AIRBYTE_THREADS)),
        AIRBYTE_THREADS,
        ("airbyte-cdk>=7,<8", f"duckdb=={duckdb.__version__}", "pyarrow"),
    ),
)


def waiting(*, quick: bool) -> Result:
    """How close the waiting comes to its limit, and how far others are from it."""
    events, wait = (10, 2.0) if quick else (300, 5.0)
    settings = {"pending_wait": wait, "max_concurrency": CONNECTIONS}
    community = Community(events, people=20, latency=LATENCY, prepare=wait)
    with serving(community) as server:
        ours = enter_ours(server, events, *ASYNCHRONOUS, settings=settings)
    limit = wait + ours.requests * LATENCY / CONNECTIONS
    entries, goals = [ours], [Goal("wall time of ours / limit", ours.cost.wall / limit, 1.0, "x")]
    for other in OTHERS:
        few = other.threads if quick else 2 * other.threads  # with all of them it would take hours
        arguments = ("--wait", str(wait), *other.arguments)
        try:
            with python_with(*other.packages) as python, serving(replace(community, events=few)) as server:
                entry = enter(
                    other.name, server, few, other.script, *arguments, tables=other.tables, python=python
                )
        except subprocess.CalledProcessError:
            print(f"{other.name}: left out, it cannot be installed", file=sys.stderr)
            continue
        whole = entry.cost.wall * events / few
        entries.append(replace(entry, remark=f"≈ {whole:,.0f} s for {events} events"))
        if other.threads == 1:
            goals.append(Goal(f"wall time of ours / {other.name}", ours.cost.wall / whole, 1 / 20, "x"))
    return Result(
        "Waiting for results in preparation",
        f"Results take {wait:g} s to prepare and each answer {LATENCY * 1000:g} ms. The limit is one wait "
        f"and the latency of all requests over {CONNECTIONS} connections: {limit:.1f} s. The others ran on "
        "a few events; the time that all of them would take is extrapolated in proportion to their number.",
        entries,
        goals,
        "wall time in seconds per event",
    )
