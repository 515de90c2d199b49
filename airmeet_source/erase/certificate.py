"""The certificate: what was erased, without a word by which anybody could tell whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from airmeet_source.loading.command_report import CommandReport
from airmeet_source.loading.erasing.searching import Mention
from airmeet_source.loading.erasing.taking_out import Findings


@dataclass(frozen=True, kw_only=True)
class Files:
    """What became of files."""

    database_rewritten: bool = False
    working_folders_emptied: int = 0
    snapshot: str | None = None


@dataclass(frozen=True, kw_only=True)
class Certificate(CommandReport):
    """What an erasure did: what ``--report`` writes and the command prints."""

    dry_run: bool
    addresses: int  # that were asked for
    other_addresses: int  # of the same people
    user_ids: int
    findings: Findings
    are_mentions_blanked: bool
    files: Files
    requests: int = 0  # Airmeet is not asked

    @property
    def rows(self) -> int:
        """Rows that are gone from the tables, or would be."""
        return sum(found.rows for found in self.findings.tables)

    @property
    def mentions(self) -> Mapping[Mention, int]:
        """Rows of others that mention an address, by place."""
        return {mention: count for found in self.findings.tables for mention, count in found.mentions.items()}

    def _particulars(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "connector": f"airmeet-source {version('airmeet-source')}",
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
        }

    def _staging_rows(self) -> dict[str, int]:
        rows: dict[str, int] = {}
        for found in self.findings.staging:
            if found.rows or found.values:
                rows[found.table.name] = rows.get(found.table.name, 0) + found.rows + found.values
        return rows
