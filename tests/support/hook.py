"""An incoming webhook on loopback, which keeps the messages it gets and answers as a test wants."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hook:
    """A webhook."""

    url: str = ""
    status: int = 200
    seconds: float = 0.0  # until it answers
    pause: float = 0.0  # between two letters of a header
    posted: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None  # done before it answers

    def taken(self) -> list[str]:
        """The messages since the last call."""
        taken = self.posted[:]
        self.posted.clear()
        return taken


@contextmanager
def hook() -> Iterator[Hook]:
    """Run one as long as the context lasts."""
    state = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.posted.append(body["text"])
            state.meanwhile()
            time.sleep(state.seconds)
            self.send_response(state.status)
            self.send_header("Location", f"{state.url}-elsewhere")
            if state.pause:
                self.flush_headers()
                for letter in b"X-Slow: " + b"x" * 1_000:
                    self.wfile.write(bytes([letter]))
                    time.sleep(state.pause)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # who posted has gone
                return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_port}/services/T0AB/B0CD/s3cretP4thOfTheHook"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield state
        server.shutdown()
