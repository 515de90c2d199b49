"""Whose configuration decides where and whether rows land: ours, and of the user's only what is meant for us.

dlt looks for each of its settings under ever fewer sections, down to the bare name: a ``DEV_MODE``,
``WORKERS`` or ``HOST`` that another program has in the environment would count, as would a line in dlt's own
``config.toml`` that was written for other pipelines. While a run lasts, its providers are asked only for what
:func:`is_the_users` names. Everything else is as we fix it here, or as dlt has it by default.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dlt.common.configuration import is_secret_hint
from dlt.common.configuration.container import Container
from dlt.common.configuration.providers.provider import ConfigProvider
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from airmeet_source.disclosure.credentials import learn_asked_for, secrets_files
from airmeet_source.errors import UsageError
from airmeet_source.loading.files import open_to_others
from airmeet_source.settings.checks import is_quoted

log = logging.getLogger("airmeet_source")

# by section and name; rows are Parquet wherever the destination takes it, and dlt's state, which is not, is
# compressed already. Our handler of signals lets a load finish; dlt's would drop the package.
FIXED: dict[tuple[str, str], Any] = {
    ("data_writer", "disable_compression"): True,
    ("runtime", "intercept_signals"): False,
}

# what a destination does with rows, and under which names; where it is, is the user's
_OURS_OF_DESTINATIONS = frozenset(
    {
        "autodetect_schema",
        "create_indexes",
        "destination_name",
        "enable_atomic_replace",
        "enable_dataset_name_normalization",
        "has_case_sensitive_identifiers",
        "ignore_unknown_values",
        "info_tables_query_threshold",
        "replace_strategy",
        "session_timezone",
        "should_set_case_sensitivity_on_new_dataset",
        "staging_dataset_name_layout",
        "truncate_tables_on_staging_destination_before_load",
    }
)
_OTHER_WAYS = frozenset({"csv_format", "staging_config"})  # rows travel as Parquet, without a bucket between


def is_the_users(name: str, sections: Sequence[str]) -> bool:
    """Whether a setting may be configured by the user: our own, and how a destination or a log is reached."""
    if tuple(sections[:2]) == ("sources", "airmeet"):
        return len(sections) == 2 or (len(sections) == 4 and sections[2] == "communities")
    if (sections[-1:] or ("",))[0] == "runtime":
        return ("runtime", name) not in FIXED
    return (
        sections[:1] == ("destination",)
        and name not in _OURS_OF_DESTINATIONS
        and _OTHER_WAYS.isdisjoint(sections)
    )


@contextmanager
def our_configuration() -> Iterator[None]:
    """Have nobody else's configuration decide while the context lasts; for the whole process."""
    providers = Container()[PluggableRunContext].providers
    theirs = providers.providers
    providers.providers = [_Fixed(), *map(_Gate, theirs)]
    try:
        yield
    finally:
        providers.providers = theirs


def warn_of_open_secrets() -> None:
    """Say so if other accounts of the machine can read the keys."""
    for file in secrets_files():
        if open_to_others(file):
            log.warning("Others on this machine can read %s, which is for keys: chmod 600 it.", file)


class _Fixed(ConfigProvider):
    """What we fix, wherever else it is set."""

    def get_value(
        self,
        key: str,
        hint: type[Any],  # noqa: ARG002 - dlt's signature
        pipeline_name: str | None,  # noqa: ARG002
        *sections: str,
    ) -> tuple[Any, str]:
        section = sections[-1] if sections else ""
        return FIXED.get((section, key)), f"{section}.{key}"

    @property
    def name(self) -> str:
        return "Airmeet"

    @property
    def supports_secrets(self) -> bool:
        return True

    @property
    def supports_sections(self) -> bool:
        return True


class _Gate(ConfigProvider):
    """A provider of the user's that is asked only for what is meant for us."""

    def __init__(self, provider: ConfigProvider) -> None:
        self._provider = provider

    def get_value(
        self, key: str, hint: type[Any], pipeline_name: str | None, *sections: str
    ) -> tuple[Any, str]:
        if not is_the_users(key, sections):
            return None, ".".join((*sections, key))
        value, place = self._provider.get_value(key, hint, pipeline_name, *sections)
        if isinstance(value, str) and sections[:1] == ("destination",):
            value = value.strip()  # the line end of a file that it was copied from
        if value is not None and is_secret_hint(hint):
            learn_asked_for(key, value)  # before anybody finds fault with it, and says so
        if isinstance(value, str) and key == "credentials" and is_quoted(value):
            raise UsageError(f"{place} is in quotation marks, which do not belong to it. Leave them out.")
        return value, place

    def get_value_location(self, key: str, pipeline_name: str | None, *sections: str) -> str:
        return self._provider.get_value_location(key, pipeline_name, *sections)

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def supports_secrets(self) -> bool:
        return self._provider.supports_secrets

    @property
    def supports_sections(self) -> bool:
        return self._provider.supports_sections

    @property
    def is_empty(self) -> bool:
        return self._provider.is_empty

    @property
    def locations(self) -> Sequence[str]:
        return self._provider.locations

    @property
    def present_locations(self) -> Sequence[str]:
        return self._provider.present_locations
