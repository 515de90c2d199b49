"""What analysts find beside the rows: the views, and descriptions of everything in the database itself."""

import logging
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import partial
from hashlib import blake2b

from dlt.common.schema import Schema
from sqlglot import exp

from airmeet_source.disclosure.words import of_server
from airmeet_source.loading.catalogues import (
    Catalogue,
    CommentingCatalogue,
    Comments,
    Wanted,
    catalogue_of,
)
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.locking import Hold
from airmeet_source.model.tables import TABLES
from airmeet_source.views.building import Place, query_of, read_columns, recipe_of
from airmeet_source.views.declarations import VIEWS
from airmeet_source.views.view import View
from airmeet_source.views.weights import FIRST_WEIGHTS, WEIGHTS

log = logging.getLogger("airmeet_source")


def serve_analysts(clients: Clients, hold: Hold, *, views: bool) -> None:
    """Describe the tables, and renew the views unless they are to be left alone.

    What cannot be done is told and fails nothing: the rows are loaded all the same.
    """
    try:
        with hold(), clients.opened() as client:
            catalogue = catalogue_of(client, clients.pipeline.destination.destination_type)
            if isinstance(catalogue, CommentingCatalogue):
                _describe_tables(catalogue, client.schema)
            if catalogue is not None and views:
                renew_views(catalogue)
    except Exception as error:  # noqa: BLE001 - any driver's own, or a lock of somebody else's
        _tell("The views and descriptions could not be renewed", error)


def _tell(what: str, error: Exception) -> None:
    log.warning("%s: %s", what, of_server(str(error)) or type(error).__name__)


# -- views ---------------------------------------------------------------------------------------


def renew_views(catalogue: Catalogue, views: Iterable[View] = tuple(VIEWS.values())) -> None:
    """Make the views that are missing, and those that differ from what is declared."""
    catalogue.make_views_dataset()
    if not catalogue.columns(catalogue.views_dataset, [WEIGHTS.name]):
        _make_weights(catalogue)
    stored = catalogue.columns(catalogue.dataset, [*TABLES])
    place = place_of(catalogue, {**stored, **catalogue.columns(catalogue.views_dataset, [WEIGHTS.name])})
    shown = catalogue.views()
    stale = []
    for view in views:
        wanted = _wanted(view, place)
        found = shown.get(view.name)
        if found is None or found.description != wanted.description(found.definition):
            stale.append(wanted)
    failures = _replace(catalogue, stale)
    if failures and isinstance(catalogue, CommentingCatalogue) and not catalogue.replaces_in_place:
        _replace_all(catalogue, place)
    else:
        for name, failure in failures.items():
            _tell(f"The view {name} cannot be made", failure)


def _replace(catalogue: Catalogue, stale: list[Wanted]) -> dict[str, Exception]:
    """Replace views together, else one by one; what went wrong, by view."""
    failures: dict[str, Exception] = {}
    with suppress(Exception):  # then it is told of which view
        if stale:
            catalogue.replace(stale)
        return failures
    for wanted in stale:
        try:
            catalogue.replace([wanted])
        except Exception as error:  # noqa: BLE001 - any driver's own
            failures[wanted.name] = error
    return failures


def _replace_all(catalogue: CommentingCatalogue, place: Place) -> None:
    """Make all views anew where one of them cannot be replaced as it is."""
    try:
        catalogue.replace_all([_wanted(view, place) for view in VIEWS.values()])
    except Exception as error:  # noqa: BLE001 - any driver's own
        _tell(f"The views in {catalogue.views_dataset} stay as they are", error)
        others = catalogue.built_on_top()
        if others:
            log.warning(
                "Drop what is built on them, and make it again after the next load: %s", ", ".join(others)
            )


def _wanted(view: View, place: Place) -> Wanted:
    recipe, query = recipe_of(view.name, place), partial(query_of, view.name, place)
    columns: Comments = {column.name: column.description for column in view.columns}

    def description(definition: str) -> str:
        # the destination rewrites the query: what it shows for this one is part of the mark, so that what was
        # edited by hand is seen
        parts = (recipe, definition, *columns.values())
        mark = blake2b("\0".join(parts).encode(), digest_size=5).hexdigest()
        return f"{view.description} (made by the connector, {mark}; it undoes other changes)"

    return Wanted(name=view.name, query=query, columns=columns, description=description)


def place_of(catalogue: Catalogue, stored: Mapping[str, Collection[str]]) -> Place:
    """The place of the views over the tables and columns that are stored."""
    missing = {
        f"{table}.{column}" if table in stored else table
        for table, columns in read_columns().items()
        for column in columns
        if column not in stored.get(table, ())
    }
    return Place(
        dialect=catalogue.dialect,
        catalogue=catalogue.project,
        dataset=catalogue.dataset,
        views_dataset=catalogue.views_dataset,
        missing=frozenset(missing),
        letters=catalogue.letters(),
    )


def _make_weights(catalogue: Catalogue) -> None:
    """Make the table with its rows in one statement: rows that somebody deleted do not come back."""
    rows = [
        exp.select(
            exp.cast(exp.Literal.string(activity), "text").as_("activity"),
            exp.cast(exp.Literal.number(weight), "double").as_("weight"),
        )
        for activity, weight in FIRST_WEIGHTS.items()
    ]
    name = catalogue.full_name(catalogue.views_dataset, WEIGHTS.name)
    query = exp.union(*rows, distinct=False).sql(catalogue.dialect)
    catalogue.execute(f"CREATE TABLE IF NOT EXISTS {name} AS {query}")
    if isinstance(catalogue, CommentingCatalogue):
        comments: Comments = {None: WEIGHTS.description, **{c.name: c.description for c in WEIGHTS.columns}}
        catalogue.comment(catalogue.views_dataset, "TABLE", {WEIGHTS.name: comments})


# -- descriptions --------------------------------------------------------------------------------


def _describe_tables(catalogue: CommentingCatalogue, schema: Schema) -> None:
    """Say in the database what the schema says of tables and columns, where it says something else."""
    stored = catalogue.comments(catalogue.dataset)
    missing: dict[str, Comments] = {}
    for table in schema.tables.values():
        name = table["name"] or ""
        if name not in stored:
            continue
        wanted: dict[str | None, str] = {None: table.get("description") or ""}
        wanted.update({column: hints.get("description") or "" for column, hints in table["columns"].items()})
        missing[name] = {
            column: text
            for column, text in wanted.items()
            if text and column in stored[name] and stored[name][column] != text
        }
    if any(missing.values()):
        catalogue.comment(catalogue.dataset, "TABLE", missing)
