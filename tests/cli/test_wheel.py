"""The wheel: what it installs works in any folder, without the repository."""

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from airmeet_source.model.tables import TABLES
from tests.support.cli import ABOUT_RUNS, query, tables
from tests.support.pages import ROOT

DEMO = """
import airmeet_source
print(airmeet_source.__file__)
report = airmeet_source.load(demo=True, resources=["airmeets"], views=False)
report.raise_on_problems()
print(sorted(report.rows))
"""
OURS = ("airmeet", "_airmeet", "__editable__")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a virtual environment that the wheel is installed into, with its extra `demo`.

    The packages that it needs are not fetched again: they are those of this environment, without ours.
    """
    folder = tmp_path_factory.mktemp("wheel")
    environment = folder / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    others = folder / "others"
    others.mkdir()
    for name, path in packages_here():
        (others / name).symlink_to(path)
    [site_packages] = environment.glob("lib/*/site-packages")
    (site_packages / "others.pth").write_text(f"{others}\n", encoding="utf-8")
    install = ("install", "--no-index", "--no-build-isolation", "--no-warn-conflicts", f"{ROOT}[demo]")
    pip("--python", python, *install)
    return python.parent


def packages_here() -> Iterator[tuple[str, Path]]:
    """Everything that is installed in this environment but the project itself."""
    found: dict[str, Path] = {}
    for folder in map(Path, sys.path):
        if folder.name == "site-packages":
            for path in folder.iterdir():
                if not path.name.startswith(OURS) and path.suffix != ".pth":
                    found.setdefault(path.name, path)
    yield from found.items()


def pip(*arguments: object) -> None:
    """Run pip, quietly."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr


def run(command: list[object], folder: Path) -> str:
    """Run a command in a folder, with dlt's working folders there; returns what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"DLT_DATA_DIR": str(folder / "dlt")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_command_works_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    help_ = run([installed / "airmeet", "--help"], tmp_path)
    assert "sandbox" in help_
    run([installed / "airmeet", "report", "--html", "report.html"], tmp_path)
    assert "Nothing has been loaded yet" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_python_and_the_command_load_with_the_wheel_and_not_with_the_repository(
    installed: Path, tmp_path: Path
) -> None:
    where, loaded = run([installed / "python", "-c", DEMO], tmp_path).splitlines()
    assert Path(where).is_relative_to(installed.parent)
    assert loaded == "['airmeets', 'sync_log']"
    run([installed / "airmeet", "load", "--demo"], tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"airmeet.duckdb", ".airmeet.duckdb.airmeet.lock", ".airmeet.duckdb.lock", "dlt"}
    assert query("SELECT count(*) FROM sync_log WHERE outcome IN ('failed', 'pending')") == [(0,)]
    assert tables() == set(TABLES) - {"registrations", *ABOUT_RUNS}


def test_a_missing_extra_is_named(installed: Path, tmp_path: Path) -> None:
    without = "import sys; sys.modules['uvicorn'] = None; "
    command = f"{without}from airmeet_source.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [installed / "python", "-c", command, "load", "--demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    message = 'The demo needs packages that are not installed: pip install "airmeet-source[demo]"'
    assert done.stderr == f"error: {message}\n"
