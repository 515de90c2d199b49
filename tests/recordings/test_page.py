"""What the page about copies of recordings tells a reader to run is run, in its order."""

import shlex
from pathlib import Path

import fsspec
import pytest

from airmeet_source.cli.main import call
from tests.support.pages import ROOT, Page

COMMANDS = Page(ROOT / "docs" / "recordings.md").commands()
BUCKET = "s3://our-bucket"


@pytest.mark.usefixtures("keys")
def test_the_first_steps_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert COMMANDS[0] == "airmeet recordings --demo --to demo-recordings"
    for command in COMMANDS:
        words = shlex.split(command.replace(BUCKET, "memory://our-bucket"))
        assert call("recordings", words[2:], prog="airmeet recordings") == 0, capsys.readouterr()

    assert [*Path("demo-recordings").rglob("*.mp4")]
    assert [*Path("recordings").rglob("*.mp4")]
    memory = fsspec.filesystem("memory")
    assert memory.find("/our-bucket/airmeet")
    memory.store.clear()
