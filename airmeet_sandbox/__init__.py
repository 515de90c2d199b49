"""A stand-in for Airmeet's API over HTTP on loopback, for the demo, the tests and the benchmarks.

It was built from the vendor's documents and from what public clients of the API show, and never compared with
the live service.
"""

from airmeet_sandbox import faults, file_faults
from airmeet_sandbox.clock import SandboxClock
from airmeet_sandbox.endpoints import ENDPOINTS
from airmeet_sandbox.event import UnknownIdError
from airmeet_sandbox.faults import Faults
from airmeet_sandbox.quirks import Quirks
from airmeet_sandbox.request_log import LoggedRequest, RequestLog
from airmeet_sandbox.server import Sandbox
from airmeet_sandbox.world import World

__all__ = [
    "ENDPOINTS",
    "Faults",
    "LoggedRequest",
    "Quirks",
    "RequestLog",
    "Sandbox",
    "SandboxClock",
    "UnknownIdError",
    "World",
    "faults",
    "file_faults",
]
