"""The stopwatch: seconds that overlap are counted once."""

from airmeet_source.api.stopwatch import Stopwatch


def test_overlapping_waits_are_counted_once() -> None:
    watch = Stopwatch()
    watch.start(10.0)
    watch.start(12.0)
    watch.stop(15.0)
    assert watch.seconds(16.0) == 6.0
    watch.stop(17.0)
    assert watch.seconds(100.0) == 7.0
    watch.start(100.0)
    assert watch.seconds(101.0) == 8.0
