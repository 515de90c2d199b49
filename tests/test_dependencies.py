"""What the packages import is what they declare, and nothing else."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement

from tests.support.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements: list[str]) -> set[str]:
    """The distributions that requirements are about."""
    return {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in requirements}


def imported(package: str) -> set[str]:
    """The distributions that the modules of a package import."""
    modules: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module)
    found = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    distributions = packages_distributions()
    return {distributions[name][0].lower() for name in found if not name.startswith("airmeet_")}


def test_what_is_imported_is_what_is_declared() -> None:
    always, extras = names(PROJECT["dependencies"]), PROJECT["optional-dependencies"]
    optional = [*extras["dagster"], *extras["postgres"], *extras["report"], *extras["truststore"]]
    assert always <= imported("airmeet_source") <= always | names(optional)
    assert imported("airmeet_sandbox") == names(extras["demo"])


def declared() -> dict[str, set[str]]:
    """Who asks for each distribution: the project itself, or which extras."""
    asked: dict[str, set[str]] = {name: {"always"} for name in names(PROJECT["dependencies"])}
    for extra, requirements in PROJECT["optional-dependencies"].items():
        for name in names(requirements) - {"airmeet-source"}:
            asked.setdefault(name, set()).add(extra)
    return {name: {"always"} if "always" in who else who for name, who in asked.items()}


def test_the_table_has_every_dependency_once_with_who_asks_for_it() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([\w.-]+)` \| ([^|]+) \| [^|]+ \|$", page, re.MULTILINE)
    assert [name for name, _ in told] == sorted((name for name, _ in told), key=str.lower)
    asked = dict(declared())
    del asked["dlt"], asked["duckdb"]  # whose extras are asked for by extras of ours
    table = {name.lower(): set(re.findall(r"`(\w+)`", who)) or {who} for name, who in told}
    assert table.pop("dlt") == table.pop("duckdb") == {"always"}
    assert table == asked


IN_LOCK = set(PROJECT["optional-dependencies"]) - {"benchmarks", "dbt", "docs"}
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = re.findall(
    r"^([\w.-]+)==(\S+)(?: ;[^\\\n]*)? \\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", LOCK, re.MULTILINE
)


@pytest.mark.parametrize(
    "extra", ["", "bigquery", "demo", "dev", "ducklake", "postgres", "report", "test", "truststore"]
)
def test_the_lock_has_hashes_of_everything_and_fits(extra: str) -> None:
    pinned = re.findall(r"^[\w.-]+==", LOCK, re.MULTILINE)
    assert len(LOCKED) == len(pinned)
    asked = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    for requirement in map(Requirement, asked):
        if requirement.name == "airmeet-source":
            continue
        versions = [version for name, version in LOCKED if name.lower() == requirement.name.lower()]
        assert versions, requirement
        assert all(requirement.specifier.contains(version, prereleases=True) for version in versions)


RUNS_WHAT_IT_READS = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "code", "runpy", "xmlrpc"}


@pytest.mark.parametrize("package", ["airmeet_source", "airmeet_sandbox", "pipelines"])
def test_no_module_runs_or_unpickles_what_it_reads(package: str) -> None:
    """Beside ruff's rules against insecure code, which allow exceptions line by line."""
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not RUNS_WHAT_IT_READS & {alias.name for alias in node.names}, path
            elif isinstance(node, ast.ImportFrom):
                assert node.module not in RUNS_WHAT_IT_READS, path
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("eval", "exec", "compile", "os.system", "os.popen", "yaml.load"), path
                assert not any(keyword.arg == "shell" for keyword in node.keywords), path
