"""Keys, tokens and entry links reach nothing that outlives or leaves the process, failing runs included."""

import base64
import json
import re
import zlib
from pathlib import Path

import pytest

from airmeet_sandbox import Sandbox, faults
from tests.support.cli import Cli, query

TOKEN = re.compile(rb"sandbox-token-[0-9a-f]{16}")


def everything_written(folder: Path) -> bytes:
    """The bytes of every file, the rows of every table and dlt's state, uncompressed."""
    parts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    names = query("SELECT schema_name || '.' || table_name FROM duckdb_tables()")
    parts += [repr(query(f"FROM {name}")).encode() for (name,) in names]
    states = query("SELECT state FROM _dlt_pipeline_state")
    parts += [zlib.decompress(base64.b64decode(state)) for (state,) in states]
    return b"\n".join(parts)


@pytest.mark.parametrize("level", ["WARNING", "DEBUG"])
def test_no_secret_is_told_or_written(cli: Cli, sandbox: Sandbox, tmp_path: Path, level: str) -> None:
    event = sandbox.world.event_in("just_finished")
    link = "https://www.airmeet.example/e/x?code=personal-code"
    sandbox.faults.add(faults.status(500, message=f"cannot open {link}"), endpoint="tracks", path=event)
    sandbox.faults.add(faults.reset(), endpoint="booths", path=event)
    sandbox.faults.add(faults.hang(), endpoint="questions", path=event)
    runs = [cli("--log-level", level, "--report", "report.json")]
    sandbox.revoke_keys()
    runs.append(cli("--log-level", level, "--report", "second.json"))
    assert [run.code for run in runs] == [3, 2]
    assert len(json.loads(Path("report.json").read_text())["problems"]) == 3

    said = "".join(run.out + run.err for run in runs).encode()
    written = everything_written(tmp_path)
    people = [person for e in sandbox.world.events() for person in sandbox.world.records("participants", e)]
    links = [person["token"] for person in people if person.get("token")]
    assert links
    assert b"the keys" in said
    for secret in (sandbox.access_key, sandbox.secret_key, "personal-code", *links):
        assert secret.encode() not in said, secret
        assert secret.encode() not in written, secret
    assert not TOKEN.search(said + written)
