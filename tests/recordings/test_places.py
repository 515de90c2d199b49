"""Folders, buckets, and what is in the way there."""

import errno
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from airmeet_sandbox import Sandbox, World
from airmeet_source.errors import NotInstalled, UsageError
from airmeet_source.recordings import copying
from airmeet_source.recordings.bucket import Bucket
from airmeet_source.recordings.drafts import claim
from airmeet_source.recordings.folder import Folder
from airmeet_source.recordings.place import place_of
from tests.recordings.conftest import FILES, PLACE, Recordings, copies, expected, require_whole, rows

FILM = b"film" * 10_000


@pytest.fixture(autouse=True)
def memory() -> Iterator[MemoryFileSystem]:
    """fsspec's bucket in the memory, empty."""
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


class Whole(MemoryFileSystem):  # type: ignore[misc]
    """A bucket: a key appears when all of it is there."""

    protocol = "s3"


def write(place: Any, path: str, *pieces: bytes) -> None:
    with place.writing(path) as file:
        for piece in pieces:
            file.write(piece)


def test_a_bucket_is_a_place(
    run: Recordings, world: World, event: str, sandbox: Sandbox, memory: Any
) -> None:
    assert run("--to", "memory://bucket/copies").code == 0
    found = {path.removeprefix("/bucket/copies/"): memory.cat(path) for path in memory.find("/bucket")}
    assert sorted(found.values()) == sorted(expected(world, event))
    assert rows().keys() == found.keys()
    sandbox.clear_requests()
    assert run("--to", "memory://bucket/copies").code == 0
    assert not sandbox.requests.to(FILES)
    memory.pipe_file(f"/bucket/copies/{next(iter(found))}", b"half")
    assert run("--to", "memory://bucket/copies").out.startswith("1 copied · ")
    assert run().out.startswith("8 copied · "), "the other place has them, this one does not"


@pytest.mark.parametrize("kind", [MemoryFileSystem, Whole])
@pytest.mark.parametrize("when", ["put_file", "info"])
def test_an_upload_that_fails_leaves_nothing_under_the_final_name(
    memory: Any, monkeypatch: pytest.MonkeyPatch, kind: type, when: str
) -> None:
    bucket = Bucket("memory://bucket")
    monkeypatch.setattr(bucket, "_system", lambda: (kind(), "/bucket"))
    write(bucket, "e1/old.mp4", b"old")
    if when == "info":  # what arrived is not what was sent
        monkeypatch.setattr(kind, "info", lambda *_, **__: {"size": 5, "type": "file"})
    else:
        monkeypatch.setattr(kind, "put_file", _refuse)

    with pytest.raises(OSError, match=r"quota|bytes arrived"):
        write(bucket, "e1/new.mp4", FILM)

    monkeypatch.undo()
    assert {memory.cat(path) for path in memory.find("/bucket")} <= {b"old"} | (
        {FILM} if kind is Whole else set()
    )


def _refuse(*_: object, **__: object) -> None:
    raise RuntimeError("quota")


def test_a_film_that_breaks_off_is_not_uploaded(memory: Any) -> None:
    bucket = Bucket("memory://bucket")
    with pytest.raises(TypeError), bucket.writing("e1/s1.mp4") as file:
        file.writelines([FILM, "no bytes"])  # type: ignore[list-item]
    assert memory.find("/bucket") == []


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("nowhere://x/y", "nowhere:// is no kind of place that fsspec knows"),
        ("https://example.com/x", "nothing can be copied to https://"),
        ("", "must name a folder"),
        ("a\0b", "must name a folder"),
    ],
)
def test_what_is_no_place_is_refused_before_anything_is_asked(
    run: Recordings, sandbox: Sandbox, to: str, told: str
) -> None:
    refused = run("--to", to)
    assert (refused.code, told in refused.err) == (2, True), refused.err
    assert not sandbox.requests.total


@pytest.mark.parametrize(("to", "package"), [("oss://b/x", "ossfs"), ("sftp://h/x", r"fsspec\[sftp\]")])
def test_a_place_that_needs_a_package_names_it(
    to: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "paramiko", None)
    monkeypatch.setitem(sys.modules, "ossfs", None)
    with pytest.raises(NotInstalled, match=f'pip install "{package}"'):
        place_of(to)


