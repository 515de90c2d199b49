"""People that a query finds in the destination, such as those of a CRM table who are on no list yet."""

from dataclasses import dataclass

import dlt

from airmeet_source.disclosure.words import of_server
from airmeet_source.errors import AirmeetError, UsageError
from airmeet_source.loading.failures import opening
from airmeet_source.loading.locking import Locks
from airmeet_source.loading.storage import has_database
from airmeet_source.push.sheet import Sheet, numbered


@dataclass(frozen=True, kw_only=True)
class Query:
    """A query in the destination's own SQL; tables as ``dataset.table``."""

    sql: str


def read_query(pipeline: dlt.Pipeline, locks: Locks, query: Query) -> Sheet:
    """The rows that a query finds.

    Raises:
        UsageError: the destination does not understand it, or it finds no rows of columns.
        AirmeetError: the destination cannot be opened.
    """
    if not has_database(pipeline):
        raise UsageError("--query: there is no database to ask yet. Load something first: airmeet load.")
    client = pipeline.sql_client()
    with locks.hold():
        with opening():
            client.open_connection()
        try:
            with client.execute_query(query.sql) as cursor:
                columns = [str(column[0]) for column in cursor.description or ()]
                rows = cursor.fetchall() if columns else []
        except AirmeetError:
            raise
        except Exception as error:  # noqa: BLE001 - any driver's own error, told in its own words
            raise UsageError(f"--query: {of_server(str(error)) or type(error).__name__}") from None
        finally:
            client.close_connection()
    if not columns:
        raise UsageError("--query must be a query that finds people: SELECT …")
    return numbered(columns, [dict(zip(columns, row, strict=True)) for row in rows])
