"""Names that were probably meant."""

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The known name that comes near, as a question to put behind a message; empty if none does."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    near = get_close_matches(name, list(known), n=1)
    return f", did you mean {near[0]}?" if near else ""