def test_a_file_or_a_closed_folder_is_no_place(run: Recordings) -> None:
    Path("file").write_text("mine")
    refused = run("--to", "file")
    assert (refused.code, Path("file").read_text()) == (2, "mine")
    assert "is no folder" in refused.err
    assert run("--to", "file/below").code == 2


def test_a_file_address_is_a_folder(tmp_path: Path) -> None:
    place = place_of(f"file://{tmp_path}/copies")
    place.prepare()
    write(place, "e1/s1.mp4", FILM)
    assert place.sizes("e1") == {"e1/s1.mp4": len(FILM)}
    assert (tmp_path / "copies" / "e1" / "s1.mp4").read_bytes() == FILM


def test_links_inside_a_folder_lead_nowhere(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", Folder(tmp_path / "copies")
    folder.prepare()
    outside.mkdir()
    (outside / "mine").write_text("mine")
    (tmp_path / "copies" / "e1").symlink_to(outside)
    with pytest.raises(NotADirectoryError):
        write(folder, "e1/mine", FILM)
    assert folder.sizes("e1") == {}

    (tmp_path / "copies" / "e2").mkdir()
    link = tmp_path / "copies" / "e2" / "s1.mp4"
    link.symlink_to(outside / "mine")
    assert folder.sizes("e2") == {}
    write(folder, "e2/s1.mp4", FILM)
    assert (link.is_symlink(), link.read_bytes()) == (False, FILM)
    (tmp_path / "copies" / "e2" / "s2.mp4").mkdir()
    with pytest.raises(FileExistsError):
        write(folder, "e2/s2.mp4", FILM)
    assert [(file.name, file.read_text()) for file in outside.iterdir()] == [("mine", "mine")]


def test_a_link_in_the_way_fails_that_file_alone(
    run: Recordings, world: World, event: str, single: str
) -> None:
    PLACE.mkdir()
    (PLACE / single).symlink_to(Path().absolute())
    partial = run("--events", f"{single},{event}")
    assert (partial.code, "is a link or no folder" in partial.out) == (3, True)
    require_whole(world, event)


def test_a_disk_that_is_full_ends_the_run_and_breaks_nothing(
    run: Recordings, world: World, event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = iter((True, True, False))

    def add(self: Any, piece: bytes) -> None:
        if not next(room, False):
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(self, piece)

    whole = copying._Transfer.add
    with monkeypatch.context() as patch:
        patch.setattr(copying._Transfer, "add", add)
        full = run()
    assert full.code == 1
    assert "There is no room for" in full.err
    assert all(file in expected(world, event) for file in copies().values())
    assert rows().keys() == copies().keys()
    assert run().code == 0
    require_whole(world, event)


def test_drafts_of_runs_that_were_killed_are_swept_and_others_stay(tmp_path: Path) -> None:
    inside = tmp_path / "e1"
    inside.mkdir()
    draft, dead, link = (inside / f".airmeet-{name}.part" for name in ("draft", "dead", "link"))
    link.symlink_to("mine.mp4")
    (inside / "mine.mp4").write_bytes(FILM)
    (tmp_path / dead.name).write_bytes(b"of a report")
    subprocess.run([sys.executable, "-c", f"open({str(dead)!r}, 'wb').write(b'half')"], check=True)
    with draft.open("wb") as file:
        claim(file)
        Folder(tmp_path).sweep("e1")
        assert {each.name for each in inside.iterdir()} == {draft.name, link.name, "mine.mp4"}
    Folder(tmp_path).sweep("e1")
    assert {each.name for each in inside.iterdir()} == {link.name, "mine.mp4"}
    assert (tmp_path / dead.name).exists()


def test_drafts_for_buckets_are_swept_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / ".airmeet-recording-dead.part").write_bytes(FILM)
    (tmp_path / ".airmeet-report.part").write_bytes(b"of a report")
    bucket = Bucket("memory://bucket")
    with bucket.writing("e1/s1.mp4") as file:
        file.write(FILM)
        Bucket("memory://bucket").prepare()
        assert len([*tmp_path.iterdir()]) == 2
    assert [file.name for file in tmp_path.iterdir()] == [".airmeet-report.part"]


def test_a_place_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket("memory://user:secret@bucket")
    monkeypatch.setattr(bucket, "_system", _refuse)
    with pytest.raises(UsageError, match=r"memory://bucket cannot be read: quota"):
        bucket.prepare()
