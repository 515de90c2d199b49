"""Any bytes as the answers of a list: they end as rows or as a failure that is declared, in linear time.

``python -m tests.faults.fuzz --minutes 10`` goes on with other seeds, prints a tally, and writes the shortest
input of each kind to the corpus, which the suite tries again each time.
"""

import argparse
import base64
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airmeet_source.api.answers import Ready, classify
from airmeet_source.api.pages import CutShort, Doubtful
from airmeet_source.model.arrow import arrow_table
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.tables import TABLES
from airmeet_source.model.unit import UnitContext
from airmeet_source.resources import RESOURCES
from tests.support.json_values import JSON_VALUES
from tests.support.names import ANY_NAME
from tests.support.warehouse import NOW

CORPUS = Path(__file__).with_name("fuzz_corpus.json")

_LARGEST_KEPT = 1_500  # bytes

# seconds of the processor that any input may take, and each of its bytes
_BASE = 2.0
_PER_BYTE = 0.000_1


@dataclass(frozen=True)
class Input:
    """What a server sends, one answer after another, when a resource's list is asked for."""

    resource: str
    answers: tuple[tuple[int, str, bytes], ...]  # status, Retry-After, body

    def packed(self) -> list[Any]:
        """As JSON."""
        return [self.resource, [[s, after, base64.b64encode(b).decode()] for s, after, b in self.answers]]

    @classmethod
    def unpacked(cls, packed: list[Any]) -> "Input":
        """From JSON."""
        name, answers = packed
        return cls(name, tuple((s, after, base64.b64decode(b)) for s, after, b in answers))

    @property
    def size(self) -> int:
        """Bytes of all bodies."""
        return sum(len(body) for _, _, body in self.answers)


def digest(given_input: Input) -> tuple[str, ...]:
    """Let the bytes go the way of all answers; returns what became of each, which is the input's kind.

    Raises:
        Exception: whatever is not declared.
    """
    resource = RESOURCES[given_input.resource]
    pages, unit = resource.endpoint.paging.pages(), UnitContext("e1", "s1", NOW)
    types = {name: TableTypes(TABLES[name]) for name in resource.tables}
    kind = []
    for status, after, body in given_input.answers:
        answer = classify(resource.endpoint, status, {"Retry-After": after}, body)
        kind.append(f"{type(answer).__name__}{' doubtful' if getattr(answer, 'doubtful', False) else ''}")
        if not isinstance(answer, Ready):
            continue
        try:
            records = pages.accept(answer.records, answer.payload, doubtful=answer.doubtful)
        except Doubtful:
            kind.append("asked again")
            continue
        except CutShort as cut:
            kind.append(type(cut).__name__)
            pages.restart()
            unit.restart()
            continue
        kind.append(_rows(resource.rows, records, unit, types))
        if pages.done:
            break
    return (given_input.resource, *kind)


def _rows(
    make: Callable[..., Any], records: list[Any], unit: UnitContext, types: dict[str, TableTypes]
) -> str:
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in types}
    for record in records:
        if isinstance(record, dict):
            for table, row in make(record, unit):
                rows[table].append(row)
    unparsed = False
    for name, made in rows.items():
        if made:
            table = arrow_table(made, types[name])
            assert table.num_rows == len(made)
            unparsed |= "_unparsed" in table.column_names
    filled = ", ".join(name for name, made in rows.items() if made)
    return f"rows: {filled or 'none'}{' unparsed' if unparsed else ''}"


# -- what is sent --------------------------------------------------------------------------------

_FIELDS = sorted(
    {"id", "uid", "email", "user_id", "sessions", "polls", "questions", "options", "user_profile", "utms"}
    | {name for table in TABLES.values() for column in table.columns for name in column.api_names}
)
_NAMES = st.sampled_from(_FIELDS) | ANY_NAME
_RECORDS = st.lists(st.dictionaries(_NAMES, JSON_VALUES, max_size=5) | JSON_VALUES, max_size=4)
_COUNTS = st.sampled_from(["totalCount", "userCount", "totalUserCount", "pageCount", "count", "recordsTotal"])
_ENVELOPE = [
    "statusCode",
    "statusMessage",
    "success",
    "message",
    "code",
    "error",
    "errors",
    "data",
    "cursors",
]
_BESIDE = st.dictionaries(_COUNTS | st.sampled_from(_ENVELOPE), JSON_VALUES | st.integers(0, 600), max_size=3)
_STATUSES = st.sampled_from([200, 200, 200, 200, 202, 204, 302, 400, 401, 403, 404, 412, 429, 500, 503])
_AFTER = st.sampled_from(["", "1", "-1", "1e400", "nan", "9" * 50]) | st.text(max_size=20)


