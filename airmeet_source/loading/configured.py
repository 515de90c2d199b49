"""What a run takes from the configuration first: whose events it is about, and by which pipeline it goes."""

from dataclasses import replace

from airmeet_source.communities import community_in_use, pipeline_of
from airmeet_source.disclosure.credentials import learn_configuration
from airmeet_source.loading.configuration import warn_of_open_secrets
from airmeet_source.loading.destinations import Target
from airmeet_source.settings import SettingsArguments
from airmeet_source.settings.unknown import warn_of_unknown_settings


def read_configuration(
    settings: SettingsArguments, target: Target, pipeline_name: str | None
) -> tuple[str, Target]:
    """The community, and the target with the name of its pipeline.

    Args:
        settings: those that are given as arguments.
        target: where to.
        pipeline_name: None for the community's own.

    Raises:
        UsageError: the configuration makes no sense.
    """
    learn_configuration()  # before dlt reads it, and quotes what it does not understand
    warn_of_unknown_settings()
    warn_of_open_secrets()
    community = community_in_use(settings.get("community"))
    return community, replace(target, pipeline_name=pipeline_name or pipeline_of(community))
