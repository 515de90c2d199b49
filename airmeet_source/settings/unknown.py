"""Settings that do not exist, although somebody sets them."""

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import fields
from difflib import get_close_matches

from dlt.common.configuration.container import Container
from dlt.common.configuration.providers.toml import SettingsTomlProvider
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from airmeet_source.communities import OWN_SETTINGS, SECTION, configured_settings, is_of_a_community
from airmeet_source.settings import Settings

log = logging.getLogger("airmeet_source")

_LIKE_A_SETTING = re.compile("SOURCES?_+AIRMEETS?_+(.+)", re.IGNORECASE)


def warn_of_unknown_settings() -> None:
    """Name what the environment and the files set that does not exist, and what was probably meant."""
    known = [setting.name for setting in fields(Settings)]
    variables = {name: f"{SECTION}.{name}".replace(".", "__").upper() for name in known}
    for given in os.environ:
        like = _LIKE_A_SETTING.fullmatch(given)
        if like is not None and given not in variables.values() and not is_of_a_community(given):
            _warn(given, like[1].lower(), variables)
    names = {name: f"{SECTION}.{name}" for name in known}
    for given in _names_in_files():
        if given not in names.values() and given != f"{SECTION}.communities":
            _warn(given, given.rpartition(".")[2], names)
    for community, given in configured_settings():
        if given not in OWN_SETTINGS:
            section = f"{SECTION}.communities.{community}"
            _warn(f"{section}.{given}", given, {name: f"{section}.{name}" for name in OWN_SETTINGS})


def _names_in_files() -> Iterator[str]:
    """The settings in ``secrets.toml`` and ``config.toml`` that are ours, or nearly."""
    for provider in Container()[PluggableRunContext].providers.providers:
        if not isinstance(provider, SettingsTomlProvider):
            continue
        for top in ("sources", "source"):
            sections, _ = provider.get_value(top, dict, "")
            for section, content in (sections if isinstance(sections, dict) else {}).items():
                if get_close_matches(section, ["airmeet"], cutoff=0.8) and isinstance(content, dict):
                    yield from (f"{top}.{section}.{name}" for name in content)


def _warn(given: str, name: str, known: dict[str, str]) -> None:
    near = get_close_matches(name, known, n=1)
    meant = f", did you mean {known[near[0]]}?" if near else "."
    log.warning("There is no setting %s, so it has no effect%s", given, meant)
