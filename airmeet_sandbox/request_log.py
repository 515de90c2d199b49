"""Which requests came, and how they were answered."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import overload


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request and its answer.

    Attributes:
        method: GET, POST or DELETE.
        path: with the prefix of the API.
        query: the parameters.
        status: as answered, 0 if the connection was reset or the answer never came.
        at: the arrival on the sandbox's clock.
        headers_ok: whether content type and keys or token were sent.
        endpoint: named like the connector's resource or a write, `auth`, or `unknown`.
        arrived: the arrival on the monotonic clock of the process, in seconds.
        answered: when the answer was sent, likewise.
        body: what a client sent to change something.
        headers: what a client sent to download a file.
    """

    method: str
    path: str
    query: dict[str, str]
    status: int
    at: datetime
    headers_ok: bool
    endpoint: str
    arrived: float
    answered: float
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class RequestLog(Sequence[LoggedRequest]):
    """All requests in the order in which they were answered; without `keep` only counted."""

    def __init__(self, *, keep: bool = True) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._requests: list[LoggedRequest] = []
        self.by_endpoint: Counter[str] = Counter()
        self.by_status: Counter[int] = Counter()

    @property
    def total(self) -> int:
        """How many requests were answered."""
        return sum(self.by_endpoint.values())

    def add(self, request: LoggedRequest) -> None:
        """Note a request."""
        with self._lock:
            self.by_endpoint[request.endpoint] += 1
            self.by_status[request.status] += 1
            if self._keep:
                self._requests.append(request)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._requests.clear()
            self.by_endpoint.clear()
            self.by_status.clear()

    def to(self, endpoint: str) -> list[LoggedRequest]:
        """The requests to one endpoint."""
        with self._lock:
            return [request for request in self._requests if request.endpoint == endpoint]

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> list[LoggedRequest]: ...
    def __getitem__(self, index: int | slice) -> LoggedRequest | list[LoggedRequest]:
        with self._lock:
            return self._requests[index]

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[LoggedRequest]:
        with self._lock:
            return iter(list(self._requests))
