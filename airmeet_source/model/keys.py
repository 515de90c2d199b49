"""What rows are known by: the API's own ids, and others where they are missing, taken or no number.

All of it is made of what the API sends and of the order in which it comes, so that a reload makes the same.
"""

from collections.abc import Sequence

from airmeet_source.fields import JSON, Record, json_text, pick, rest_of, to_text, without
from airmeet_source.model.columns import ENTRY_LINK, UNPARSED
from airmeet_source.model.unit import UnitContext
from airmeet_source.model.values import Misfit, to_bigint

NAMELESS = "record-"  # what the key of somebody without user id and address begins with
ENTRY_LINKS = (ENTRY_LINK.name, "entry_link")


def with_ids(fields: Record, **ids: JSON) -> Record:
    """A row with our ids; what the record itself has under the same names is kept unparsed if it differs."""
    row = {**fields, **ids}
    if UNPARSED not in fields and fields.keys().isdisjoint(ids):
        return row
    theirs = {
        name: fields[name] for name in (*ids, UNPARSED) if fields.get(name) not in (None, ids.get(name))
    }
    row.pop(UNPARSED, None)
    if theirs:
        row[UNPARSED] = theirs
    return row


def person_key(record: Record, unit: UnitContext) -> str:
    """The user id, else the e-mail address, else a hash; with a counter where the unit has it already."""
    user_id, email = pick(record, "user_id"), pick(record, "email")
    key = to_text(user_id).strip() if user_id is not None else ""
    if not key and email is not None:
        key = to_text(email).strip().lower()
        key = key if unit.privacy.keeps or not key else unit.privacy.digest(key)
    if not key:
        key = NAMELESS + unit.privacy.digest(json_text(without(record, *ENTRY_LINKS)))[:16]
    return _counted(key, unit)


def with_own_id(row: Record, record: Record, unit: UnitContext, *names: str) -> Record | None:
    """The row under an id that no other record of the unit has; None for the very same record once more.

    Args:
        row: What is to be loaded of the record; without an id it stays as it is.
        record: What the API sent.
        unit: The unit that it belongs to.
        names: The column of the id, and other names of it in the API.
    """
    own_id = pick(row, *names)
    if own_id is None:
        return row
    if unit.records.count(hash(json_text(record))) > 1:
        return None
    own_text = to_text(own_id)
    key = _counted(own_text, unit)
    return row if key == own_text else _under_another(row, key, own_id, *names)


def with_number(row: Record, unit: UnitContext) -> Record:
    """The row under a number that no other record of the unit has: its own id, or one that is made up."""
    own_id = row.get("id")
    if type(own_id) is int and own_id not in unit.ids and -(2**63) <= own_id < 2**63:
        unit.ids[own_id] = 1
        return row
    own_id = pick(row, "id")
    try:
        number = to_bigint(own_id)
    except Misfit:
        person = json_text([pick(row, name) for name in ("user_id", "email", "name")])
        return _under_another(row, _made_up(person if own_id is None else repr(own_id), unit), own_id, "id")
    if number in unit.ids:
        return _under_another(row, _made_up(f"{number}#2", unit), own_id, "id")
    unit.ids[number] = 1
    return {**rest_of(row, "id"), "id": number}


def take_numbers(own_ids: Sequence[JSON], unit: UnitContext) -> bool:
    """Whether records have numbers that no other record of the unit has; then they keep them.

    It does for a page what :func:`with_number` does for a row that stays as it is.
    """
    if set(map(type, own_ids)) != {int} or min(own_ids) < -(2**63) or max(own_ids) >= 2**63:
        return False
    numbers = dict.fromkeys(own_ids, 1)
    if len(numbers) < len(own_ids) or not unit.ids.isdisjoint(numbers):
        return False
    unit.ids.update(numbers)
    return True


def _made_up(text: str, unit: UnitContext) -> int:
    """A negative number that the unit's next record known by the same text does not get."""
    return -1 - int(unit.privacy.digest(_counted(text, unit))[:15], 16)


def _under_another(row: Record, key: JSON, own_id: JSON, *names: str) -> Record:
    """The row with another key in the place of its own id, which is kept unparsed."""
    kept = row.get(UNPARSED, {}) if own_id is None else {**row.get(UNPARSED, {}), names[0]: own_id}
    rest = rest_of(row, *names)
    rest.pop(UNPARSED, None)
    return {**rest, names[0]: key} | ({UNPARSED: kept} if kept else {})


def _counted(key: str, unit: UnitContext) -> str:
    """The key, followed by a counter if another record of the unit already has it."""
    number = unit.keys.count(hash(key))
    while number > 1:
        numbered = f"{key}#{number}"
        if hash(numbered) not in unit.keys:
            unit.keys[hash(numbered)] = 1
            return numbered
        number = unit.keys.count(hash(key))
    return key
