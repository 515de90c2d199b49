"""What the pages say is true: links, names, options, settings, tables and generated parts."""

import re
import subprocess
import sys
import tomllib
from dataclasses import fields

import pytest
import yaml

from airmeet_sandbox import endpoints
from airmeet_source import resources
from airmeet_source.model import columns, records
from airmeet_source.model.tables import TABLES, people
from airmeet_source.resources import RESOURCES
from airmeet_source.settings import Settings
from tests.support.messages import described, messages, reasons, texts
from tests.support.pages import CONTRIBUTING, PAGES, ROOT, SETTINGS, TROUBLESHOOTING, Page
from tests.test_house import forgotten

NONE = "\N{EN DASH}"  # how the pages write "no default"
# of the commands that are not ours
OTHER_OPTIONS = {
    "benchmarks/communities.py": {"--by"},
    "benchmarks/run.py": {"--only", "--quick", "--output"},
    "airmeet report": {"--html", "--events", "--since", "--until", "--port", "--no-browser"},
    "airmeet push": {
        *("--query", "--register", "--authorise", "--revoke", "--send-invites"),
        *("--dry-run", "--skip-bad", "--entry-links"),
    },
    "airmeet recordings": {"--to"},
    "airmeet erase": {"--yes", "--mentions"},
    "airmeet status": {"--json", "--max-age", "--event"},
    "dbt": {"--target"},
    "docs/generate.py": {"--check"},
    "mypy": {"--strict"},
    "pip wheel": {"--no-deps"},
    "pytest": {"--pdb"},
    "tests/faults/fuzz.py": {"--minutes"},
    "tests/faults/overlaps.py": {"--rounds", "--first-seed"},
    "tests/faults/random_plans.py": {"--plans", "--first-seed", "--seed"},
    "the sandbox": {"--port", "--events", "--people", "--prepare"},
}
LONGEST_CELL = 200  # characters
OURS = r"airmeet_source|airmeet_sandbox|tests|docs|pipelines|benchmarks|notebooks|dbt|\.ci"

FOR_CONTRIBUTORS = [
    Page(ROOT / name)
    for name in ("CONTRIBUTING.md", "AGENTS.md", "docs/architecture.md", "docs/own-pipelines.md")
]

all_pages = pytest.mark.parametrize("page", PAGES, ids=str)


@pytest.fixture(scope="module")
def options() -> set[str]:
    """The options of ``airmeet load``."""
    command = [sys.executable, "-m", "airmeet_source", "load", "--help"]
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


@pytest.mark.parametrize("page", FOR_CONTRIBUTORS, ids=str)
def test_functions_that_are_named_exist(page: Page) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("airmeet_*/**/*.py"))
    named = re.findall(r"`([a-z]*(?:_[a-z]+)+)(?:\(\w*\))?`", page.text)
    assert not {name for name in named if not re.search(rf"\b{name}\b", code)}


@all_pages
def test_options_that_are_named_exist(page: Page, options: set[str]) -> None:
    known = options.union(*OTHER_OPTIONS.values())
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page.text)) <= known


@all_pages
def test_settings_that_are_named_exist(page: Page) -> None:
    known = {field.name.upper() for field in fields(Settings)}
    named = re.findall(r"SOURCES__AIRMEET__(?:COMMUNITIES__(?:NORTH|SOUTH|NAME)__)?(\w+)", page.text)
    assert set(named) <= known


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
    section = SETTINGS.section("## Options")
    assert set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE)) == options - {"--help"}


def test_every_message_has_a_cause_and_a_cure() -> None:
    known = texts()
    for heading, used in (("## Messages", messages()), ("## Why was a list not read?", reasons())):
        told = described(TROUBLESHOOTING, heading)
        assert not {text for text in used if not any(entry in text for entry in told)}
        assert not {entry for entry in told if entry.strip("… ") not in known}


def test_every_page_is_on_the_site() -> None:
    site = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"'([\w/-]+\.md)'", str(site["nav"]))
    assert len(named) == len(set(named))
    assert set(named) >= {str(page) for page in PAGES}


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
    lists = re.findall(r"(?:\.|whl\)|airmeet-source)\[([\w,]+)\]", "".join(page.text for page in PAGES))
    named = {name for extras in lists for name in extras.split(",")}
    assert "demo" in named
    assert named <= set(project["optional-dependencies"])


def test_the_endpoint_that_contributing_adds_has_all_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    table, row_maker, resource, imitation = CONTRIBUTING.blocks("py")
    exec(row_maker, vars(records))  # as if it stood there
    monkeypatch.setitem(TABLES, "prizes", eval(table, vars(people) | vars(columns)))
    monkeypatch.setitem(RESOURCES, "prizes", eval(resource, vars(resources)))
    monkeypatch.setitem(endpoints.BY_NAME, "prizes", eval(imitation, vars(endpoints)))
    try:
        assert forgotten() == []
    finally:
        del records.prizes  # type: ignore[attr-defined]


def test_recipes_of_the_justfile_exist() -> None:
    justfile = (ROOT / "justfile").read_text(encoding="utf-8")
    recipes = set(re.findall(r"^(\w+)[^:=\n]*:$", justfile, re.MULTILINE))
    commands = "\n".join(command for page in PAGES for command in page.commands())
    named = set(re.findall(r"^just (\w+)", commands, re.MULTILINE))
    assert named
    assert named <= recipes


def test_the_workflow_runs_what_contributors_run() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run", ".ci/supply-chain"]


def test_the_hooks_before_a_commit_are_local() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    assert {hook["id"] for hook in config["repos"][0]["hooks"]} == {"ruff", "ruff-format", "mypy", "docs"}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no clone")
def test_what_people_fill_in_and_runs_write_is_ignored_by_git() -> None:
    pages = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *ROOT.glob("docs/*.md"))
    )
    written = set(re.findall(r"(?:--report|--publish|>>) ([a-z-]+\.\w+)", pages))
    assert {"last-run.json", "dashboards.duckdb"} <= written
    written |= {"airmeet.duckdb", "airmeet.duckdb.wal", ".dlt/config.toml", ".dlt/secrets.toml"}
    told = subprocess.run(
        ["git", "check-ignore", *written], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert set(told.stdout.split()) == written
