"""The registration form: the custom fields of an event, how a column finds one, and what it takes."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from airmeet_source.fields import JSON, Record, listed, pick, squash, storable, to_text

SEPARATOR = "|"  # between several choices in one text

# what Airmeet's own fields are called, in whatever list they stand
PROFILE = ("city", "country", "designation", "organisation")
_ALSO = {"organization": "organisation"}
_NAMES = ("email", "first_name", "last_name", "name", *PROFILE)
OWN_COLUMNS: Mapping[str, str] = {
    **{squash(name): name for name in _NAMES},
    **{squash(name): column for name, column in _ALSO.items()},
}
"""The columns that need no custom field, by their names without case and separators."""

Value = str | list[str]


class NotAValue(Exception):
    """A cell holds nothing that the field takes. The text says what to do."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice: what is sent, and what people see."""

    code: str
    display_value: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """One custom field."""

    field_id: str
    label: str
    name: str
    is_required: bool
    takes_several: bool
    options: tuple[Option, ...]

    def value_of(self, cell: JSON, *, separates: bool) -> Value:
        """What is sent for a cell that is not empty.

        Args:
            cell: the value.
            separates: whether several choices stand in one text.

        Raises:
            NotAValue: the field does not take it.
        """
        if not self.options and not isinstance(cell, list):
            return text_of(cell)
        if self.takes_several:
            return [self._code(text) for text in self._choices(cell, separates=separates)]
        if isinstance(cell, list):
            if len(cell) != 1:
                raise NotAValue("takes one value: give only one")
            cell = cell[0]
        return self._code(text_of(cell))

    def _choices(self, cell: JSON, *, separates: bool) -> list[str]:
        if isinstance(cell, list):
            texts = [text_of(each) for each in cell]
        else:
            text = text_of(cell)
            texts = [text] if self._matches(text) or not separates else text.split(SEPARATOR)
        chosen = [text.strip() for text in texts if text.strip()]
        return list(dict.fromkeys(chosen))

    def _code(self, text: str) -> str:
        if not self.options:
            return text
        codes = self._matches(text)
        if len(codes) == 1:
            return codes.pop()
        there_are = ", ".join(option.display_value for option in self.options)
        which = "is more than one option: use its code" if codes else "is none of the options"
        raise NotAValue(f"{which}; there are: {there_are}")

    def _matches(self, text: str) -> set[str]:
        """The codes that a text may stand for: exactly, else without case."""
        exact = {o.code for o in self.options if text == o.code}
        exact = exact or {o.code for o in self.options if text == o.display_value}
        folded = text.casefold()
        return exact or {
            o.code for o in self.options if folded in (o.code.casefold(), o.display_value.casefold())
        }


class Form:
    """The custom fields of an event."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self.fields = tuple(fields)
        self._by_id = {squash(field.field_id): field for field in self.fields}
        self._by_name: dict[str, list[Field]] = defaultdict(list)
        for field in self.fields:
            for name in {squash(field.label), squash(field.name)} - {""}:
                self._by_name[name].append(field)

    def find(self, column: str) -> list[Field]:
        """The fields that a column may be meant for: by id, else by label or name."""
        name = squash(column)
        return [self._by_id[name]] if name in self._by_id else self._by_name.get(name, [])


def form_of(records: Iterable[Record]) -> Form:
    """The form, from the API's records. Airmeet's own fields, where it lists them, are none of it."""
    return Form(field for field in map(_field, records) if field is not None)


def _field(record: Record) -> Field | None:
    field_id = pick(record, "field_id", "uid", "id")
    kind = pick(record, "type")
    label, name = to_text(pick(record, "label") or ""), to_text(pick(record, "name") or "")
    is_own = squash(to_text(pick(kind, "field_type") or "custom")) != "custom"
    if field_id is None or (is_own and {squash(label), squash(name)} & OWN_COLUMNS.keys()):
        return None
    written = squash(to_text([pick(kind, "input_type"), pick(kind, "mapped_from")]))
    return Field(
        field_id=to_text(field_id),
        label=label.strip(),
        name=name.strip(),
        is_required=pick(record, "is_required", "required") in (True, "true", 1),
        takes_several="checkbox" in written or "multi" in written,
        options=tuple(_options(pick(record, "options"))),
    )


def _options(options: JSON) -> Iterable[Option]:
    for option in listed(options):
        code = pick(option, "code", "value") if isinstance(option, dict) else option
        shown = pick(option, "display_value", "label")
        code = shown if code is None else code
        if code is not None:
            text = to_text(code)
            yield Option(code=text, display_value=text if shown is None else to_text(shown).strip())


def text_of(cell: JSON) -> str:
    """A cell as text; empty for what holds nothing.

    Raises:
        NotAValue: it is a list or an object.
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, list | dict | bytes):
        raise NotAValue("is no text, number or date")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return to_text(cell) if isinstance(cell, bool) else storable(str(cell)).strip()
