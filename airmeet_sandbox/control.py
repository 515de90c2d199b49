"""Control over a sandbox in a process of its own: `/_sandbox/` `stats`, `faults` and `clock`."""

from datetime import datetime, timedelta

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from airmeet_sandbox.clock import SandboxClock
from airmeet_sandbox.faults import ACTIONS, Faults
from airmeet_sandbox.request_log import RequestLog

_CONDITIONS = {"endpoint", "path", "times", "probability", "seed", "skip"}


def control_routes(requests: RequestLog, faults: Faults, clock: SandboxClock) -> list[BaseRoute]:
    """The endpoints that are not Airmeet's.

    Faults take `{"action": "status", "with": {"code": 503}, "endpoint": "utms", "times": 2}` or
    `{"clear": true}`; the clock takes `{"advance_seconds": 3600}`, `{"set": "2026-01-31T00:00:00+00:00"}` or
    `{"freeze": true}`.
    """

    async def stats(_request: Request) -> Response:
        return _json(
            {
                "requests": requests.total,
                "by_endpoint": dict(requests.by_endpoint),
                "by_status": {str(status): count for status, count in requests.by_status.items()},
                "now": clock.now().isoformat(),
            }
        )

    async def add_fault(request: Request) -> Response:
        wanted = orjson.loads(await request.body())
        if wanted.get("clear"):
            faults.clear()
            return _json({"faults": "none"})
        try:
            action = ACTIONS[wanted["action"]](**wanted.get("with", {}))
        except (KeyError, TypeError) as error:
            return _json({"error": f"{error}", "actions": sorted(ACTIONS)}, 400)
        faults.add(action, **{name: wanted[name] for name in _CONDITIONS & wanted.keys()})
        return _json({"added": wanted["action"]})

    async def move_clock(request: Request) -> Response:
        wanted = orjson.loads(await request.body())
        if "set" in wanted:
            clock.set(datetime.fromisoformat(wanted["set"]))
        if "freeze" in wanted:
            (clock.freeze if wanted["freeze"] else clock.unfreeze)()
        clock.advance(timedelta(seconds=wanted.get("advance_seconds", 0)))
        return _json({"now": clock.now().isoformat()})

    return [
        Route("/_sandbox/stats", stats, methods=["GET"]),
        Route("/_sandbox/faults", add_fault, methods=["POST"]),
        Route("/_sandbox/clock", move_clock, methods=["POST"]),
    ]


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
