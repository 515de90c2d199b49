"""Control over a sandbox in a process of its own: `/_sandbox/` `stats`, `faults` and `clock`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from airmeet_sandbox.clock import SandboxClock
from airmeet_sandbox.faults import ACTIONS, Faults
from airmeet_sandbox.file_faults import FILE_ACTIONS
from airmeet_sandbox.request_log import RequestLog

_ACTIONS = {**ACTIONS, **FILE_ACTIONS}
_CONDITIONS = {"endpoint", "path", "times", "probability", "seed", "skip"}


def control_routes(requests: RequestLog, faults: Faults, clock: SandboxClock) -> list[BaseRoute]:
    """The endpoints that are not Airmeet's.

    Faults take `{"action": "status", "with": {"code": 503}, "endpoint": "utms", "times": 2}` or
    `{"clear": true}`; the clock takes `{"advance_seconds": 3600}`, `{"set": "2026-01-31T00:00:00+00:00"}` or
    `{"freeze": true}`.
    """
    control = _Control(requests, faults, clock)
    return [
        Route("/_sandbox/stats", control.stats, methods=["GET"]),
        Route("/_sandbox/faults", control.add_fault, methods=["POST"]),
        Route("/_sandbox/clock", control.move_clock, methods=["POST"]),
    ]


@dataclass(frozen=True)
class _Control:
    requests: RequestLog
    faults: Faults
    clock: SandboxClock

    async def stats(self, _request: Request) -> Response:
        return _json(
            {
                "requests": self.requests.total,
                "by_endpoint": dict(self.requests.by_endpoint),
                "by_status": {str(status): count for status, count in self.requests.by_status.items()},
                "now": self.clock.now().isoformat(),
            }
        )

    async def add_fault(self, request: Request) -> Response:
        wanted = orjson.loads(await request.body())
        if wanted.get("clear"):
            self.faults.clear()
            return _json({"faults": "none"})
        try:
            action = _ACTIONS[wanted["action"]](**wanted.get("with", {}))
        except (KeyError, TypeError) as error:
            return _json({"error": f"{error}", "actions": sorted(_ACTIONS)}, 400)
        self.faults.add(action, **{name: wanted[name] for name in _CONDITIONS & wanted.keys()})
        return _json({"added": wanted["action"]})

    async def move_clock(self, request: Request) -> Response:
        wanted = orjson.loads(await request.body())
        if "set" in wanted:
            self.clock.set(datetime.fromisoformat(wanted["set"]))
        if "freeze" in wanted:
            (self.clock.freeze if wanted["freeze"] else self.clock.unfreeze)()
        self.clock.advance(timedelta(seconds=wanted.get("advance_seconds", 0)))
        return _json({"now": self.clock.now().isoformat()})


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
