"""A server that all processes of a test run share ends with the last of them."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support import shared_server as sharing
from tests.support.shared_server import keep, shared_server

ended = threading.Event()


@contextmanager
def some_server() -> Iterator[str]:
    yield "its address"
    ended.set()


def test_it_is_there_as_long_as_anybody_uses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sharing.SERVERS, "some", some_server)
    keeper = threading.Thread(target=keep, args=("some", tmp_path))

    def start(_name: str, folder: Path) -> None:
        keeper.start()
        while not (folder / "some.address").exists():
            time.sleep(0.01)

    monkeypatch.setattr(sharing, "_start_keeper", start)
    with ExitStack() as first:
        assert first.enter_context(shared_server("some", tmp_path)) == "its address"
        with shared_server("some", tmp_path) as address:
            assert address == "its address"
        assert not ended.wait(0.1)
    assert ended.wait(10)
    keeper.join(10)
    assert not (tmp_path / "some.address").exists()
