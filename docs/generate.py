"""Write what the docs say about tables, endpoints and settings from their declarations.

``python docs/generate.py`` rewrites ``docs/tables.md`` and the marked parts of the README; with ``--check``
it writes nothing and fails if one of them is out of date.
"""

import argparse
import re
import sys
from pathlib import Path

from airmeet_source.model.tables import TABLES, Reload, Table, all_columns
from airmeet_source.resources import ENDPOINTS, Api, Endpoint

ROOT = Path(__file__).resolve().parent.parent

_RELOADS = {
    Reload.BY_KEY: "newer rows replace rows with the same key",
    Reload.BY_EVENT: "a reload replaces all rows of the event",
    Reload.APPEND: "rows are added",
}


def endpoint_table() -> str:
    """One line per dlt resource: endpoint, tables, when it is due."""
    lines = ["| resource | endpoint | tables | asked | until |", "|---|---|---|---|---|"]
    for endpoint in ENDPOINTS.values():
        tables = ", ".join(f"`{table}`" for table in endpoint.tables)
        path = endpoint.path.replace("{airmeet_id}", "{id}").replace("{entity_id}", "{id}")
        notes = " (202)" * endpoint.asynchronous + " (region `legacy`)" * (Api.CURRENT not in endpoint.apis)
        cells = (f"`{endpoint.name}`", f"`GET {path}`{notes}", tables, _asked(endpoint), _until(endpoint))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _asked(endpoint: Endpoint) -> str:
    return "in every run" if endpoint.name == "airmeets" else endpoint.due_from.value


def _until(endpoint: Endpoint) -> str:
    return "always" if endpoint.name == "airmeets" else f"`{endpoint.due_until.value}` after the end"


def diagram() -> str:
    """The tables and their references as a Mermaid entity-relationship diagram."""
    lines = ["```mermaid", "erDiagram"]
    for table in TABLES.values():
        if table.name in ("airmeets", "sync_log"):
            continue
        parent = _parent(table)
        lines.append(
            f"    {parent} ||--o{{ {table.name} : {table.key[0] if parent == 'airmeets' else _link(table)}"
        )
    lines.append("```")
    return "\n".join(lines)


_PARENTS = {
    "session_people": ("sessions", "session_id"),
    "session_attendance": ("sessions", "session_id"),
    "session_recordings": ("sessions", "session_id"),
    "track_sessions": ("tracks", "track_id"),
    "booth_exhibitors": ("booths", "booth_id"),
    "booth_tags": ("booths", "booth_id"),
    "booth_attendance": ("booths", "booth_id"),
    "custom_field_options": ("custom_fields", "field_id"),
    "participant_custom_fields": ("participants", "person_key"),
}


def _parent(table: Table) -> str:
    return _PARENTS.get(table.name, ("airmeets", ""))[0]


def _link(table: Table) -> str:
    return _PARENTS[table.name][1]


_TABLES_PAGE = """\
# The tables

Written by `python docs/generate.py` from `airmeet_source/model/tables.py`; do not edit.

Times are UTC. Columns that the API adds later appear by schema evolution. A value that does not fit its
column leaves it null and is kept in `_unparsed`, a JSON object of column name to raw value; a table has this
column as soon as it is first needed.
"""


def tables_page() -> str:
    """docs/tables.md: every table with every column."""
    parts = [_TABLES_PAGE]
    for table in TABLES.values():
        key = ", ".join(f"`{name}`" for name in table.key) or "none"
        parts.append(f"\n## {table.name}\n\n{table.description}. Key: {key}; {_RELOADS[table.reload]}.\n")
        parts.append("\n| column | type | meaning |\n|---|---|---|\n")
        parts.extend(f"| `{c.name}` | {c.data_type} | {c.description} |\n" for c in all_columns(table))
    return "".join(parts)


def readme(text: str) -> str:
    """The README with its marked parts renewed."""
    for name, part in (("endpoints", endpoint_table()), ("diagram", diagram())):
        pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- /{name} -->)"
        text, count = re.subn(pattern, lambda m, part=part: f"{m[1]}{part}\n{m[2]}", text, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"the README has no part marked {name}")
    return text


def main(arguments: list[str] | None = None) -> int:
    """Write or check the generated docs."""
    parser = argparse.ArgumentParser(description="Write the generated parts of the docs.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail if something is out of date"
    )
    check = parser.parse_args(arguments).check
    readme_path, tables_path = ROOT / "README.md", ROOT / "docs" / "tables.md"
    stale = []
    for path, text in (
        (readme_path, readme(readme_path.read_text(encoding="utf-8"))),
        (tables_path, tables_page()),
    ):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if stale and check:
        sys.stderr.write(f"out of date: {', '.join(stale)}; run python docs/generate.py\n")
    return int(bool(stale and check))


if __name__ == "__main__":
    sys.exit(main())