@st.composite
def bodies(draw: st.DrawFn, name: str | None) -> bytes:
    """Bodies near those of the API, some of them damaged, and any other bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=100))
    payload: dict[str, Any] = {**draw(_BESIDE), name or "sessions": draw(_RECORDS | JSON_VALUES)}
    if draw(st.booleans()):
        payload["cursors"] = draw(st.dictionaries(_COUNTS | st.just("after"), JSON_VALUES, max_size=3))
    if draw(st.integers(0, 4)) == 0:
        payload = {"data": payload}
    text = json.dumps(payload, ensure_ascii=draw(st.booleans()))
    body = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        place = draw(st.integers(0, len(body)))
        body[place : place + draw(st.integers(0, 5))] = draw(st.binary(max_size=4))
    return bytes(body)


@st.composite
def inputs(draw: st.DrawFn) -> Input:
    """What a server may send for any resource."""
    name = draw(st.sampled_from(sorted(RESOURCES)))
    body = bodies(RESOURCES[name].endpoint.records)
    answers = draw(st.lists(st.tuples(_STATUSES, _AFTER, body), min_size=1, max_size=4))
    return Input(name, tuple(answers))


# -- the harness ---------------------------------------------------------------------------------


@dataclass
class Tally:
    """What has been tried."""

    tried: int = 0
    slowest: float = 0.0  # seconds
    kinds: Counter[tuple[str, ...]] = field(default_factory=Counter)
    shortest: dict[tuple[str, ...], Input] = field(default_factory=dict)

    def check(self, each: Input) -> None:
        """Try one input."""
        started = time.thread_time()
        kind = digest(each)
        took = time.thread_time() - started
        assert took < _BASE + _PER_BYTE * each.size, f"{took:.1f} s for {each.size} bytes"
        self.tried += 1
        self.slowest = max(self.slowest, took)
        self.kinds[kind] += 1
        if kind not in self.shortest or each.size < self.shortest[kind].size:
            self.shortest[kind] = each


def corpus() -> list[Input]:
    """The inputs that are kept, one of each kind."""
    return [Input.unpacked(packed) for packed in json.loads(CORPUS.read_text(encoding="utf-8"))]


def fuzz(tally: Tally, examples: int, number: int) -> None:
    """Try so many inputs made from a seed.

    Raises:
        Exception: an input that does what none may, made as simple as it can be.
    """

    @hypothesis.seed(number)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(inputs())
    def try_all(each: Input) -> None:
        tally.check(each)

    try_all()


def main() -> None:
    """Fuzz for some minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--keep", type=int, default=200, help="inputs in the corpus")
    options = parser.parse_args()
    tally, ends_at = Tally(), time.monotonic() + 60 * options.minutes
    for each in corpus() if CORPUS.exists() else ():
        tally.check(each)
    for number in count(options.first_seed):
        fuzz(tally, 200, number)
        if time.monotonic() >= ends_at:
            break
    short = [kind for kind, each in tally.shortest.items() if each.size <= _LARGEST_KEPT]
    rare = sorted(short, key=lambda kind: (tally.kinds[kind], kind))[: options.keep]
    kept = [tally.shortest[kind].packed() for kind in sorted(rare)]
    CORPUS.write_text("[\n" + ",\n".join(map(json.dumps, kept)) + "\n]\n", encoding="utf-8")
    print(f"{tally.tried:,} inputs of {len(tally.kinds):,} kinds, seeds {options.first_seed} to {number}")
    print(f"the slowest took {tally.slowest:.3f} s; {len(kept)} are kept in {CORPUS.name}")


if __name__ == "__main__":
    main()
