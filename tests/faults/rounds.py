"""Rounds: runs at the same time, made from seeds, and what they leave."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from tests.faults.histories.contents import VOLATILE

Rows = Counter[tuple[tuple[str, object], ...]]
Tables = dict[str, Rows]
TryRound = Callable[[int], Iterable[str]]  # by its seed: how its runs ended, or a Counter of that


def rows_of(cursor: Any) -> Rows:
    """The rows that a query found, without what changes with each load."""
    columns = [column[0] for column in cursor.description]
    return Counter(
        tuple(
            (column, str(value))
            for column, value in sorted(zip(columns, row, strict=True))
            if value is not None and column not in VOLATILE
        )
        for row in cursor.fetchall()
    )


def require_same(loaded: Tables, expected: Tables, what: object) -> None:
    """Make sure that the tables that are expected hold the rows that are expected."""
    none: Rows = Counter()
    wrong = {
        table: (loaded.get(table, none) - rows, rows - loaded.get(table, none))
        for table, rows in expected.items()
        if loaded.get(table, none) != rows
    }
    assert not wrong, (what, wrong)


def carry_out(
    description: str, runs: str, arena: Callable[[], AbstractContextManager[TryRound]], rounds: int
) -> int:
    """The program: carry out rounds and print their tally; returns its exit code.

    Args:
        description: of the program.
        runs: what a round consists of, in words.
        arena: what all rounds share, for as long as it is entered.
        rounds: how many there are by default.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--first-seed", type=int, default=1)
    options = parser.parse_args()
    ends: Counter[str] = Counter()
    wrong = []
    with arena() as try_round:
        for seed in range(options.first_seed, options.first_seed + options.rounds):
            try:
                ends.update(try_round(seed))
            except AssertionError as error:
                wrong.append(seed)
                sys.stderr.write(f"round {seed}: {error}\n")
    told = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    print(f"{options.rounds} rounds of {runs}: {told}; {len(wrong)} rounds wrong")
    if wrong:
        print(f"wrong: {wrong}")
    return int(bool(wrong))
