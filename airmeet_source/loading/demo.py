"""The demo: a sandbox of the API with made-up events on this machine, so that no keys are needed."""

import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from airmeet_source.api.regions import Api
from airmeet_source.communities import DEFAULT
from airmeet_source.errors import NotInstalled
from airmeet_source.settings import SettingsArguments, resolve_settings

_SEED, _EVENTS = 7, 12
_PREPARING = 1.0  # seconds until the sandbox has prepared an asynchronous result


@contextmanager
def demo(settings: SettingsArguments, community: str) -> Iterator[SettingsArguments]:
    """Run the sandbox; yields the settings to reach it. Each community has events of its own.

    Raises:
        NotInstalled: a package for it is missing.
    """
    try:
        from airmeet_sandbox import Sandbox, World  # noqa: PLC0415 - it needs the extra `demo`
        from airmeet_sandbox.phases import QUARTER_HOUR  # noqa: PLC0415
    except ImportError:
        raise NotInstalled("The demo", "airmeet-source[demo]") from None
    # events start on the quarter of an hour: a world that begins on one has the same rows at any time of day
    began = datetime.fromtimestamp(time.time() // QUARTER_HOUR * QUARTER_HOUR, UTC)
    with Sandbox(
        World(seed=_seed(community), events=_EVENTS, now=began), prepare_seconds=_PREPARING
    ) as sandbox:
        theirs: SettingsArguments = {
            **settings,
            "pending_wait": _PREPARING,
            "access_key": sandbox.access_key,
            "secret_key": sandbox.secret_key,
            "base_url": sandbox.base_url,
        }
        if resolve_settings(**theirs).api is Api.LEGACY:
            theirs["base_url"] = sandbox.legacy_base_url
        yield theirs


def upcoming_event(community: str = DEFAULT) -> str:
    """The made-up event of a community that people may be added to.

    Raises:
        NotInstalled: a package for it is missing.
    """
    try:
        from airmeet_sandbox import World  # noqa: PLC0415 - it needs the extra `demo`
    except ImportError:
        raise NotInstalled("The demo", "airmeet-source[demo]") from None
    return World(seed=_seed(community), events=_EVENTS).event_in("upcoming")


def _seed(community: str) -> int:
    return _SEED if community == DEFAULT else zlib.crc32(community.encode())
