"""Problems as people read them: one line a kind, ids whole, names as far as there is room."""

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from airmeet_sandbox import Sandbox, faults
from airmeet_source.cli.problems import Place, Trouble, print_troubles
from airmeet_source.extract.sync_log import Problem, in_words, kinds_of
from tests.support.cli import Cli

ID = "e3b0c442-98fc-1c14-9afb-f4c8996fb924"
FEW = ("--resources", "airmeets,utms,tracks")

ids = st.text("abcdef0123456789-", min_size=1, max_size=60)
names = st.text(max_size=80)


@given(pair=st.lists(ids, min_size=1, max_size=2), name=names, width=st.integers(20, 200))
def test_ids_are_whole_on_their_line_and_names_take_what_is_left(
    pair: list[str], name: str, width: int
) -> None:
    line = Place(name=name, ids=pair).line(width)

    assert line.startswith(f"  {' '.join(pair)}")
    assert "\n" not in line
    assert cell_len(line) <= max(width, 2 + len(" ".join(pair)))


@pytest.mark.parametrize("width", [20, 80])
@pytest.mark.parametrize("kinds", [1, 7, 60])
def test_many_problems_fit_on_a_screen_and_the_rest_is_counted(width: int, kinds: int) -> None:
    file = io.StringIO()
    console = Console(file=file, width=width, height=30, force_terminal=True, color_system=None)
    places = [Place(name=f"Event {number}", ids=(f"{ID}-{number}", ID)) for number in range(100)]

    print_troubles(
        console, [Trouble(state="failed", told=f"r{n}: 100 failed", places=places) for n in range(kinds)]
    )

    lines = file.getvalue().splitlines()
    assert len(lines) <= 30
    assert sum(line.startswith(f"  {ID}-0 {ID}") for line in lines) == min(kinds, 6)
    assert "more, see table sync_log" in file.getvalue()


def test_problems_that_differ_in_their_units_only_are_one_kind() -> None:
    problems = [
        *(Problem("utms", f"e{n}", None, "failed", f"no event e{n} (after 6 attempts)") for n in range(29)),
        *(Problem("booth_attendance", "e1", f"b{n}", "pending", "still preparing") for n in range(40)),
        Problem("tracks", "e1", None, "failed", "HTTP 503: request 4711 (after 6 attempts)"),
        Problem("tracks", "e2", None, "failed", "HTTP 503: request 4712"),
    ]

    assert [str(kind) for kind in kinds_of(problems)] == [
        "utms: 29 failed, no event … (after 6 attempts)",
        "tracks: 2 failed, HTTP 503",
        "booth_attendance: 40 pending, still preparing",
    ]
    assert in_words(problems) == (
        "Not everything was loaded: utms: 29 failed, no event … (after 6 attempts) (e0, e1, e2, and 26 more)"
        "; tracks: 2 failed, HTTP 503 (e1, e2); booth_attendance: 40 pending, still preparing "
        "(e1 b0, e1 b1, e1 b2, and 37 more)."
    )


def test_where_sessions_do_not_fit_each_event_is_a_line() -> None:
    file = io.StringIO()
    places = [Place(name=f"Event {number % 3}", ids=(f"e{number % 3}", f"s{number}")) for number in range(90)]

    print_troubles(Console(file=file, width=80), [Trouble(state="failed", told="90 failed", places=places)])

    assert file.getvalue().splitlines() == [
        "90 failed",
        *(f"  e{number} (30 units)  Event {number}" for number in range(3)),
    ]


class TestRuns:
    def test_a_run_with_problems_groups_them_and_names_the_events(self, cli: Cli, sandbox: Sandbox) -> None:
        sandbox.faults.add(faults.status(404), endpoint="utms")
        result = cli(*FEW, "--report", "report.json")
        assert result.code == 3
        with open("report.json") as file:  # noqa: PTH123
            problems = json.load(file)["problems"]
        lines = result.out.splitlines()
        [head] = [number for number, line in enumerate(lines) if line.startswith("utms: ")]
        assert lines[head].startswith(f"utms: {len(problems)} failed, HTTP 404")
        events = {event["uid"]: event["name"] for event in sandbox.world.records("airmeets")}
        told = lines[head + 1 : head + 1 + len(problems)]
        assert told == [f"  {p['airmeet_id']}  {events[p['airmeet_id']]}" for p in problems]

        quiet = cli(*FEW, "--quiet")
        assert quiet.code == 3
        assert "utms: " in quiet.out
        assert "rows written" not in quiet.out

    def test_nothing_new_is_one_line_and_json_has_lines_for_all(self, cli: Cli, sandbox: Sandbox) -> None:
        assert cli("--resources", "airmeets,utms").code == 0
        result = cli("--resources", "airmeets,utms")
        assert result.code == 0
        [line] = result.out.splitlines()
        assert line.startswith("Nothing new: ")

        sandbox.faults.add(
            faults.status(500), endpoint="tracks", path=sandbox.world.event_in("just_finished")
        )
        result = cli(*FEW, "--log-format", "json")
        assert (result.code, result.out) == (3, "")
        lines = [json.loads(line) for line in result.err.splitlines()]
        assert len({line["run_id"] for line in lines}) == 1
        units = [line["unit"] for line in lines if "unit" in line]
        assert {unit["outcome"] for unit in units} == {"failed"}
        assert lines[-1]["report"]["units"]["failed"] == len(units)

        sandbox.revoke_keys()
        result = cli(*FEW, "--log-format", "json", "--log-level", "DEBUG")
        assert result.code == 2
        error = json.loads(result.err.splitlines()[-1])
        assert error["level"] == logging.getLevelName(logging.ERROR)
        assert "refuses the keys" in error["message"]
        assert "Traceback" in error["traceback"]
