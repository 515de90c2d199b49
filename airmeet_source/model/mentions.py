"""Addresses that a text mentions among other words."""

import re
from collections.abc import Callable, Iterable

_ADDRESS = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+@[\w-]+(?:\.[\w-]+)*")
_MARKS = "'._%+-"  # around an address they may belong to the text


def blanked(text: str, is_theirs: Callable[[str], bool]) -> str:
    """The text without the addresses that are somebody's."""

    def left(found: re.Match[str]) -> str:
        whole = found[0]
        for address in (whole, whole.lstrip(_MARKS), whole.rstrip(_MARKS), whole.strip(_MARKS)):
            if is_theirs(address):
                return whole.replace(address, "", 1)
        return whole

    return _ADDRESS.sub(left, text) if "@" in text else text


def pattern_of(addresses: Iterable[str]) -> re.Pattern[str] | None:
    """What finds some addresses in any text, in whatever case, but not as parts of others."""
    wanted = "|".join(map(re.escape, sorted(addresses, key=len, reverse=True)))
    return re.compile(rf"(?<![\w.+%-])(?:{wanted})(?![\w-]|\.\w)", re.IGNORECASE) if wanted else None
