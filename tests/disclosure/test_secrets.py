"""A text that passes the filter holds no secret in use, however it is written."""

from string import ascii_letters, digits

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from airmeet_source.disclosure.forms import letters
from airmeet_source.disclosure.secrets import HIDDEN, Secrets
from tests.support.disguises import DISGUISES, Disguise

KEY_LETTERS = ascii_letters + digits + "+/=-_.~!$%&?#@:,;*()[]{}<>|^"
KEYS = st.text(KEY_LETTERS, min_size=16, max_size=64).filter(lambda key: len(letters(key)) >= 12)
KEY = "aB3+/x9Zq=kL0mN7"
# around a secret; letters that touch it could be taken for a part of it
AROUND = st.sampled_from(["", " ", "key=", "<b>", "\n", '{"key": "', "…", "100 %"])


def filter_of(*secrets: str) -> Secrets:
    known = Secrets()
    known.add(*secrets)
    return known


def longest_common(text: str, secret: str) -> int:
    """How many letters of a secret in a row a text tells."""
    heard, whole = letters(text), letters(secret)
    return max(
        (
            end - start
            for start in range(len(whole))
            for end in range(start + 1, len(whole) + 1)
            if whole[start:end] in heard
        ),
        default=0,
    )


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@settings(max_examples=25, deadline=None)
@given(key=KEYS, before=AROUND, after=AROUND)
@example(key=KEY, before="", after="")
@example(key="%41" * 10, before="", after="")
def test_no_disguise_helps(disguise: Disguise, key: str, before: str, after: str) -> None:
    told = filter_of(key).hidden_in(f"{before}{disguise(key)}{after}")

    assert HIDDEN in told
    assert disguise(key) not in told
    assert longest_common(told.replace(before, "").replace(after, ""), key) < 10


@given(key=KEYS, text=st.text(max_size=200))
def test_other_texts_stay_as_they_are(key: str, text: str) -> None:
    assume(longest_common(text, key) < 4)
    assume("//" not in text)

    assert filter_of(key).hidden_in(text) == text


@given(st.lists(KEYS, min_size=1, max_size=4, unique=True), st.data())
def test_all_secrets_of_a_text_are_hidden_and_the_rest_stays(keys: list[str], data: st.DataObject) -> None:
    disguises = data.draw(st.lists(st.sampled_from(list(DISGUISES.values())), min_size=4, max_size=4))
    text = " ¶ ".join(disguise(key) for key, disguise in zip(keys, disguises, strict=False))

    told = filter_of(*keys).hidden_in(f"first {text} last")

    assert told.startswith("first ")
    assert told.endswith(" last")
    assert told.count("¶") <= len(keys) - 1
    assert not any(longest_common(part, key) >= 10 for part in told.split("¶") for key in keys)


def test_most_of_a_key_is_a_secret_as_well() -> None:
    assert filter_of("abcdefghijklmnop").hidden_in("wrong key abcdefghijkl…") == f"wrong key {HIDDEN}…"


@pytest.mark.parametrize("password", ["hunter", "pa$$w0", "s3cr3t!"])
def test_a_short_password_is_hidden_where_it_is_a_word(password: str) -> None:
    known = filter_of(password)

    assert known.hidden_in(f"for user x: {password}, says the server") == "for user x: …, says the server"
    assert known.hidden_in(f"bounty{password}s") == f"bounty{password}s"


def test_what_is_no_word_and_short_is_not_looked_for() -> None:
    assert filter_of("a", "load", "", "data").hidden_in("a load of data") == "a load of data"


def test_a_password_without_letters_is_hidden() -> None:
    assert filter_of("!!§$%&/()=?+*").hidden_in("password !!§$%&/()=?+* is wrong") == "password … is wrong"


def test_accents_and_other_scripts() -> None:
    known = filter_of("пароль-é-très-long")

    assert "парол" not in known.hidden_in("told: пароль-é-très-long")
    assert "%D0" not in known.hidden_in("told: %D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C-%C3%A9-tr%C3%A8s-long")


def test_the_password_of_any_address_is_hidden() -> None:
    assert (
        Secrets().hidden_in("postgresql://me:pw@db/x and redis://:q@h")
        == "postgresql://…@db/x and redis://…@h"
    )


def test_a_process_that_runs_for_months_does_not_remember_all_tokens() -> None:
    known = filter_of(KEY)
    for number in range(105):
        known.add(KEY, f"token-number-{number:020}")

    assert len(known._known) <= 100
    assert KEY not in known.hidden_in(KEY)
