"""Checking: everything that is wrong with a sheet is found before anything is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from airmeet_source.api.regions import Api
from airmeet_source.disclosure.printable import printable
from airmeet_source.fields import JSON, storable
from airmeet_source.push.columns import Purpose, Target, layout_of, missing_columns, name_of
from airmeet_source.push.form import PROFILE, Field, NotAValue, Value, text_of
from airmeet_source.push.person import Person
from airmeet_source.push.sheet import Problem, Row, Sheet

LONGEST_NAME = 35  # characters, of each of the two
LONGEST_TEXT = 70
_LONGEST_ADDRESS = 254
_LONGEST_LOCAL_PART = 64
_QUOTED = 60  # characters of a value in a message

# what a server takes without quotation marks, and letters of any script
_ATOM = r"[^\s@.,;:<>()\[\]\"\\]+"
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_ENDS_WITH_A_NUMBER = re.compile(r".*\.\d+")

Cells = Mapping[Target, tuple[str, JSON]]  # the column and the value, of those that are filled


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What became of a sheet.

    Attributes:
        people: Those of the good rows.
        problems: What is wrong, in the order of the lines.
        bad_rows: How many rows are bad.
        unusable: Whether something is wrong with all rows.
    """

    people: tuple[Person, ...]
    problems: tuple[Problem, ...]
    bad_rows: int
    unusable: bool


def check(sheet: Sheet, purpose: Purpose) -> Checked:
    """Check all rows for what they are sent for."""
    problems = list(sheet.problems)
    targets: Mapping[str, Target] = {}
    if not sheet.free:
        targets, found = layout_of(sheet.columns, purpose, sheet.header, of_sheet=True)
        problems += [*found, *missing_columns(targets, purpose, sheet.header)]
    unusable = any(problem.of_sheet for problem in problems)
    people: list[Person] = []
    first: dict[str, int] = {}
    for row in () if unusable else sheet.rows:
        checking = _Checking(row, sheet, purpose)
        person = checking.person(targets)
        before = first.setdefault(person.key, row.line)
        if before != row.line and person.key:
            checking.add("email", person.email, f"is in line {before} already: leave one of the two out")
        problems += checking.problems
        people.append(person)
    bad = {problem.line for problem in problems if not problem.of_sheet}
    return Checked(
        people=tuple(person for person in people if person.line not in bad),
        problems=tuple(sorted(problems, key=lambda problem: problem.line or 0)),
        bad_rows=len(bad),
        unusable=unusable,
    )


class _Checking:
    """Makes a person of one row, and finds what is wrong with it."""

    def __init__(self, row: Row, sheet: Sheet, purpose: Purpose) -> None:
        self._row = row
        self._sheet = sheet
        self._purpose = purpose
        self.problems: list[Problem] = []

    def add(self, column: str, value: JSON, why: str) -> None:
        """Note that a value is wrong."""
        shown = None if value is None else storable(str(value))[:_QUOTED]
        self.problems.append(Problem(line=self._row.line, column=column, value=shown, why=why))

    def person(self, targets: Mapping[str, Target]) -> Person:
        """The person, as far as the row is right; ``targets``: what the sheet's columns are meant for."""
        filled = {column: cell for column, cell in self._row.cells.items() if not _is_empty(cell)}
        if self._sheet.free:
            targets, found = layout_of(tuple(filled), self._purpose, self._row.line, of_sheet=False)
            self.problems += found
        cells = {targets[column]: (column, cell) for column, cell in filled.items() if column in targets}
        email = self._address(cells)
        if self._purpose.action == "revoke":
            return Person(line=self._row.line, email=email)
        first, last = self._names(cells)
        profile = {name: self._text(cells, name, LONGEST_TEXT) for name in PROFILE}
        return Person(
            line=self._row.line,
            email=email,
            first_name=first,
            last_name=last,
            profile={name: text for name, text in profile.items() if text},
            answers=self._answers(cells),
        )

    def _address(self, cells: Cells) -> str:
        column, cell = cells.get("email", ("email", None))
        email = cell.strip() if isinstance(cell, str) else ""
        if cell is None:
            self.add(column, None, "is empty: give the person's address")
        elif not is_address(email):
            self.add(column, cell, "is not an address: mend it")
        return email

    def _names(self, cells: Cells) -> tuple[str, str]:
        first, last = self._text(cells, "first_name"), self._text(cells, "last_name")
        if not first and not last:
            *before, last = self._text(cells, "name").split(" ")
            first = " ".join(before)
        if self._purpose.api is Api.LEGACY:
            if not first and not last:
                self.add("name", None, "is empty: give the person's name")
            return first, last
        for name, text in (("first_name", first), ("last_name", last)):
            if not text:
                self.add(name, None, "is empty: Airmeet wants a first and a last name")
            self._limit(name, text, LONGEST_NAME)
        return first, last

    def _answers(self, cells: Cells) -> dict[str, Value]:
        answers: dict[str, Value] = {}
        for target, (column, cell) in cells.items():
            if isinstance(target, Field):
                try:
                    answers[target.field_id] = target.value_of(cell, separates=self._sheet.separates)
                except NotAValue as error:
                    self.add(column, cell, str(error))
        for field in self._purpose.required:
            if field not in cells:
                self.add(name_of(field), None, "is empty: the form requires it")
        return answers

    def _text(self, cells: Cells, name: str, most: int | None = None) -> str:
        column, cell = cells.get(name, (name, None))
        try:
            text = " ".join(text_of(cell).split())
        except NotAValue as error:
            self.add(column, cell, str(error))
            return ""
        if most is not None and self._purpose.api is Api.CURRENT:
            self._limit(column, text, most)
        return text

    def _limit(self, column: str, text: str, most: int) -> None:
        if len(text) > most:
            self.add(column, text, f"is too long: {len(text)} characters, Airmeet takes {most}")


def _is_empty(cell: JSON) -> bool:
    if isinstance(cell, list):
        return all(map(_is_empty, cell))
    try:
        return not text_of(cell)
    except NotAValue:
        return False


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address, as far as it can be told without sending a mail."""
    local_part, _, domain = text.partition("@")
    return (
        len(text) <= _LONGEST_ADDRESS
        and len(local_part) <= _LONGEST_LOCAL_PART
        and _ADDRESS.fullmatch(text) is not None
        and not _ENDS_WITH_A_NUMBER.fullmatch(domain)
        and printable(text) == text
    )
