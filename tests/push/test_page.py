"""What the page about people into Airmeet tells a reader to run is run, in its order."""

import shlex
import subprocess

import pytest

from airmeet_sandbox import Sandbox
from airmeet_source.cli.main import call
from tests.push.conftest import bodies
from tests.support.pages import ROOT, Page

COMMANDS = Page(ROOT / "docs" / "push.md").commands()


@pytest.mark.usefixtures("keys")
def test_the_first_steps_work(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert COMMANDS[0] == "airmeet push --demo"
    for command in COMMANDS[1:]:
        if command.startswith("airmeet push "):
            assert call("push", shlex.split(command)[2:], prog="airmeet push") == 0, capsys.readouterr()
        else:
            subprocess.run(command, shell=True, check=True, capture_output=True)

    assert [body["email"] for body in bodies(sandbox)] == ["ada@lovelace.example"]
    assert len(sandbox.requests.to("revoke_attendee")) == 1
