"""What the packages import is what they declare, and nothing else."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.support.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# nothing of ours imports them, but without these limits dlt breaks
LIMITS = {"duckdb", "sqlglot"}


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
    always, extras = names(PROJECT["dependencies"]) - LIMITS, PROJECT["optional-dependencies"]
    assert always <= imported("airmeet_source") <= always | names(extras["postgres"] + extras["truststore"])
    assert imported("airmeet_sandbox") == names(extras["demo"])
