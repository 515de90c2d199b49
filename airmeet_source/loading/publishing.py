"""--publish: a snapshot of the DuckDB file for dashboards, which then never block a load."""

import os
import shutil
from pathlib import Path

import dlt

from airmeet_source.errors import UsageError
from airmeet_source.loading.locking import duckdb_file, is_duckdb


def require_publishable(pipeline: dlt.Pipeline, target: Path) -> None:
    """Refuse --publish where there is no file to copy, or where the copy would replace it.

    Raises:
        UsageError: the destination is no DuckDB file, or the snapshot is that file.
    """
    if not is_duckdb(pipeline):
        raise UsageError("--publish makes a snapshot of a DuckDB file; this destination is none.")
    if target.resolve() == duckdb_file(pipeline).resolve():
        raise UsageError("--publish must name another file than the one that is loaded into.")


def publish(pipeline: dlt.Pipeline, target: Path) -> None:
    """Replace the snapshot in one step: readers see the old one or the new one, open ones keep the old.

    The caller holds the file, so that nothing changes it meanwhile.
    """
    source = duckdb_file(pipeline)
    with pipeline.sql_client() as client:
        client.execute_sql("CHECKPOINT")
    draft = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(source, draft)
        draft.chmod(0o444)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
