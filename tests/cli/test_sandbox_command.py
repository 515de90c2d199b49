"""`airmeet sandbox`: the stand-in for the API in the foreground."""

import signal
import subprocess
import sys

import pytest
import requests

from airmeet_source.cli.main import call
from tests.support.processes import started


def test_it_serves_until_it_is_stopped() -> None:
    command = [sys.executable, "-m", "airmeet_source", "sandbox", "--port", "0", "--events", "3"]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        url, _, key, secret = (process.stdout.readline().split()[-1] for _ in range(4))
        headers = {"X-Airmeet-Access-Key": key, "X-Airmeet-Secret-Key": secret}
        assert requests.post(f"{url}/auth", headers=headers, timeout=10).status_code == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "stopped\n", "")


def test_it_may_be_stopped_while_it_says_where_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flushed = iter([KeyboardInterrupt])

    def flush() -> None:
        for interruption in flushed:
            raise interruption

    monkeypatch.setattr(sys.stdout, "flush", flush)
    assert call("sandbox", ["--port", "0", "--events", "1"], prog="airmeet sandbox") == 0
    assert capsys.readouterr().out.endswith("\nstopped\n")


def test_a_mistake_is_answered_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        call("sandbox", ["--event", "3"], prog="airmeet sandbox")
    assert capsys.readouterr().err.startswith("error: --event: no such option, did you mean --events?\n")


def test_without_its_packages_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "airmeet_sandbox", None)
    with pytest.raises(SystemExit, match="2"):
        call("sandbox", [], prog="airmeet sandbox")
    message = 'The sandbox needs packages that are not installed: pip install "airmeet-source[demo]"'
    assert capsys.readouterr().err == f"error: {message}\n"
