"""What the connector writes down about its own runs."""

from airmeet_source.model.columns import (
    AIRMEET_ID,
    SESSION_ID,
    bigint_column,
    double_column,
    flag_column,
    personal_column,
    text_column,
    time_column,
)
from airmeet_source.model.table import Reload, Table

RUN_ID = text_column("run_id", "Id of the run; the same in every log")
COMMUNITY = text_column("community", "Name of the community whose keys were used")

TABLES = (
    Table(
        name="sync_log",
        description="What each run did, one row per unit of work: an endpoint of an event, session or booth",
        key=(),
        reload=Reload.APPEND,
        partition="started_at",
        columns=(
            RUN_ID,
            COMMUNITY,
            text_column("resource", "dlt resource that the unit belongs to"),
            AIRMEET_ID,
            text_column("entity_id", "Id of the session or booth; null if the unit is about a whole event"),
            text_column("outcome", "How the unit ended: loaded, pending, not_available or failed"),
            bigint_column("rows", "Rows read, over all tables of the unit"),
            flag_column("written", "Whether rows were written; not if they are the same as before"),
            flag_column("final", "Whether the unit will not be asked for again"),
            bigint_column("skipped", "Elements of its list that are no record, such as null or a text"),
            bigint_column("requests", "Requests sent, including retries"),
            double_column("waited_seconds", "Seconds spent waiting for Airmeet to prepare the result"),
            text_column("error", "Why the unit was not loaded, in the API's words where it gave any"),
            time_column("started_at", "When the first request was sent, or the unit given up without one"),
            time_column("finished_at", "When the last request ended"),
        ),
    ),
    Table(
        name="runs",
        description="One row per run that reached the destination",
        key=("run_id",),
        reload=Reload.APPEND,
        partition="started_at",
        columns=(
            RUN_ID,
            text_column("command", "What was run: load, push, recordings or erase"),
            COMMUNITY,
            text_column("pipeline", "Name of the pipeline"),
            text_column("version", "Version of the connector"),
            time_column("started_at", "When the run began"),
            time_column("finished_at", "When the run ended"),
            text_column("status", "ok, partial (some units are pending or failed) or failed"),
            bigint_column("exit_code", "Exit code of the command"),
            bigint_column("requests", "Requests sent"),
            bigint_column("rows", "Rows written, over all tables"),
            double_column("waited_seconds", "Seconds spent waiting for Airmeet to prepare results"),
            bigint_column("loaded", "Units that were loaded"),
            bigint_column("pending", "Units that Airmeet was still preparing"),
            bigint_column("not_available", "Units that Airmeet does not offer"),
            bigint_column("failed", "Units that failed"),
            text_column("error", "Why the run failed"),
        ),
    ),
    Table(
        name="schema_changes",
        description="One row per column that a field of the API has added to a table",
        key=("table_name", "column_name"),
        reload=Reload.APPEND,
        columns=(
            RUN_ID,
            time_column("changed_at", "When the run that added the column ended"),
            text_column("table_name", "Name of the table"),
            text_column("column_name", "Name of the column"),
            text_column("data_type", "Type of the column: text, bigint, double, bool or timestamp"),
        ),
    ),
    Table(
        name="push_log",
        description="What became of people who were sent to Airmeet, one row per person and run",
        key=("run_id", "email"),
        reload=Reload.APPEND,
        partition="sent_at",
        about_people=True,
        columns=(
            RUN_ID,
            AIRMEET_ID,
            personal_column("email", "E-mail address, as it was sent"),
            text_column("action", "What was asked for: register, authorise or revoke"),
            text_column(
                "outcome", "What became of it: added, already_there, revoked, not_there, refused or failed"
            ),
            bigint_column("status", "HTTP status of the last answer; null if there was none"),
            text_column("message", "Why it was refused or failed, without links, keys and tokens"),
            time_column("sent_at", "When the person was sent last, or found to be there already"),
        ),
    ),
    Table(
        name="recording_files",
        description="Copies of recordings, one row per file; a file that is copied again has the newer row",
        key=("path",),
        reload=Reload.APPEND,
        columns=(
            AIRMEET_ID,
            SESSION_ID,
            text_column("path", "Path of the file, below the folder or bucket that copies go to"),
            bigint_column("bytes", "Size of the file, in bytes"),
            text_column("sha256", "SHA-256 of what is in the file, in hexadecimal digits"),
            time_column("copied_at", "When the file was complete"),
        ),
    ),
)
