"""What the connector writes down about its own runs."""

from airmeet_source.model.columns import AIRMEET_ID, bigint_column, double_column, text_column, time_column
from airmeet_source.model.table import Reload, Table

TABLES = (
    Table(
        name="sync_log",
        description="What each run did, one row per unit of work: an endpoint of an event, session or booth",
        key=(),
        reload=Reload.APPEND,
        partition="started_at",
        columns=(
            text_column("resource", "dlt resource that the unit belongs to"),
            AIRMEET_ID,
            text_column("entity_id", "Id of the session or booth; null if the unit is about a whole event"),
            text_column("outcome", "How the unit ended: loaded, pending, not_available or failed"),
            bigint_column("rows", "Rows written, over all tables of the unit"),
            bigint_column("skipped", "Elements of its list that are no record, such as null or a text"),
            bigint_column("requests", "Requests sent, including retries"),
            double_column("waited_seconds", "Seconds spent waiting for Airmeet to prepare the result"),
            text_column("error", "Why the unit was not loaded, in the API's words where it gave any"),
            time_column("started_at", "When the first request was sent, or the unit given up without one"),
            time_column("finished_at", "When the last request ended"),
        ),
    ),
)
