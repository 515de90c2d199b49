"""What others say is told without what they quote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.disclosure.secrets import SECRETS
from airmeet_source.disclosure.words import of_api, of_driver, of_server

NAMES = {"tracks", "airmeet_id"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('duplicate key value violates unique constraint "u"\nDETAIL:  Key (email)=(jane@x) already exists.',
         "duplicate key value violates unique constraint …"),
        ('invalid input syntax for type integer: "Jane"\nCONTEXT:  COPY tracks, line 1, column n: "Jane"',
         "invalid input syntax for type integer: …"),
        ('null value in column "airmeet_id" of relation "tracks"\nDETAIL:  Failing row contains (1, Jane).',
         'null value in column "airmeet_id" of relation "tracks"'),
        ("Conversion Error: Could not convert string 'Jane O'Hara' to INT32 when casting",
         "Conversion Error: Could not convert string … to INT32 when casting"),
        ('Constraint Error: Duplicate key "id: 5, name: "Jane"" violates primary key constraint.',
         "Constraint Error: Duplicate key … violates primary key constraint."),
        ("Invalid Input Error: Failed to cast value: Jane Example",
         "Invalid Input Error: Failed to cast value …"),
        ('Could not convert \'Jane\nExample" with type str', "Could not convert …"),
        ("'jane@example.com'", "…"),
        ("Out of Memory Error: failed to pin block", "Out of Memory Error: failed to pin block"),
    ],
)  # fmt: skip
def test_of_a_database_no_value_is_told(said: str, told: str) -> None:
    assert of_driver(said, NAMES) == told


@pytest.mark.parametrize("mark", ["'", '"', "\u201c", "\u2018"])
@given(value=st.text(max_size=40))
def test_no_value_in_quotation_marks_is_told(mark: str, value: str) -> None:
    value = f"Jane{value}Doe"

    assert "Jane" not in of_driver(f"cannot store {mark}{value}{mark} in airmeet_id", NAMES)
    assert "Jane" not in of_api(f"no such user {mark}{value}{mark}")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('invalid dsn: missing "=" after "me:pw@host/db" in it',
         'invalid dsn: missing "=" after …@host/db" in it'),
        ('could not translate host name "nohost" to address\nmore',
         'could not translate host name "nohost" to address'),
    ],
)  # fmt: skip
def test_of_a_server_its_names_are_told(said: str, told: str) -> None:
    assert of_server(said) == told


@pytest.mark.parametrize(
    "private",
    [
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
        "https://www.airmeet.com/e/abc?code=d41d8cd9",
        "www.airmeet.com/e/abc?code=d41d8cd9",
        "jane.doe@example.com",
        "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
        "+49 (170) 123 45-67",
        "'Jane'",
    ],
)
def test_of_the_api_no_link_address_number_or_quotation_is_told(private: str) -> None:
    assert of_api(f"Denied for {private} today") == "Denied for … today"


@pytest.mark.parametrize("pasted", ['{"name": "Jane"}', "[Jane]", "<b>Jane</b>"])
def test_what_is_pasted_ends_the_sentence(pasted: str) -> None:
    assert of_api(f"Cannot take {pasted} today") == "Cannot take"


@given(st.text(max_size=600))
def test_whatever_is_said_is_one_short_line(text: str) -> None:
    for told in (of_api(text), of_server(text), of_driver(text, NAMES)):
        assert len(told) <= 200
        assert told == "" or told.isprintable()


def test_half_a_secret_at_the_end_of_what_is_read_is_not_told() -> None:
    SECRETS.add("half-a-secret-aZ9")

    for padding in range(9_965, 10_010, 9):
        assert "half-a" not in of_api(" " * padding + "half-a-secret-aZ9" * 3)
        assert "half-a" not in of_server("x" + " " * padding + "half-a-secret-aZ9" * 3)
