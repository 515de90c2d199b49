"""The stage of one history: a world, its API, machines, folders and databases, and what was done so far."""

import shutil
import signal
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from airmeet_sandbox import Quirks, Sandbox, faults
from airmeet_sandbox.answers import Answer
from tests.faults.histories.answers import KINDS, REFUSALS, hurt
from tests.faults.histories.contents import Scope, Tables, contents, difference, postgres_contents
from tests.faults.histories.damage import damage_database, damage_working_folder
from tests.faults.histories.moves import REPLAY_DAYS, SETTLE_DAYS, something_happens
from tests.faults.histories.runs import End, Run, carry_out, environment_for

MACHINES = ("machine", "other_machine")
POSTGRES = "postgres"
CLEAN = "clean"  # a place, and a machine, that nothing happened to


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What stays the same all through a history."""

    resources: tuple[str, ...]
    reread_hours: int  # 0: units with cursors are read in full each time
    quirks: Quirks
    page_cap: int | None
    places: tuple[str, ...]  # folders with a DuckDB file each, or Postgres


@dataclass(kw_only=True)
class Stage:
    """Where a history takes place."""

    sandbox: Sandbox
    folder: Path
    habits: Habits
    database: str | None  # on Postgres
    trail: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)  # places
    _is_damaged: bool = False
    _was_refused: bool = False

    # -- where everything is ---------------------------------------------------------------------

    def file(self, place: str) -> Path:
        """The DuckDB file of a folder."""
        return self.folder / place / "airmeet.duckdb"

    def a_file(self, rng: Random, name: str = "airmeet.duckdb") -> Path | None:
        """One of the databases that there are, or of their backups."""
        files = [self.folder / place / name for place in self.habits.places]
        there = [file for file in files if file.exists()]
        return rng.choice(there) if there else None

    # -- runs ------------------------------------------------------------------------------------

    def quiet_run(self, rng: Random, place: str | None = None) -> str:
        """A run that nothing disturbs must load everything.

        Raises:
            AssertionError: it does not end with exit code 0.
        """
        place = place or self._a_place(rng)
        code = carry_out(self._run(place, rng, ()))
        assert code == 0, (f"a quiet run ended with {code}", self._log(place))
        self.loaded.add(place)
        return f"a quiet run into {place}"

    def disturbed_run(self, rng: Random) -> str:
        """A run with some of its requests hurt, that is ended in the middle, or that is asked for less."""
        place, kinds = self._a_place(rng), self._kinds(rng)
        for kind in kinds:
            hurt(self.sandbox, kind, rng)
        if rng.random() < 0.2:
            self.sandbox.faults.add(self._world_moves(rng), times=1, skip=rng.randrange(30))
        options, end = self._options(rng), _end(rng)
        if "--no-wait" in options:
            self.sandbox.prepare_seconds = 1e9
            self.sandbox.forget_prepared()
        code = carry_out(self._run(place, rng, options, end, rng.choice((0.1, 0.3, 300.0))))
        self.sandbox.faults.clear()
        self.sandbox.prepare_seconds = 0.0
        if rng.random() < 0.2:
            self.sandbox.expire_tokens()
        self.loaded.add(place)
        self.codes.append(code)
        told = f"a run into {place} {' '.join(options)}, {', '.join(kinds)}, {end}: {code}"
        seemed_refused = not REFUSALS.keys().isdisjoint(kinds)
        allowed = {0, 3, 143, -9, -15, *((1,) if kinds else ()), *((2,) if seemed_refused else ())}
        assert code in allowed, (told, self._log(place))
        return told

    def _a_place(self, rng: Random) -> str:
        return rng.choice((self.habits.places[0], *self.habits.places))

    def _kinds(self, rng: Random) -> list[str]:
        kinds = rng.sample(KINDS, rng.choice((0, 0, 1, 2, 3)))
        if not self._was_refused and rng.random() < 0.15:
            self._was_refused = True
            kinds.append(rng.choice(sorted(REFUSALS)))
        return kinds

    def _world_moves(self, rng: Random) -> faults.Action:
        async def act(honest: faults.Honest) -> Answer:
            self.trail.append("in the middle of the run: " + something_happens(self.sandbox.world, rng))
            return honest()

        return act

    def _options(self, rng: Random) -> tuple[str, ...]:
        events, some = self.sandbox.world.events(), rng.sample(self.habits.resources, 2)
        return rng.choice(
            (
                *[()] * 5,
                ("--full-refresh",),
                ("--no-wait",),
                ("--events", rng.choice(events)),
                ("--resources", ",".join(some)),
                ("--since", self.sandbox.clock.now().date().isoformat()),
            )
        )

    def _run(
        self,
        place: str,
        rng: Random,
        options: tuple[str, ...],
        end: End | None = None,
        checkpoint: float = 300.0,
    ) -> Run:
        machine = MACHINES[0] if rng.random() < 0.7 else MACHINES[1]
        machine = CLEAN if place == CLEAN else machine
        environment = environment_for(self.sandbox)
        more = {
            "SETTLE_DAYS": SETTLE_DAYS,
            "REPLAY_DAYS": REPLAY_DAYS,
            "REREAD_HOURS": self.habits.reread_hours,
        }
        environment |= {f"SOURCES__AIRMEET__{name}": str(value) for name, value in more.items()}
        arguments = ["--pipelines-dir", str(self.folder / machine)]
        if machine != MACHINES[0]:
            arguments.append("--no-views")  # whoever works there wants none
        arguments += [
            "--resources",
            ",".join(self.habits.resources),
            *options,
        ]  # of an option the last counts
        if place == POSTGRES and self.database is not None:
            environment["DESTINATION__POSTGRES__CREDENTIALS"] = self.database
            arguments += ["--destination", POSTGRES]
        return Run(
            folder=self.folder / place,
            arguments=tuple(arguments),
            environment=environment,
            now=self.sandbox.clock.now(),
            checkpoint=checkpoint,
            end=end,
        )

    def _log(self, place: str) -> str:
        return (self.folder / place / "run.log").read_text()[-3000:]

    # -- between runs ----------------------------------------------------------------------------

    def back_up(self, rng: Random) -> str:
        """Copy a DuckDB file, with what a killed run left of its journal."""
        file = self.a_file(rng)
        if file is None:
            return "nothing to back up"
        for part in _parts(file):
            shutil.copy(part, part.with_name(f"backup_{part.name}"))
        return f"the database in {file.parent.name} is backed up"

    def restore(self, rng: Random) -> str:
        """Put a copy back."""
        backup = self.a_file(rng, "backup_airmeet.duckdb")
        if backup is None:
            return "no backup"
        for part in _parts(backup.with_name("airmeet.duckdb")):
            part.unlink()
        for part in _parts(backup):
            shutil.copy(part, part.with_name(part.name.removeprefix("backup_")))
        return f"the database in {backup.parent.name} is restored"

    def damage_database(self, rng: Random) -> str:
        """Drop or rename a few things in a database."""
        file = self.a_file(rng)
        if file is None:
            return "nothing to damage"
        self._is_damaged = True
        return f"in {file.parent.name}: {damage_database(file, rng)}"

    def damage_working_folder(self, rng: Random) -> str:
        """Damage one of dlt's working folders."""
        folders = [self.folder / machine / "airmeet" for machine in MACHINES]
        return damage_working_folder(rng.choice(folders), folders, rng)

    # -- the end ---------------------------------------------------------------------------------

    def converge(self, rng: Random) -> None:
        """One quiet run into each place; then each must hold the rows of a clean load.

        Raises:
            AssertionError: it does not.
        """
        world = self.sandbox.world
        if rng.random() < 0.5:
            for event in set(world.events(archived=True)) - set(world.events()):
                world.unarchive_event(event)
        self.quiet_run(rng, CLEAN)
        scope = self._scope()
        clean = scope.of(contents(self.file(CLEAN)))
        for place in sorted(self.loaded - {CLEAN}):
            before = scope.archived(self._contents(place))
            self.quiet_run(rng, place)
            after = self._contents(place)
            wrong = difference(scope.of(after), clean)
            assert not wrong, (f"{place} differs from a clean load", wrong, self._log(place))
            lost = {} if self._is_damaged else difference(scope.archived(after), before)
            assert not lost, (f"rows of archived events in {place} changed", lost)

    def _contents(self, place: str) -> Tables:
        if place == POSTGRES and self.database is not None:
            return postgres_contents(self.database)
        return contents(self.file(place)) if self.file(place).exists() else {}

    def _scope(self) -> Scope:
        world = self.sandbox.world
        events = world.events()
        children = [child for event in events for child in (*world.sessions(event), *world.booths(event))]
        return Scope(events=set(events), children=set(children), rows_grow_late=self.habits.reread_hours > 0)


def _parts(file: Path) -> list[Path]:
    return [part for part in (file, file.with_name(f"{file.name}.wal")) if part.exists()]


def _end(rng: Random) -> End | None:
    if rng.random() < 0.5:
        return None
    before = rng.choice(("statement", "statement", "statement", "request", "seconds"))
    if before == "statement":
        return End(before="statement", number=rng.randrange(1, 70))
    if before == "request":
        return End(before="request", number=rng.randrange(1, 25))
    number = rng.uniform(0.1, 1.5)
    return End(before="seconds", number=number, by=rng.choice((signal.SIGKILL, signal.SIGTERM)))
