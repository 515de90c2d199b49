"""The secrets in use, and the one filter that every text passes before it leaves the process.

Rows are not texts in this sense: what somebody typed into a form is data, whatever it looks like.
"""

import re
import threading
from collections.abc import Iterable, Iterator

from airmeet_source.disclosure.forms import Span, decoded, forms_of, has_notation, letters

HIDDEN = "…"

_PIECE = 10  # letters: so long a part of a secret is one, too
_SHORTEST_FORM = 8  # letters
_SHORTEST = 6  # characters: a shorter word may stand in any sentence
_USER_INFO = r"//[^\s/@]{0,300}:\S{0,300}@"  # of any address: whoever it belongs to
_MOST = 100  # secrets: a process that runs for months gets a new token with each run


class Secrets:
    """Keys, tokens, salts and passwords; safe to use from many threads."""

    def __init__(self) -> None:
        self._adding = threading.Lock()
        self._known: dict[str, frozenset[str]] = {}  # with its pieces, the newest last
        self._pieces: dict[int, frozenset[str]] = {}  # by their length
        self._words: re.Pattern[str] | None = None  # those that are too short to be looked for in pieces

    def add(self, *values: str) -> None:
        """From now on, no text tells these values."""
        with self._adding:
            fresh = False
            for value in values:
                if len(value) >= _SHORTEST:
                    fresh |= value not in self._known
                    pieces = self._known.pop(value) if value in self._known else _pieces_of(value)
                    self._known[value] = pieces
            if fresh:
                self._forget_the_oldest()
                self._prepare()

    def _forget_the_oldest(self) -> None:
        for value in list(self._known)[:-_MOST]:
            del self._known[value]

    def _prepare(self) -> None:
        pieces = frozenset().union(*self._known.values())
        lengths = {len(piece) for piece in pieces}
        words = [re.escape(value) for value in self._known if len(letters(value)) < _SHORTEST_FORM]
        self._words = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)") if words else None
        self._pieces = {size: frozenset(p for p in pieces if len(p) == size) for size in lengths}

    def hidden_in(self, text: str) -> str:
        """The text without secrets, in time that grows with its length."""
        text = re.sub(_USER_INFO, f"//{HIDDEN}@", text)
        if not self._known:
            return text
        spans = list(self._found(text))
        if has_notation(text):
            plain, places = decoded(text)
            spans += ((places[start][0], places[end - 1][1]) for start, end in self._found(plain))
        return _without(text, spans) if spans else text

    def _found(self, text: str) -> Iterator[Span]:
        """Where secrets are; the spans may overlap."""
        if self._words is not None:
            yield from (found.span() for found in self._words.finditer(text))
        heard = letters(text)
        matches = [
            (start, start + size)
            for size, pieces in self._pieces.items()
            for start in range(len(heard) - size + 1)
            if heard[start : start + size] in pieces
        ]
        if matches:
            places = [place for place, character in enumerate(text) for _ in letters(character)]
            yield from ((places[start], places[end - 1] + 1) for start, end in matches)


SECRETS = Secrets()


def without_secrets(text: str) -> str:
    """The text without any secret in use."""
    return SECRETS.hidden_in(text)


def _pieces_of(secret: str) -> frozenset[str]:
    forms = (form for form in forms_of(secret) if len(form) >= _SHORTEST_FORM)
    return frozenset(piece for form in forms for piece in _cut(form))


def _cut(form: str) -> Iterable[str]:
    size = min(_PIECE, len(form))
    return (form[start : start + size] for start in range(len(form) - size + 1))


def _without(text: str, spans: list[Span]) -> str:
    parts: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start > end or not parts:
            parts += [text[end:start], HIDDEN]
        end = max(end, stop)
    return "".join(parts) + text[end:]
