"""What breaks on the machine and in the database between two runs."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import duckdb

Damage = Callable[[Path], object]

_STATE = '{"_state_version": 99999, "_state_engine_version": 4, "_local": {}}'
_IN_THEIR_WAY = (
    'DROP TABLE {dataset}."{table}"',
    'ALTER TABLE {dataset}."{table}" RENAME TO "_dlt_theirs_{number}"',
    'ALTER TABLE {dataset}."{table}" DROP COLUMN "{column}"',
    'ALTER TABLE {dataset}."{table}" RENAME COLUMN "{column}" TO "theirs_{number}"',
)
_WHOLE = ("DROP SCHEMA airmeet_data_staging CASCADE", "DROP SCHEMA airmeet_data CASCADE")


def _cut(folder: Path) -> None:
    state = folder / "state.json"
    state.write_bytes(state.read_bytes()[:-50])


def _without_schema(folder: Path) -> None:
    for schema in folder.glob("schemas/*"):
        schema.write_bytes(b"")


def _a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder")


WORKING_FOLDER: dict[str, Damage] = {
    "the state is empty": lambda folder: (folder / "state.json").write_bytes(b""),
    "the state is cut off": _cut,
    "the state is another's": lambda folder: (folder / "state.json").write_text(_STATE),
    "the schema is empty": _without_schema,
    "a package is left": lambda f: (f / "load" / "normalized" / "1700000000.0").mkdir(parents=True),
    "the folder is a file": _a_file,
    "the folder is gone": shutil.rmtree,
}


def damage_working_folder(folder: Path, others: list[Path], rng: Random) -> str:
    """Damage dlt's working folder, or put another one in its place."""
    if not folder.is_dir():
        return "no working folder"
    foreign = [other for other in others if other.is_dir() and other != folder]
    if foreign and rng.random() < 0.3:
        shutil.rmtree(folder)
        shutil.copytree(foreign[0], folder)
        return "the working folder is another machine's"
    name = rng.choice(sorted(WORKING_FOLDER))
    with suppress(FileNotFoundError):  # a run that was killed had no state yet
        WORKING_FOLDER[name](folder)
    return name


def damage_database(file: Path, rng: Random) -> str:
    """Drop or rename a few tables and columns, ours, of staging and of dlt's, or a whole schema."""
    done = []
    with duckdb.connect(str(file)) as connection:
        for _ in range(rng.choice((1, 1, 2, 3))):
            columns = connection.execute(
                "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
                "WHERE NOT internal AND NOT starts_with(table_name, '_dlt_theirs') ORDER BY ALL"
            ).fetchall()
            if not columns:
                break
            dataset, table, column = rng.choice(columns)
            number = rng.randrange(10**6)
            statement = rng.choice(_WHOLE) if rng.random() < 0.1 else rng.choice(_IN_THEIR_WAY)
            statement = statement.format(dataset=dataset, table=table, column=column, number=number)
            with suppress(duckdb.Error):  # what DuckDB refuses, such as dropping the only column
                connection.execute(statement)
                done.append(statement)
    return "; ".join(done) or "no damage"
