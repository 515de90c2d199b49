"""Measure the connector beside others, against the sandbox; renews results.md, results.json and results.svg.

::

    python benchmarks/run.py [--quick] [--only NAME,...] [--output DIR]
"""

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import report
from cases import day, growth, no_news, rows, start_up, waiting
from contests import Result
from keeping import stored

BENCHMARKS: dict[str, Callable[..., Result]] = {
    "waiting": waiting.waiting,
    "attendance": rows.attendance,
    "participants": rows.participants,
    "no_news": no_news.no_news,
    "day": day.day,
    "growth": growth.growth,
    "start_up": start_up.start_up,
}


def main() -> None:
    """Run the benchmarks that are asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python benchmarks/run.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything works")
    parser.add_argument(
        "--only", default=",".join(BENCHMARKS), metavar="NAME,...", help="default: %(default)s"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).resolve().parent,
        metavar="DIR",
        help="default: beside this file",
    )
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)  # before anything is measured
    names = options.only.split(",")
    if unknown := sorted(set(names) - set(BENCHMARKS)):
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, too
    results = stored(options.output, quick=options.quick)
    for name in names:
        results[name] = replace(BENCHMARKS[name](quick=options.quick), measured=report.circumstances())
        print(report.section(results[name]), end="\n\n", flush=True)
        in_order = {known: results[known] for known in BENCHMARKS if known in results}
        report.write(in_order, options.output, quick=options.quick)


if __name__ == "__main__":
    main()
