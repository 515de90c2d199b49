"""A notice in words: short, and made of our own words only, which no chat takes for commands."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from airmeet_source.communities import DEFAULT
from airmeet_source.disclosure.printable import printable
from airmeet_source.loading.notices.concerns import RUN, Concern
from airmeet_source.loading.report import Report

_KINDS, _EVENTS, _COLUMNS = 8, 2, 5  # named
# what Slack and its like would take for markup, links, or people to be woken
_PLAIN = str.maketrans({"&": "and", "<": "(", ">": ")", "@": " at ", "`": "'", "*": " ", "~": "-", "|": "/"})


@dataclass(frozen=True, kw_only=True)
class News:
    """What is to be told.

    Attributes:
        bad: What has become bad.
        columns: New columns, with their tables.
        well: The subjects of what is well again.
    """

    bad: Sequence[Concern] = ()
    columns: Sequence[str] = ()
    well: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.bad or self.columns or self.well)


def message(news: News, report: Report) -> str:
    """The notice."""
    of = f", community {report.community}" if report.community != DEFAULT else ""
    kinds: dict[tuple[str, str], list[Concern]] = defaultdict(list)
    for concern in news.bad:
        kinds[concern.subject, concern.told].append(concern)
    lines = [_kind(subject, told, concerns) for (subject, told), concerns in kinds.items()]
    if len(lines) > _KINDS:
        lines[_KINDS:] = [f"and {len(lines) - _KINDS} more kinds of problems"]
    if news.columns:
        lines.append(f"new columns: {_few(news.columns, _COLUMNS)}")
    if news.well:
        lines.append(f"well again: {', '.join('runs' if each == RUN else each for each in news.well)}")
    if news.bad:
        lines.append("airmeet status says more.")
    head = f"Airmeet into {report.dataset} ({report.destination}, pipeline {report.pipeline}{of})"
    return "\n".join(printable(line).translate(_PLAIN) for line in (head, *lines))


def _kind(subject: str, told: str, concerns: Sequence[Concern]) -> str:
    if subject == RUN:
        return f"the run failed: {told}"
    events = [*dict.fromkeys(concern.event for concern in concerns if concern.event)]
    named = f" ({_few(events, _EVENTS)})" if events else ""
    return f"{subject}: {len(concerns):,} {told}{named}"


def _few(names: Sequence[str], most: int) -> str:
    more = [f"and {len(names) - most:,} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])
