"""The benchmarks' own machinery; the benchmarks are run by `python benchmarks/run.py`."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import started

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def test_the_command_writes_table_figures_and_plot(tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, BENCHMARKS / "run.py", "--quick", "--only", "no_news"]
    subprocess.run([*command, "--output", tmp_path], check=True, capture_output=True)
    figures = json.loads((tmp_path / "results.json").read_text())
    entries = figures["benchmarks"]["no_news"]["entries"]
    for first, second in zip(entries[::2], entries[1::2], strict=True):
        assert first["requests"] > 10 * first["events"]
        assert second["requests"] < first["events"]
    assert "second run" in (tmp_path / "results.md").read_text()
    assert (tmp_path / "results.svg").read_text().startswith("<?xml")


def test_what_is_not_measured_again_keeps_its_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import run  # noqa: PLC0415
    from contests import Entry, Goal, Result  # noqa: PLC0415
    from measuring import Measured  # noqa: PLC0415

    def measured(about: str, quick: bool) -> Result:  # noqa: ARG001 - it takes no time anyhow
        entries, goals = [Entry("floor", 1, 2, 3, Measured(1, 2, 3))], [Goal("a", 1, 2, "s")]
        return Result(about, about, entries, goals, "CPU seconds", [("events", "s"), ("1", "2")], entries)

    monkeypatch.setattr(signal, "signal", lambda *_: None)  # of this process

    def command(about: str, *arguments: str) -> dict[str, Any]:
        monkeypatch.setattr(run, "BENCHMARKS", {name: partial(measured, about) for name in ("one", "two")})
        monkeypatch.setattr(sys, "argv", ["run.py", *arguments, "--output", str(tmp_path)])
        run.main()
        return dict(json.loads((tmp_path / "results.json").read_text())["benchmarks"])

    before = command("before")
    after = command("after", "--only", "one")
    assert list(after) == ["one", "two"]
    assert after["two"] == before["two"]
    assert after["one"]["about"] == "after"
    page = (tmp_path / "results.md").read_text()
    assert "## after" in page
    assert "## before" in page
    assert list(command("quick", "--quick", "--only", "one")) == ["one"]  # sizes are not mixed


def test_cpu_memory_and_wall_time_are_those_of_the_whole_process_tree(tmp_path: Path) -> None:
    from measuring import measure  # noqa: PLC0415

    busy = "import time; kept = b'x' * 200_000_000\nwhile time.process_time() < 0.4: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    cost = measure([sys.executable, "-c", parent], dict(os.environ), tmp_path)
    assert cost.cpu >= 0.4
    assert cost.wall >= 0.4
    assert 200_000_000 < cost.peak < 400_000_000


def test_a_command_stands_still_until_it_has_the_turn_and_again_after_it() -> None:
    from turns import Turn  # noqa: PLC0415

    with started([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        turn = Turn(is_given=False)
        try:
            turn.begin(process.pid)
            assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
            turn.give()
            assert os.WIFCONTINUED(os.waitpid(process.pid, os.WCONTINUED)[1])
            turn.take_away()
            assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        finally:
            turn.be_over()
    assert process.returncode == -signal.SIGKILL
    assert turn.end() > 0


def test_of_commands_in_turns_only_one_runs_at_a_time_and_each_clock_counts_its_own(tmp_path: Path) -> None:
    from measuring import Measured, measure  # noqa: PLC0415
    from turns import Lane, Turn, take_turns  # noqa: PLC0415

    def busy(folder: Path, turn: Turn) -> Measured:
        folder.mkdir(exist_ok=True)
        program = "import time\nwhile time.process_time() < 0.5: pass"
        return measure([sys.executable, "-c", program], dict(os.environ), folder, turn)

    started = time.monotonic()
    lanes = [Lane([partial(busy, tmp_path / name)] * times, 0.1) for name, times in (("a", 1), ("b", 2))]
    once, twice = take_turns(lanes)
    elapsed = time.monotonic() - started
    assert (len(once), len(twice)) == (1, 2)
    assert all(cost.wall >= 0.5 for cost in (*once, *twice))
    # beside one another the walls of both lanes would add up to far more than has elapsed
    assert sum(cost.wall for cost in (*once, *twice)) < 1.2 * elapsed


def test_a_lane_that_fails_leaves_no_other_one_standing_still(tmp_path: Path) -> None:
    from measuring import Measured, measure  # noqa: PLC0415
    from turns import Lane, Turn, take_turns  # noqa: PLC0415

    pid = tmp_path / "pid"

    def endless(turn: Turn) -> Measured:
        program = "import os; open('pid', 'w').write(str(os.getpid()))\nwhile True: pass"
        return measure([sys.executable, "-c", program], dict(os.environ), tmp_path, turn)

    def fails(_: Turn) -> Measured:
        while not (pid.exists() and pid.read_text()):
            os.sched_yield()
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        take_turns([Lane([endless] * 2, 0.1), Lane([fails], 0.1)])
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_contestant_that_fails_says_why(tmp_path: Path) -> None:
    from measuring import ContestantFailed, measure  # noqa: PLC0415

    with pytest.raises(ContestantFailed, match="no such thing"):
        measure([sys.executable, "-c", "raise SystemExit('no such thing')"], {}, tmp_path)


def test_so_many_people_as_wanted_show_up() -> None:
    from contests import enter  # noqa: PLC0415
    from serving import Community, people_for, serving  # noqa: PLC0415

    with serving(Community(events=2, people=people_for(60))) as server:
        arguments = ("--list", "attendees", "--client", "urllib3")
        entry = enter("floor", server, 2, "floor.py", *arguments, tables=["records"])
    assert entry.rows == 120
    assert entry.requests == 6  # token, event list, two pages of each event
