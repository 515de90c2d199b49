"""What the page about erasing people tells a reader to run is run, in its order."""

import json
import shlex
from pathlib import Path

import pytest

from airmeet_source.cli.main import call
from tests.support.pages import ROOT, Page

COMMANDS = Page(ROOT / "docs" / "erase.md").commands()


def test_the_first_steps_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        _, name, *words = shlex.split(command)
        more = ["--pipelines-dir", str(tmp_path / "pipelines")]
        assert call(name, [*words, *more], prog=f"airmeet {name}") == 0, capsys.readouterr()
    assert json.loads(Path("certificate.json").read_text())["rows"] == {}
