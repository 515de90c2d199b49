"""What may be printed: one line that no terminal obeys and nobody misreads."""

import re

# sequences that begin with ESC or its one-byte twins: colours, titles, links, whatever a terminal can do
_SEQUENCES = (
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# letters and marks to Unicode, but nothing to see: fillers, joiners, variation selectors
_INVISIBLE = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
_UNPRINTABLE = "[^ -~]"


def printable(text: str) -> str:
    """The text on one line, without control characters, escape sequences, direction marks, hidden letters."""
    if text.isascii() and text.isprintable():
        return text
    text = re.sub(_INVISIBLE, "", re.sub(_SEQUENCES, "", text))
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)


def printable_lines(text: str) -> str:
    """The same for a text of ours that consists of several lines."""
    return "\n".join(map(printable, text.split("\n")))


def escaped(json_text: str) -> str:
    """JSON whose strings hold nothing that :func:`printable` would take away; a parser reads the same."""
    return re.sub(_UNPRINTABLE, _escape, json_text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character == "\n" or printable(character) == character:
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
