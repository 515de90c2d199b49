"""Columns: what each column of a sheet is meant for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from airmeet_source.api.regions import Api
from airmeet_source.api.writing import Action
from airmeet_source.fields import squash
from airmeet_source.push.form import OWN_COLUMNS, Field, Form
from airmeet_source.push.sheet import Problem
from airmeet_source.spelling import did_you_mean

Target = str | Field  # a column of ours, or a custom field


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What people are sent for, which decides what has to be known of them."""

    form: Form
    action: Action
    api: Api

    @property
    def required(self) -> Sequence[Field]:
        """The fields that must be answered; who is only let in fills in the form later."""
        return [field for field in self.form.fields if field.is_required and self.action == "register"]

    def target(self, column: str) -> Target | None:
        """What a column is meant for; None if it does not matter.

        Raises:
            Unknown: for nothing that there is.
        """
        own = OWN_COLUMNS.get(squash(column))
        if self.action == "revoke":
            return own if own == "email" else None
        if own is not None:
            return own
        fields = self.form.find(column)
        if len(fields) != 1:
            raise Unknown(self._unknown(column, fields))
        return fields[0]

    def _unknown(self, column: str, fields: Sequence[Field]) -> str:
        if fields:
            ids = " or ".join(field.field_id for field in fields)
            return f"is the name of more than one custom field: call the column by an id, {ids}"
        if self.api is Api.LEGACY:
            return "is unknown, and the first version of the API has no custom fields: leave it out"
        if not self.form.fields:
            return "is unknown, and the event has no custom fields: leave it out"
        labels = [name_of(field) for field in self.form.fields]
        hint = did_you_mean(column, [*dict.fromkeys(OWN_COLUMNS.values()), *labels])
        there_are = hint or f"; there are {', '.join(labels)}"
        return f"is no column of ours and no custom field of the event{there_are}"


class Unknown(Exception):
    """A column is meant for nothing that there is. The text says what to do."""


def name_of(target: Target) -> str:
    """What people call a column or a field."""
    return target if isinstance(target, str) else target.label or target.name or target.field_id


def layout_of(
    columns: Sequence[str], purpose: Purpose, line: int | None, *, of_sheet: bool
) -> tuple[Mapping[str, Target], list[Problem]]:
    """What columns are meant for, and what is wrong with them.

    Args:
        columns: their names.
        purpose: what people are sent for.
        line: where the names stand.
        of_sheet: whether they are those of all rows.
    """
    targets: dict[str, Target] = {}
    problems: list[Problem] = []
    meant: Counter[Target] = Counter()
    for column in columns:
        try:
            target = purpose.target(column)
        except Unknown as error:
            problems.append(_problem(line, column, str(error), of_sheet=of_sheet))
            continue
        if target is None:
            continue
        targets[column] = target
        meant[target] += 1
        if meant[target] == 2:
            why = f"is the second column for {name_of(target)}: leave one of them out"
            problems.append(_problem(line, column, why, of_sheet=of_sheet))
    return targets, problems


def missing_columns(targets: Mapping[str, Target], purpose: Purpose, line: int | None) -> Iterator[Problem]:
    """The columns that a sheet must have and lacks."""
    there = set(targets.values())
    if "email" not in there:
        yield _problem(line, "email", "is missing: people are known by their addresses", of_sheet=True)
    if purpose.action == "revoke":
        return
    if "name" not in there and not {"first_name", "last_name"} <= there:
        why = "are missing, and so is name, which would do as well"
        yield _problem(line, "first_name, last_name", why, of_sheet=True)
    for field in purpose.required:
        if field not in there:
            yield _problem(line, name_of(field), "is missing: the form requires it", of_sheet=True)


def _problem(line: int | None, column: str, why: str, *, of_sheet: bool) -> Problem:
    return Problem(line=line, column=column, value=None, why=why, of_sheet=of_sheet)
