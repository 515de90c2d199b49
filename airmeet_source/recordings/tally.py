"""The tally of a run: how many recordings there were, and what became of them."""

from collections.abc import Sequence

from airmeet_source.recordings.recording import Copy, Problem, Recording, Result


class Tally:
    """Counts recordings as it becomes known what became of them."""

    def __init__(self) -> None:
        self.listed = 0  # recordings of the lists that were read
        self.already_there = 0
        self.copied = 0
        self.bytes = 0  # of those
        self.problems: list[Problem] = []
        self._failed = 0  # recordings

    def list(self, recordings: Sequence[Recording], already_there: int) -> None:
        """Take over what an event has."""
        self.listed += len(recordings)
        self.already_there += already_there

    def count(self, results: Sequence[Result]) -> None:
        """Count what became of recordings."""
        for result in results:
            if isinstance(result, Copy):
                self.copied += 1
                self.bytes += result.size
            else:
                self.problems.append(result)
                self._failed += result.path is not None

    def recordings(self) -> dict[str, int]:
        """How many recordings, by what became of them."""
        known = self.copied + self.already_there + self._failed
        return {
            "copied": self.copied,
            "already_there": self.already_there,
            "failed": self._failed,
            "not_copied": self.listed - known,
        }

    @property
    def lists_failed(self) -> int:
        """How many events there are whose recordings are not known."""
        return len(self.problems) - self._failed

    @property
    def is_complete(self) -> bool:
        """Whether every recording is copied."""
        return not self.problems and self.listed == self.copied + self.already_there
