"""Faults of downloads: servers that know no ranges, answer with another one, or lead elsewhere."""

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from airmeet_sandbox.answers import Answer
from airmeet_sandbox.faults import Action, Honest
from airmeet_sandbox.recording_files import FileAnswer, file_answer


def ignoring_range() -> Action:
    """The whole file with status 200, whatever was asked for."""
    return _of_a_file(lambda made: file_answer(made.whole, None))


def range_from(start: int) -> Action:
    """A part of the file that begins at another place than was asked for, and says so."""
    return _of_a_file(lambda made: file_answer(made.whole, f"bytes={start}-"))


def another_etag(etag: str = '"another"') -> Action:
    """The honest answer, but the file has another ETag, as if it were another one."""
    return _of_a_file(lambda made: replace(made, headers={**made.headers, "ETag": etag}))


def shortened(by: int = 1) -> Action:
    """An answer that is complete by its own Content-Length, but the file lacks its end."""
    return _of_a_file(lambda made: replace(made, body=made.body[:-by]))


def redirect(to: str, status: int = 302) -> Action:
    """Look elsewhere."""

    async def act(_honest: Honest) -> Answer | Response:
        return Answer(status, b"", {"Location": to})

    return act


def stalled(keep: float = 0.5) -> Action:
    """The beginning of the honest answer, and then nothing more, for as long as the client waits."""

    async def act(honest: Honest) -> Answer | Response:
        return _Stalled(honest(), keep)

    return act


def unannounced() -> Action:
    """The honest answer without its length, in chunks."""

    async def act(honest: Honest) -> Answer | Response:
        return _Stalled(honest(), 1.0, ends=True)

    return act


class _Stalled(Response):
    """Sends a part of an answer."""

    def __init__(self, made: Answer, keep: float, *, ends: bool = False) -> None:
        super().__init__(made.body, made.status, dict(made.headers))
        self._keep = int(len(made.body) * keep)
        self._ends = ends

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI)
        headers = [header for header in self.raw_headers if header[0] != b"content-length" or not self._ends]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self.body)[: self._keep], "more_body": True})
        if self._ends:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        while (await receive())["type"] != "http.disconnect":
            pass


def _of_a_file(change: Callable[[FileAnswer], Answer]) -> Action:
    """Change honest answers with a file; others stay."""

    async def act(honest: Honest) -> Answer | Response:
        made = honest()
        return change(made) if isinstance(made, FileAnswer) else made

    return act


FILE_ACTIONS: dict[str, Callable[..., Action]] = {
    action.__name__: action
    for action in (ignoring_range, range_from, another_etag, shortened, stalled, unannounced, redirect)
}
"""Those that can be switched on from another process."""
