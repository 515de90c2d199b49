"""What the sandbox's endpoints are asked for: each session, each booth, or the event itself."""

from collections.abc import Sequence

from airmeet_sandbox import World
from airmeet_sandbox.endpoints import BY_NAME


def children_of(world: World, endpoint: str, event: str) -> Sequence[str | None]:
    """The sessions or booths of the event that the endpoint is asked for; None stands for the event."""
    path = BY_NAME[endpoint].path or ""
    if "{sessionId}" in path:
        return world.sessions(event)
    return world.booths(event) if "{boothId}" in path else [None]
