"""A message to an incoming webhook: posted within seconds or not at all, whatever the other side does."""

import json
import threading
from urllib.parse import urlsplit

from airmeet_source.api.transport import Received, Transport
from airmeet_source.errors import AirmeetError

_SECONDS = 5.0  # for all of it, the name's resolution included
_TIMEOUT = 4.0  # seconds to connect, and between two reads
_MOST_MB = 1.0  # of the answer, which says nothing that counts


def post(url: str, text: str) -> str | None:
    """Post a message; returns why it did not arrive, without the address, which is a secret."""
    host = urlsplit(url).hostname
    failures = [f"no answer from {host} within {_SECONDS:g} s"]

    def send() -> None:
        failures[:] = [_send(url, text)]

    # nothing else bounds the time that a name takes to be resolved, or that headers trickle
    thread = threading.Thread(target=send, name="notice", daemon=True)
    thread.start()
    thread.join(_SECONDS)
    return failures[0] or None


def _send(url: str, text: str) -> str:
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        transport = Transport(f"{parts.scheme}://{parts.netloc}", 1, _TIMEOUT, most_mb=_MOST_MB)
        answer = transport.exchange("POST", path, {}, {}, body=json.dumps({"text": text}).encode())
        transport.close()
    except AirmeetError as error:
        return str(error).partition("\n")[0]
    if not isinstance(answer, Received):
        return answer.reason
    return "" if 200 <= answer.status < 300 else f"{parts.hostname} answers with HTTP {answer.status}"
