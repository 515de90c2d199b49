"""Write what the docs say about tables and endpoints from their declarations.

``python docs/generate.py`` rewrites ``docs/tables.md``, ``docs/views.md``, ``dbt/models/sources.yml`` and the
marked parts of the README and other pages; with ``--check`` it writes nothing and fails if one is out of
date.
"""

import argparse
import re
import sys
from pathlib import Path

from dbt_sources import dbt_sources
from diagrams import table_diagram, view_diagram

from airmeet_source.api.regions import Api
from airmeet_source.model.columns import Column
from airmeet_source.model.table import Table, all_columns
from airmeet_source.model.tables import SUBJECTS, TABLES
from airmeet_source.resources import RESOURCES, Resource
from airmeet_source.views.declarations import VIEWS
from airmeet_source.views.weights import FIRST_WEIGHTS

ROOT = Path(__file__).resolve().parent.parent


def endpoint_table() -> str:
    """One line per dlt resource: endpoint, tables, when it is due."""
    lines = ["| resource | endpoint | tables | asked | until |", "|---|---|---|---|---|"]
    for resource in RESOURCES.values():
        tables = ", ".join(f"`{table}`" for table in resource.tables)
        endpoint = resource.endpoint
        path = endpoint.path.replace("{airmeet_id}", "{id}").replace("{entity_id}", "{id}")
        notes = " (202)" * endpoint.asynchronous + " (region `legacy`)" * (Api.CURRENT not in resource.apis)
        cells = (f"`{resource.name}`", f"`GET {path}`{notes}", tables, _asked(resource), _until(resource))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _asked(resource: Resource) -> str:
    return "in every run" if resource.name == "airmeets" else resource.due_from.value


def _until(resource: Resource) -> str:
    return "always" if resource.name == "airmeets" else f"`{resource.due_until.value}` after the end"


def table_list() -> str:
    """The names of all tables by subject."""
    lines = ["| about | tables |", "|---|---|"]
    for subject in SUBJECTS:
        names = ", ".join(f"`{table.name}`" for table in subject.TABLES)
        lines.append(f"| {(subject.__doc__ or '').strip().rstrip('.')} | {names} |")
    return "\n".join(lines)


_TABLES_PAGE = """\
# The tables

Written by `python docs/generate.py` from `airmeet_source/model/tables/`; do not edit.

Times are UTC. Columns that the API adds later appear by schema evolution. A value that does not fit its
column leaves it null and is kept in `_unparsed`, a JSON object of column name to raw value; a table has this
column as soon as it is first needed.
"""


def tables_page() -> str:
    """docs/tables.md: every table with every column."""
    parts = [_TABLES_PAGE]
    for table in TABLES.values():
        key = ", ".join(f"`{name}`" for name in table.key) or "none"
        key += " (several rows may have the same)" * table.repeats
        parts.append(f"\n## {table.name}\n\n{table.description}. Key: {key}; {table.reload.value}.\n")
        parts.append("\n| column | type | meaning |\n|---|---|---|\n")
        parts.extend(_column_line(table, column) for column in all_columns(table.with_entry_link()))
    return "".join(parts)


def _column_line(table: Table, column: Column) -> str:
    meaning = column.description
    if column is table.entry_link:
        meaning += "; only with the setting `include_entry_links`"
    return f"| `{column.name}` | {column.data_type} | {meaning} |\n"


_VIEWS_PAGE = """\
# The views

Written by `python docs/generate.py` from `airmeet_source/views/declarations.py`; do not edit.

After each load these views are made, or renewed if they differ, in the dataset `airmeet_data_views` (your
dataset's name and `_views`) on DuckDB, Postgres and BigQuery. Times and days are UTC, rates fractions of 1.
[For analysts](analysts.md) says who counts as what, and answers common questions.
"""


def view_list() -> str:
    """The views, each with what one of its rows is."""
    lines = ["| view | what it has |", "|---|---|"]
    lines += [
        f"| [`{view.name}`](docs/views.md#{view.name}) | {view.description} |" for view in VIEWS.values()
    ]
    return "\n".join(lines)


def weight_list() -> str:
    """The weights that engagement begins with."""
    lines = ["| activity | weight |", "|---|---|"]
    lines += [f"| `{activity}` | {weight} |" for activity, weight in FIRST_WEIGHTS.items()]
    return "\n".join(lines)


def views_page() -> str:
    """docs/views.md: every view with every column."""
    parts = [_VIEWS_PAGE]
    for view in VIEWS.values():
        key = ", ".join(f"`{name}`" for name in view.key)
        parts.append(f"\n## {view.name}\n\n{view.description}. Key: {key}.\n")
        parts.append("\n| column | type | meaning |\n|---|---|---|\n")
        parts.extend(f"| `{c.name}` | {c.data_type} | {c.description} |\n" for c in view.columns)
    return "".join(parts)


def pages() -> dict[Path, str]:
    """The pages as they should be: the README and all of docs/, with their marked parts renewed."""
    docs = ROOT / "docs"
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *docs.glob("*.md"))}
    texts[docs / "tables.md"] = tables_page()
    texts[docs / "views.md"] = views_page()
    texts[ROOT / "dbt" / "models" / "sources.yml"] = dbt_sources()
    marked_parts = {
        "tables": table_list(),
        "views": view_list(),
        "weights": weight_list(),
        "endpoints": endpoint_table(),
        "diagram": table_diagram(),
        "view-diagram": view_diagram(),
    }
    for name, part in marked_parts.items():
        marked = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
        found = [(path, match) for path, text in texts.items() if (match := marked.search(text))]
        if len(found) != 1:
            names = ", ".join(path.name for path, _ in found) or "none"
            raise ValueError(f"one page must have a part marked {name}, not {names}")
        [(path, match)] = found
        texts[path] = f"{texts[path][: match.end(1)]}{part}\n{texts[path][match.start(2) :]}"
    return texts


def main(arguments: list[str] | None = None) -> int:
    """Write or check the generated docs."""
    parser = argparse.ArgumentParser(description="Write the generated parts of the docs.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail if something is out of date"
    )
    check = parser.parse_args(arguments).check
    stale = {
        path: text
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    if check and stale:
        names = ", ".join(sorted(path.name for path in stale))
        sys.stderr.write(f"out of date: {names}; run python docs/generate.py\n")
        return 1
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
