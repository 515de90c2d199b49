"""How close the waiting comes to its limit: one wait, plus requests x latency / connections.

Every asynchronous result is answered with 202 first; the sandbox runs in a process of its own. The wall time
is that of the whole command, from its start to its end, loading into DuckDB included::

    python benchmarks/waiting.py [--events 300]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RUN = Path(__file__).resolve().parent.parent / "pipelines" / "run.py"
ASYNCHRONOUS = "event_attendance,session_attendance,booth_attendance,utms,replay_attendance"


@contextmanager
def sandbox_process(*arguments: str) -> Iterator[dict[str, str]]:
    """A sandbox in a process of its own; yields the environment that leads the command to it."""
    command = [sys.executable, "-m", "airmeet_source.sandbox", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        announced = [process.stdout.readline().split()[-1] for _ in range(4)]
        base_url, _, access_key, secret_key = announced
        try:
            yield {
                "SOURCES__AIRMEET__BASE_URL": base_url,
                "SOURCES__AIRMEET__ACCESS_KEY": access_key,
                "SOURCES__AIRMEET__SECRET_KEY": secret_key,
            }
        finally:
            process.terminate()


def main() -> None:
    """Run the command once and print the ratio."""
    parser = argparse.ArgumentParser(description="Wall time of a load against the limit of its waiting.")
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer")
    parser.add_argument("--wait", type=float, default=5.0, help="seconds between two asks for a result")
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    sandbox = (
        "--events",
        options.events,
        "--people",
        20,
        "--latency",
        options.latency,
        "--prepare",
        options.wait,
    )
    with tempfile.TemporaryDirectory() as folder, sandbox_process(*map(str, sandbox)) as keys:
        environment = {
            **os.environ,
            **keys,
            "SOURCES__AIRMEET__PENDING_WAIT": str(options.wait),
            "SOURCES__AIRMEET__MAX_CONCURRENCY": str(options.connections),
        }
        command = [sys.executable, str(RUN), "--pipelines-dir", folder, "--resources", ASYNCHRONOUS]
        command += ["--report", "report.json", "--quiet"]
        started = time.monotonic()
        subprocess.run(command, env=environment, cwd=folder, check=True)
        wall = time.monotonic() - started
        report = json.loads(Path(folder, "report.json").read_text(encoding="utf-8"))
    limit = options.wait + report["requests"] * options.latency / options.connections
    print(
        f"{options.events} events, {sum(report['units'].values()):,} units, {report['requests']:,} requests"
    )
    print(f"wall time {wall:.1f} s, limit {limit:.1f} s, ratio {wall / limit:.2f}")


if __name__ == "__main__":
    main()
