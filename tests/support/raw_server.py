"""A server on loopback that keeps the very bytes it was sent, and answers with any others."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Respond = Callable[[bytes], bytes | Iterator[bytes]]  # an answer as a whole or in pieces, from a head


def answer(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@dataclass
class RawServer:
    """Answers each request with what ``respond`` makes of its head."""

    respond: Respond
    port: int = 0
    tls: ssl.SSLContext | None = None
    keep_open: bool = True  # connections, after an answer
    heads: list[bytes] = field(default_factory=list)  # of the requests so far, request line and headers
    connections: int = 0  # so far

    @property
    def url(self) -> str:
        """Its address."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        """What was asked for."""
        return [head.split(b" ")[1].decode("latin-1") for head in self.heads]

    def serve(self, listening: socket.socket) -> None:
        """Take connections until it is closed."""
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()

    def _serve_one(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            waiting = b""
            while True:
                while b"\r\n\r\n" not in waiting:
                    received = connection.recv(65_536)
                    if not received:
                        return
                    waiting += received
                head, _, waiting = waiting.partition(b"\r\n\r\n")
                self.heads.append(head)
                made = self.respond(head)
                for piece in [made] if isinstance(made, bytes) else made:
                    connection.sendall(piece)
                if not self.keep_open:
                    return


@contextmanager
def raw_server(
    respond: Respond = lambda _: answer(), *, tls: ssl.SSLContext | None = None, keep_open: bool = True
) -> Iterator[RawServer]:
    """Run one as long as the context lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = RawServer(respond, listening.getsockname()[1], tls, keep_open)
        threading.Thread(target=server.serve, args=(listening,), daemon=True).start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
