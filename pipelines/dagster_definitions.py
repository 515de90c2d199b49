"""What Dagster loads: ``dagster dev -f pipelines/dagster_definitions.py``."""

from airmeet_source.orchestration.definitions import definitions
from airmeet_source.orchestration.deployment import Deployment

defs = definitions(Deployment.of_environment())
