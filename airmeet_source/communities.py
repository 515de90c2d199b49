"""Communities: their names, and where the configuration has the keys of each.

The keys of a community stand in section ``sources.airmeet``. Where there are several, each has a section of
its own, ``sources.airmeet.communities.NAME``, with its keys, and its region or address if they differ.
"""

import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

import dlt
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from airmeet_source.errors import UsageError

SECTION = "sources.airmeet"
DEFAULT = "default"  # the community of those who have only one
KEYS = ("access_key", "secret_key")
OWN_SETTINGS = (*KEYS, "region", "base_url")  # what the section of a community may have

_SECTIONS = "communities"
_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_LONGEST_NAME = 40  # names of pipelines, files and datasets are made of it
_VARIABLE = re.compile(r"SOURCES__AIRMEET__COMMUNITIES__(.+)__(.+)", re.IGNORECASE)


def require_name(text: str) -> str:
    """The name of a community, which is part of variables, pipelines, files and datasets.

    Raises:
        UsageError: it cannot be.
    """
    if not _NAME.fullmatch(text) or len(text) > _LONGEST_NAME:
        raise UsageError(
            f"{text!r} cannot be the name of a community: up to {_LONGEST_NAME} small letters and digits are "
            "expected, with single _ between them."
        )
    return text


def community_in_use(given: str | None = None) -> str:
    """The community that is asked for, else the one that the configuration names."""
    name = dlt.config.get(f"{SECTION}.community") if given is None else given
    return DEFAULT if name is None else str(name).strip()


def pipeline_of(community: str) -> str:
    """The name of a community's pipeline, unless another one is chosen."""
    return "airmeet" if community == DEFAULT else f"airmeet_{community}"


def section_of(community: str, setting: str) -> str:
    """The section that has a setting of a community: its own, or the one that all share."""
    own = f"{SECTION}.{_SECTIONS}.{community}"
    its = {name for name in OWN_SETTINGS if dlt.config.get(f"{own}.{name}") is not None}
    if setting in KEYS:
        # nobody's keys are taken for those of a community that is asked for by name
        return own if its or community != community_in_use() else SECTION
    # nor does an address that is meant for all lead anybody away from their own region
    is_own = setting in its or (setting == "base_url" and "region" in its)
    return own if is_own else SECTION


def is_of_a_community(variable: str) -> bool:
    """Whether an environment variable belongs to the section of a community."""
    return bool(_VARIABLE.fullmatch(variable))


def configured() -> list[str]:
    """The names of the communities that have a section."""
    return sorted({name for name, setting in configured_settings() if setting in OWN_SETTINGS})


def require_keys_of_their_own(communities: Iterable[str]) -> None:
    """Refuse communities that have the same keys: they would load the same events.

    Raises:
        UsageError: two of them have.
    """
    owners: dict[str, str] = {}
    for name in communities:
        key: object = dlt.secrets.get(f"{section_of(name, KEYS[0])}.{KEYS[0]}")
        if key is not None and owners.setdefault(str(key).strip(), name) != name:
            first = owners[str(key).strip()]
            raise UsageError(f"The communities {first} and {name} have the same {KEYS[0]}.")


def configured_settings() -> Iterator[tuple[str, str]]:
    """Community and setting of all that stands in the sections of communities, of whatever name."""
    for variable in os.environ:
        found = _VARIABLE.fullmatch(variable)
        if found is not None:
            yield found[1].lower(), found[2].lower()
    for provider in Container()[PluggableRunContext].providers.providers:
        sections, _ = provider.get_value(_SECTIONS, dict, "", *SECTION.split("."))
        yield from _in_sections(sections)


def _in_sections(sections: Any) -> Iterator[tuple[str, str]]:
    for name, content in (sections if isinstance(sections, dict) else {}).items():
        if isinstance(content, dict):
            yield from ((str(name), str(setting)) for setting in content)
