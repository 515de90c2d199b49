"""One bad byte costs one value: the record's other fields and all other records are loaded."""

from airmeet_sandbox import Sandbox, faults
from tests.support.cli import Cli, query

# bytes in place of a value -> how the text that is loaded begins
BAD_VALUES: dict[bytes, str] = {
    b'"caf\xc3"': "caf\ufffd",
    b'"\xff\xfe\xfd"': "\ufffd\ufffd\ufffd",
    b'"Fran\xe7ois"': "Fran\ufffdois",
    b'"a\nb\tc\x01\x00"': "a\nb\tc\x01",
    b'"C:\\Users"': "C:\\Users",
    b'"\\ud83d"': "\ufffd",
    b"9" * 5_000: "9" * 5_000,
    b"1e999": "1e999",
    b"[" * 980 + b"]" * 980: "[" * 100,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000: '{"a": ' * 100,
}


def test_a_bad_byte_costs_its_value_alone(cli: Cli, sandbox: Sandbox) -> None:
    event = sandbox.world.event_in("live")
    names = [f"name {number:02d}" for number in range(len(BAD_VALUES))]
    tracks = [{"uid": f"track of {name}", "name": name, "colorCode": "#111"} for name in [*names, "sound"]]
    sandbox.world.put(event, "tracks", tracks)
    instead = {f'"{name}"'.encode(): bad for name, bad in zip(names, BAD_VALUES, strict=True)}
    sandbox.faults.add(faults.garbled(instead), endpoint="tracks", path=event)

    assert cli("--resources", "airmeets,tracks").code == 0

    of_the_event = f"FROM tracks WHERE airmeet_id = '{event}'"
    assert query(f"SELECT count(*) {of_the_event} AND color_code = '#111'") == [(len(tracks),)]
    loaded = dict(query(f"SELECT track_id, name {of_the_event}"))
    for name, begins in zip([*names, "sound"], [*BAD_VALUES.values(), "sound"], strict=True):
        assert loaded[f"track of {name}"].startswith(begins), begins[:20]
