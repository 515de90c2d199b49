"""The certificate: what was erased, without a word by which anybody could tell whom."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from airmeet_source.disclosure.printable import escaped
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.loading.erasing.searching import Mention
from airmeet_source.loading.erasing.taking_out import Findings
from airmeet_source.loading.report import Status


@dataclass(frozen=True, kw_only=True)
class Files:
    """What became of files."""

    database_rewritten: bool = False
    working_folders_emptied: int = 0
    snapshot: str | None = None


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What an erasure did. ``as_dict()`` is what ``--report`` writes and the command prints."""

    run_id: str
    status: Status
    exit_code: int
    dry_run: bool
    community: str
    pipeline: str
    destination: str
    dataset: str
    started_at: datetime
    finished_at: datetime
    addresses: int  # that were asked for
    other_addresses: int  # of the same people
    user_ids: int
    findings: Findings
    are_mentions_blanked: bool
    files: Files
    error: str | None
    requests: int = 0  # Airmeet is not asked

    @property
    def rows(self) -> int:
        """Rows that are gone from the tables, or would be."""
        return sum(found.rows for found in self.findings.tables)

    @property
    def mentions(self) -> Mapping[Mention, int]:
        """Rows of others that mention an address, by place."""
        return {mention: count for found in self.findings.tables for mention, count in found.mentions.items()}

    def as_dict(self) -> dict[str, Any]:
        """The certificate as JSON has it."""
        return {
            "status": self.status,
            "exit_code": self.exit_code,
            "dry_run": self.dry_run,
            "connector": f"airmeet-source {version('airmeet-source')}",
            "community": self.community,
            "pipeline": self.pipeline,
            "destination": self.destination,
            "dataset": self.dataset,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "seconds": round((self.finished_at - self.started_at).total_seconds(), 3),
            "requests": self.requests,
            "addresses": self.addresses,
            "other_addresses": self.other_addresses,
            "user_ids": self.user_ids,
            "rows": {found.table.name: found.rows for found in self.findings.tables if found.rows},
            "values": {found.table.name: found.values for found in self.findings.tables if found.values},
            "staging_rows": self._staging_rows(),
            "mentions": [
                {
                    "table": mention.table,
                    "column": mention.column,
                    "airmeet_id": mention.airmeet_id,
                    "rows": count,
                }
                for mention, count in sorted(self.mentions.items(), key=str)
            ],
            "mentions_blanked": self.are_mentions_blanked,
            "files": {
                "database_rewritten": self.files.database_rewritten,
                "working_folders_emptied": self.files.working_folders_emptied,
                "snapshot": self.files.snapshot,
            },
            "error": self.error and without_secrets(self.error),
            "run_id": self.run_id,
        }

    def _staging_rows(self) -> dict[str, int]:
        rows: dict[str, int] = {}
        for found in self.findings.staging:
            if found.rows or found.values:
                rows[found.table.name] = rows.get(found.table.name, 0) + found.rows + found.values
        return rows

    def as_json(self) -> str:
        """The certificate as JSON text."""
        return escaped(json.dumps(self.as_dict(), indent=2, ensure_ascii=False))
