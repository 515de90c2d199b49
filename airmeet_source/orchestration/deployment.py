"""Deployment: whose events are loaded, where to, and into which tables."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg
import dlt

from airmeet_source.api.regions import REGIONS
from airmeet_source.communities import community_in_use, configured, section_of
from airmeet_source.model.table import Table
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import RESOURCES, Resource
from airmeet_source.settings import Settings

_PREFIX = "airmeet"
_LOGS = ("sync_log", "runs", "schema_changes")  # tables that every run writes to


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Whose events are loaded, and where to.

    Attributes:
        destination: As ``--destination`` has it.
        dataset: As ``--dataset`` has it.
        communities: The names of the partitions.
        demo: Whether the communities are made up.
    """

    destination: str = "duckdb"
    dataset: str = "airmeet_data"
    communities: tuple[str, ...]
    demo: bool = False

    @classmethod
    def of_environment(cls) -> "Deployment":
        """What the environment and dlt's configuration say."""
        made_up = tuple(filter(None, os.environ.get("AIRMEET_DEMO", "").split(",")))
        return cls(
            destination=os.environ.get("AIRMEET_DESTINATION", cls.destination),
            dataset=os.environ.get("AIRMEET_DATASET", cls.dataset),
            communities=made_up or tuple(configured()) or (community_in_use(),),
            demo=bool(made_up),
        )

    @property
    def resources(self) -> Sequence[Resource]:
        """The resources that the regions of the communities have."""
        apis = {REGIONS[_region_of(name)].api for name in self.communities}
        return [resource for resource in RESOURCES.values() if resource.apis & apis]

    @property
    def tables(self) -> Sequence[Table]:
        """The tables that runs load into."""
        names = [table for resource in self.resources for table in resource.tables]
        return [TABLES[name] for name in (*names, *_LOGS)]


def asset_key(table: str) -> dg.AssetKey:
    """The asset that a table is."""
    return dg.AssetKey([_PREFIX, table])


def _region_of(community: str) -> str:
    region: object = dlt.config.get(f"{section_of(community, 'region')}.region")
    return Settings.region if region is None else str(region)
