from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airmeet_source.recordings.naming import folded, with_paths
from airmeet_source.recordings.recording import Recording

LINK = "https://files.example/x/y.mp4?Signature=secret"
NASTY = [
    *(
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "C:\\x",
        "~root",
        "",
        ".",
        ".hidden",
        "-rf",
        "con",
    ),
    *(
        "NUL",
        "com1.mp4",
        "x\0y",
        "a\nb",
        "\N{RIGHT-TO-LEFT OVERRIDE}4pm",
        "😀" * 300,
        "é",
        "e\u0301",
        "K",
        "k",
    ),
    *(
        "\N{KELVIN SIGN}",
        "ß",
        "ss",
        "STRASSE",
        "straße",
        "İ",
        "x" * 300,
        "日本語のセッション",
        "ﷺ" * 50,
        "%2e%2e%2f",
        "\ud800",
    ),
    *(".airmeet-x.part", "aux.", "trailing ", "a*b?c", "${HOME}", "a:b", "|", "recording", "e3b0c442"),
]


def recording(**fields: Any) -> Recording:
    usual = {"airmeet_id": "e1", "session_id": "s1", "session_name": "Keynote", "number": 1, "link": LINK}
    return Recording(**{**usual, **fields})


def paths(*recordings: Recording, owners: dict[str, tuple[str, str | None]] | None = None) -> list[str]:
    return [each.path for each in with_paths(recordings, owners or {})]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "e1/s1-keynote.mp4"),
        ({"session_name": "  What's new?  (Part 2) "}, "e1/s1-what-s-new-part-2.mp4"),
        ({"session_name": ""}, "e1/s1.mp4"),
        ({"session_name": "😀"}, "e1/s1.mp4"),
        ({"session_name": "Größe & 日本"}, "e1/s1-größe-日本.mp4"),
        ({"session_id": None}, "e1/recording-keynote.mp4"),
        ({"number": 2}, "e1/s1-keynote-2.mp4"),
        ({"link": "https://x.example/a/b.WebM?e=.exe"}, "e1/s1-keynote.webm"),
        ({"link": "https://x.example/video?file=.mkv"}, "e1/s1-keynote.mp4"),
        ({"link": "https://x.example/a.b%2F..%2Fetc"}, "e1/s1-keynote.mp4"),
        ({"link": "http://[bad"}, "e1/s1-keynote.mp4"),
        ({"airmeet_id": "4F29-x_y.z"}, "4F29-x_y.z/s1-keynote.mp4"),
    ],
)
def test_a_name_says_what_it_is(fields: dict[str, Any], path: str) -> None:
    assert paths(recording(**fields)) == [path]


names = st.sampled_from(NASTY) | st.text(max_size=30) | st.text("aA./\\-_ 1é", max_size=8)
sets = st.lists(st.tuples(names, names | st.none(), names), min_size=1, max_size=8)


@given(sets)
@example([(name, name, name) for name in NASTY])
@example([(name, "s1", "x") for name in NASTY])
@example([("e1", name, "x") for name in NASTY])
@example([("e1", "s1", name) for name in NASTY])
@example([("e1", "s1", "x 2"), ("e1", "s1", "x"), ("e1", "s1-x", "2")])
def test_every_path_is_safe_and_no_two_are_the_same_whatever_things_are_called(
    things: Sequence[tuple[str, str | None, str]],
) -> None:
    owners: dict[str, tuple[str, str | None]] = {}
    given_so_far: set[str] = set()
    for event in dict.fromkeys(event for event, _, _ in things):
        numbers: dict[str | None, int] = {}
        listed = []
        for _, session, title in [thing for thing in things if thing[0] == event]:
            numbers[session] = numbers.get(session, 0) + 1
            listed.append(
                recording(airmeet_id=event, session_id=session, session_name=title, number=numbers[session])
            )
        found = list(with_paths(listed, owners))
        assert found == list(with_paths(listed, owners)), "another run would use other names"
        for each in found:
            _require_safe(each.path)
            assert folded(each.path) not in given_so_far
            given_so_far.add(folded(each.path))
            owners[folded(each.path)] = (event, each.session_id)
        assert [each.path for each in with_paths(listed, owners)] == [each.path for each in found]


def _require_safe(path: str) -> None:
    folder, name = path.split("/")
    for piece in (folder, name):
        assert 0 < len(piece.encode()) <= 255
        assert piece.isprintable()
        assert piece[0] not in ".-~"
        assert piece[-1] not in ". "
        assert not set('\\/:*?"<>|\0') & set(piece)
        assert not PureWindowsPath(piece).is_reserved()
    assert not PurePosixPath(path).is_absolute()


def test_a_copy_of_another_session_is_not_overwritten() -> None:
    taken: dict[str, tuple[str, str | None]] = {"e1/s1-keynote.mp4": ("e1", "S1")}
    [path] = paths(recording(), owners=taken)
    assert path != "e1/s1-keynote.mp4"
    assert path.startswith("e1/s1-keynote-")
    assert paths(recording(), owners={"e1/s1-keynote.mp4": ("e1", "s1")}) == ["e1/s1-keynote.mp4"]
