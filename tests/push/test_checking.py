"""Files of people: what each row says, and everything that is wrong with it, before anything is sent."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airmeet_source.api.regions import Api
from airmeet_source.api.writing import Action
from airmeet_source.errors import UsageError
from airmeet_source.push.checking import Checked, check, is_address
from airmeet_source.push.columns import Purpose
from airmeet_source.push.files import read_file
from airmeet_source.push.form import form_of
from airmeet_source.push.person import body_of
from airmeet_source.push.sheet import numbered


def field(
    name: str, *options: str, required: bool = False, kind: str = "text", **more: Any
) -> dict[str, Any]:
    return {
        "fieldId": f"id-{name}",
        "label": f"The {name}?",
        "name": name,
        "isRequired": required,
        "options": [{"code": f"{option}1", "displayValue": option} for option in options],
        "type": {"fieldType": "custom", "inputType": kind},
        **more,
    }


FORM = [
    field("size", "Small", "Big", required=True, kind="radio"),
    field("topics", "Art", "Law", "Art | Law", kind="checkbox"),
    field("hope"),
    field("email", required=True, type={"fieldType": "default", "inputType": "text"}),
]


def checked(
    content: str | bytes,
    name: str = "people.csv",
    form: list[Any] = FORM,
    action: Action = "register",
    api: Api = Api.CURRENT,
) -> Checked:
    file = Path(name)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return check(read_file(file), Purpose(form=form_of(form), action=action, api=api))


def told(found: Checked) -> list[tuple[int | None, str | None, str]]:
    return [(problem.line, problem.column, problem.why.split(":")[0]) for problem in found.problems]


def test_a_semicolon_a_byte_order_mark_and_lines_in_quotes() -> None:
    text = (
        '\ufeffE-MAIL;first name;LastName;Size;hope\r\n\r\nann@example.com;Ann;Lee;small1;"Much;\r\nmore"\r\n'
    )
    found = checked(text + "bea;Bea;Lee;Big;\r\n")

    assert told(found) == [(5, "E-MAIL", "is not an address")]
    [ann] = found.people
    assert (ann.line, ann.email, ann.answers) == (
        3,
        "ann@example.com",
        {"id-size": "Small1", "id-hope": "Much;\r\nmore"},
    )


def test_json_lines_and_parquet_have_lists() -> None:
    row = {"email": "ann@example.com", "name": "Ann Mary Lee", "SIZE": "Big", "topics": ["Art", "law1"]}
    by_lines = checked(f"\n{json.dumps(row)}\n", "people.jsonl")
    pq.write_table(pa.Table.from_pylist([row]), "people.parquet")
    by_parquet = checked(Path("people.parquet").read_bytes(), "people.parquet")

    for found, line in ((by_lines, 2), (by_parquet, 1)):
        [ann] = found.people
        assert (ann.line, ann.first_name, ann.last_name) == (line, "Ann Mary", "Lee")
        assert ann.answers == {"id-size": "Big1", "id-topics": ["Art1", "Law1"]}


@pytest.mark.parametrize(
    ("line", "column", "why"),
    [
        (",Ann,Lee,Big", "email", "is empty"),
        ("ann,Ann,Lee,Big", "email", "is not an address"),
        ("ann@localhost,Ann,Lee,Big", "email", "is not an address"),
        ("a n@example.com,Ann,Lee,Big", "email", "is not an address"),
        ("x@example.com,Ann,Lee,Big", "email", "is in line 2 already"),
        ("X@EXAMPLE.com,Ann,Lee,Big", "email", "is in line 2 already"),
        ("ann@example.com,,Lee,Big", "first_name", "is empty"),
        ("ann@example.com,Ann,,Big", "last_name", "is empty"),
        (f"ann@example.com,{'x' * 36},Lee,Big", "first_name", "is too long"),
        ("ann@example.com,Ann,Lee,", "The size?", "is empty"),
        ("ann@example.com,Ann,Lee,Huge", "size", "is none of the options; there are"),
        ("ann@example.com,Ann,Lee,Big,more", None, "has 5 cells, but there are 4 columns"),
    ],
)
def test_a_bad_row_is_told_with_its_line(line: str, column: str | None, why: str) -> None:
    found = checked(f"email,first_name,last_name,size\nx@example.com,Xi,Lee,Big\n{line}\n")

    assert told(found) == [(3, column, why)]
    assert [person.email for person in found.people] == ["x@example.com"]
    assert (found.bad_rows, found.unusable) == (1, False)


@pytest.mark.parametrize(
    ("header", "column", "why"),
    [
        (
            "email,name,size,Emial",
            "Emial",
            "is no column of ours and no custom field of the event",
        ),
        ("name,size", "email", "is missing"),
        ("email,size", "first_name, last_name", "are missing, and so is name"),
        (
            "email,first_name,size",
            "first_name, last_name",
            "are missing, and so is name",
        ),
        ("email,name", "The size?", "is missing"),
        ("email,E_Mail,name,size", "E_Mail", "is the second column for email"),
        ("email,name,size,The size?", "The size?", "is the second column for The size?"),
        ("email,name,size,hope,hope", "hope", "is the second column for The hope?"),
    ],
)
def test_columns_that_are_wrong_are_told_and_no_row_is_good(header: str, column: str, why: str) -> None:
    found = checked(f"{header}\n{','.join('x' for _ in header.split(','))}\n")

    [(line, named, because)] = told(found)
    assert (line, named, found.unusable, found.people) == (1, column, True, ())
    assert because.startswith(why)


def test_two_fields_of_one_name_are_told_apart_by_their_ids() -> None:
    twins = [field("size", label="Size"), {**field("other", label="Size"), "fieldId": "id-2"}]
    header = "email,name,{}\nann@example.com,Ann Lee,Big\n"

    assert "id-size or id-2" in checked(header.format("Size"), form=twins).problems[0].why
    assert checked(header.format("ID 2"), form=twins).people[0].answers == {"id-2": "Big"}
    assert checked("email,name\na@example.com,Ann Lee\n", form=twins).problems == ()


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("Art", ["Art1"]),
        ("art1|LAW", ["Art1", "Law1"]),
        ("Art | Law", ["Art | Law1"]),
        ("Art||Art", ["Art1"]),
    ],
)
def test_several_choices_stand_in_one_cell(cell: str, codes: list[str]) -> None:
    found = checked(f"email,name,size,topics\nann@example.com,Ann Lee,Big,{cell}\n")

    assert found.people[0].answers["id-topics"] == codes


def test_each_json_line_has_columns_of_its_own() -> None:
    lines = [
        {"email": "ann@example.com", "name": "Ann Lee", "size": "Big"},
        {"email": "bea@example.com", "name": "Bea Lee", "size": "Big", "shoe": 42},
        {"email": "cid@example.com", "name": "Cid Lee", "size": "Big", "shoe": None},
        {"email": "dan@example.com", "Email": "x", "name": "Dan Lee", "size": "Big"},
        {"name": "Eve Lee", "size": ["Big", "Small"]},
    ]
    text = "\n".join(map(json.dumps, lines)) + '\n{"email": "x", "email": "y"}\n[1]\nnonsense\n'

    found = checked(text, "people.jsonl")

    assert [person.email[:3] for person in found.people] == ["ann", "cid"]
    assert {problem.line for problem in found.problems} == {2, 4, 5, 6, 7, 8}
    assert not found.unusable


def test_to_revoke_addresses_are_enough() -> None:
    found = checked("size,Email,shoe\nHuge,ann@example.com,42\n,bea,\n", action="revoke")

    assert [person.email for person in found.people] == ["ann@example.com"]
    assert [problem.line for problem in found.problems] == [3]


def test_the_first_version_wants_a_name_and_has_no_fields() -> None:
    found = checked("email,name\nann@example.com,Ann\nbea@example.com,\n", form=[], api=Api.LEGACY)

    assert [(person.first_name, person.last_name) for person in found.people] == [("", "Ann")]
    assert told(found) == [(3, "name", "is empty")]
    assert body_of(found.people[0], Api.LEGACY, "register", invites=False)["name"] == "Ann"
    assert checked("email,name,size\na@example.com,A,Big\n", form=[], api=Api.LEGACY).unusable


@pytest.mark.parametrize("content", [b"email\n\xff\xfe", b'email,name\n"ann', b"PAR1nonsense"])
def test_what_is_no_such_file_is_a_mistake(content: bytes) -> None:
    with pytest.raises(UsageError):
        checked(content)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("ann+1@example.com", True),
        ("o'hara/x=y@sub.example.co.uk", True),
        ("jürgen@müller.example", True),
        ("ann", False),
        ("ann@", False),
        ("@example.com", False),
        ("ann@@example.com", False),
        ("ann@example", False),
        ("ann@example..com", False),
        (".ann@example.com", False),
        ("ann@-example.com", False),
        ("ann,bea@example.com", False),
        ("Ann <ann@example.com>", False),
        ("ann@127.0.0.1", False),
        ("ann\u200b@example.com", False),
        ("x" * 65 + "@example.com", False),
        ("ann@" + "a." * 130 + "com", False),
    ],
)
def test_what_an_address_is(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one


CELLS = st.text(max_size=20) | st.sampled_from(["ann@example.com", "Big", "Art|Law", "", '"', "x" * 80])
COLUMNS = st.sampled_from(
    ["email", "name", "first_name", "last_name", "size", "topics", "hope", "city", "", "zzz"]
)
ODD = st.none() | st.booleans() | st.floats() | st.binary(max_size=3) | st.lists(CELLS, max_size=2)


@settings(max_examples=50)
@given(columns=st.lists(COLUMNS, max_size=6), rows=st.lists(st.lists(CELLS, max_size=7), max_size=4))
@example(columns=["email", "name", "size"], rows=[["a@b.co", "A B", "Big"], ["a@b.co", "A B", "Big"]])
def test_every_row_of_a_file_is_good_or_told_and_only_good_ones_are_sent(
    columns: list[str], rows: list[list[str]]
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    try:
        found = checked(text.getvalue())
    except UsageError:
        return
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if found.unusable or not any(columns):
        assert found.people == ()
        return
    assert len(found.people) + found.bad_rows == len(filled)
    for person in found.people:
        body = body_of(person, Api.CURRENT, "register", invites=False)
        assert is_address(body["email"])
        assert 0 < len(body["firstName"]) <= 35
        assert 0 < len(body["lastName"]) <= 35
        assert body["customFieldMapping"]
        json.dumps(body, ensure_ascii=False).encode()
    assert len({person.key for person in found.people}) == len(found.people)


@settings(max_examples=50)
@given(st.lists(st.dictionaries(COLUMNS, ODD | CELLS, max_size=5), max_size=3))
@example([{"email": date(2026, 1, 1), "name": "A B", "size": Decimal(1)}])
def test_rows_of_any_types_are_good_or_told(rows: list[dict[str, Any]]) -> None:
    columns = [*dict.fromkeys(column for row in rows for column in row)]
    found = check(numbered(columns, rows), Purpose(form=form_of(FORM), action="register", api=Api.CURRENT))
    assert found.unusable or len(found.people) + found.bad_rows == len(rows)
