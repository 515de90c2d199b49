"""What the pages say is true: links, names, options, settings, tables and generated parts."""

import re
import subprocess
import sys
import tomllib
from dataclasses import fields

import pytest

from airmeet_source.model.tables import TABLES
from airmeet_source.settings import Settings
from tests.support.pages import PAGES, README, ROOT, SETTINGS, Page

NONE = "\N{EN DASH}"  # how the pages write "no default"
# of the commands that are not ours
OTHER_OPTIONS = {
    "benchmarks/run.py": {"--quick", "--output"},
    "docs/generate.py": {"--check"},
    "tests/faults/random_plans.py": {"--plans", "--first-seed"},
    "the sandbox": {"--port", "--events", "--people", "--prepare"},
}
LONGEST_CELL = 200  # characters
OURS = r"airmeet_source|airmeet_sandbox|tests|docs|pipelines|benchmarks|notebooks|\.ci"

all_pages = pytest.mark.parametrize("page", PAGES, ids=str)


@pytest.fixture(scope="module")
def options() -> set[str]:
    """The options of ``python pipelines/run.py``."""
    command = [sys.executable, str(ROOT / "pipelines" / "run.py"), "--help"]
    return set(re.findall(r"--[a-z-]+", subprocess.check_output(command, text=True)))


@all_pages
def test_links_lead_somewhere(page: Page) -> None:
    by_path = {other.path: other for other in PAGES}
    for link in page.links():
        name, _, anchor = link.partition("#")
        target = (page.path.parent / name).resolve() if name else page.path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in by_path[target].anchors(), link


@all_pages
def test_files_that_are_named_exist(page: Page) -> None:
    for path in re.findall(rf"`((?:{OURS})/[\w./]*)`", page.text):
        assert (ROOT / path).exists(), path


@all_pages
def test_options_that_are_named_exist(page: Page, options: set[str]) -> None:
    known = options.union(*OTHER_OPTIONS.values())
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page.text)) <= known


@all_pages
def test_settings_that_are_named_exist(page: Page) -> None:
    known = {field.name.upper() for field in fields(Settings)}
    assert set(re.findall(r"SOURCES__AIRMEET__(\w+)", page.text)) <= known


@all_pages
def test_no_table_cell_is_a_paragraph(page: Page) -> None:
    rows = re.findall(r"^\|.*\|$", page.prose, re.MULTILINE)
    assert not [cell for row in rows for cell in row.split("|") if len(cell) > LONGEST_CELL]


def test_every_setting_is_described_with_its_default() -> None:
    rows = re.findall(r"^\| (`.+?`) \| (.+?) \|", SETTINGS.section("## Settings"), re.MULTILINE)
    told = {name: default.strip("`") for names, default in rows for name in re.findall(r"\w+", names)}
    defaults = {field.name: _written(field.default) for field in fields(Settings)}
    assert told == defaults


def _written(default: object) -> str:
    text = str(default)
    return (text.lower() if isinstance(default, bool) else text.removesuffix(".0")) or NONE


def test_every_option_is_described(options: set[str]) -> None:
    section = SETTINGS.section("## Options of `python pipelines/run.py`")
    assert set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE)) == options - {"--help"}


def test_the_readme_names_every_table() -> None:
    section = README.section("## What you get")
    assert set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\|.*", section, re.MULTILINE)))) == set(TABLES)


def test_the_generated_docs_are_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_tests_that_are_named_exist() -> None:
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.text)}
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert not {name for name in named if f"def {name}(" not in code}


def test_extras_that_are_named_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = set(re.findall(r"(?:\.|whl\)|airmeet-source)\[(\w+)\]", "".join(page.text for page in PAGES)))
    assert "demo" in named
    assert named <= set(project["optional-dependencies"])
