"""The tally of a push: what became of how many people, and why some of them are not in."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from airmeet_source.push.checking import Checked
from airmeet_source.push.report import Unsent
from airmeet_source.push.sending import GOOD, OUTCOMES, Outcome, Result

MISSING = ("refused", "failed", "left_out", "not_sent")


class Tally:
    """Counts people as it becomes known what became of them.

    ``watch``: called whenever the numbers have changed.
    """

    def __init__(self) -> None:
        self.checked: Checked | None = None
        self.watch: Callable[[Tally], None] = lambda _: None
        self.to_come = 0  # people of whom nothing is known yet
        self._outcomes: Counter[Outcome] = Counter()
        self._unsent: dict[tuple[Outcome, int | None, str], list[int]] = defaultdict(list)

    def expect(self, checked: Checked) -> None:
        """Take over whom a sheet names."""
        self.checked, self.to_come = checked, len(checked.people)
        self.watch(self)

    def count(self, results: Sequence[Result]) -> None:
        """Count what became of people."""
        for result in results:
            self._outcomes[result.outcome] += 1
            self.to_come -= 1
            if result.outcome not in GOOD:
                why = result.outcome, result.status, result.message or ""
                self._unsent[why].append(result.person.line)
        self.watch(self)

    @property
    def known(self) -> int:
        """Of how many people it is known what became of them."""
        return self._outcomes.total()

    def people(self, *, dry: bool) -> dict[str, int]:
        """How many people, by what became of them; ``dry``: nobody was to be sent."""
        numbers: dict[str, int] = {outcome: self._outcomes[outcome] for outcome in OUTCOMES}
        numbers["left_out"] = self.checked.bad_rows if self.checked else 0
        numbers["not_sent"] = 0 if dry else self.to_come
        return numbers

    def unsent(self) -> tuple[Unsent, ...]:
        """Who was refused or failed, by reason."""
        return tuple(
            Unsent(outcome=outcome, status=status, message=message, lines=sorted(lines))
            for (outcome, status, message), lines in self._unsent.items()
        )
