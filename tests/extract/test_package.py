"""The load package: who fills it, and when it is closed."""

import pytest

from airmeet_source.extract.package import Checkpoint, LoadPackage
from airmeet_source.settings import Settings


def package(checkpoint: Checkpoint | None) -> LoadPackage:
    return LoadPackage(Settings(), checkpoint)


@pytest.mark.parametrize(
    ("checkpoint", "due"),
    [
        (None, False),
        (Checkpoint(), False),
        (Checkpoint(seconds=0.0), True),
        (Checkpoint(size=10), True),
        (Checkpoint(size=11), False),
    ],
)
def test_a_package_is_closed_by_time_or_by_size(checkpoint: Checkpoint | None, due: bool) -> None:
    filled = package(checkpoint)
    filled.enter("tracks")
    filled.size = 10

    assert filled.is_due() is due


def test_a_package_is_open_until_the_last_resource_has_left_and_the_next_one_is_empty() -> None:
    filled = package(Checkpoint(size=10))
    for resource in ("tracks", "utms"):
        filled.enter(resource)
    filled.size = 10
    filled.leave("tracks")
    assert filled.is_open()
    assert not filled.takes_part("tracks")
    filled.leave("utms")
    assert not filled.is_open()
    assert filled.size == 10, "dlt loads it now, and needs memory for it"
    filled.enter("tracks")
    assert filled.size == 0
