"""What is printed is one line that no terminal obeys."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airmeet_source.disclosure.printable import escaped, printable, printable_lines

UNPRINTABLE = st.characters(categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp"]) | st.sampled_from(
    "\u3164\ufe0f\u115f"
)
TEXTS = st.lists(UNPRINTABLE | st.characters(), max_size=40).map("".join)


@given(TEXTS)
def test_no_text_moves_the_cursor_or_hides_a_letter(text: str) -> None:
    shown = printable(text)

    assert shown == "" or shown.isprintable()
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert not set(shown) & set("\u3164\ufe0f\u115f\u034f")
    assert printable(shown) == shown


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_text_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("a\x9b31mred", "ared"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "alink"),
        ("a\x9d0;title\x9cb", "ab"),
        ("a\x1b(0b\x1bcd", "abd"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("a\u2066b\u2069c\u200bd\ufeffe", "abcde"),
        ("one\r\ntwo\u2028three\x85four\x0bfive", "one  two three four five"),
        ("名前 ñ 😀", "名前 ñ 😀"),
    ],
)
def test_what_is_taken_away(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_of_ours_stay_lines() -> None:
    assert printable_lines("one\ntw\x1bo\n\u2029three") == "one\ntw\n three"


@settings(max_examples=30)
@given(
    st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))
)
def test_json_says_the_same_and_holds_nothing_that_a_terminal_obeys(value: Any) -> None:
    text = escaped(json.dumps(value, indent=2, ensure_ascii=False))

    assert json.loads(text) == json.loads(json.dumps(value))  # JSON makes one letter of two halves of a pair
    assert all(line == "" or line.isprintable() for line in text.split("\n"))
