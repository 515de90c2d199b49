"""The rows of people on the list of an event: one of each person, and one of each answer of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass

from airmeet_source.fields import JSON, Record, elements, pick, rest_of, squash, without
from airmeet_source.model.block import Block, block_of
from airmeet_source.model.columns import AIRMEET_ID, EMAIL, PERSON_KEY, UNPARSED
from airmeet_source.model.keys import ENTRY_LINKS, person_key, with_ids
from airmeet_source.model.making import ManyAtOnce, Rows
from airmeet_source.model.unit import UnitContext


@dataclass(frozen=True, kw_only=True)
class People(ManyAtOnce):
    """Makes a row of each person, without entry links unless they are wanted.

    ``answers``: the field that a person's answers are in; ``answers_table``: theirs.
    """

    table: str
    answers: str = ""
    answers_table: str = ""

    def __call__(self, record: Record, unit: UnitContext) -> Rows:
        """The rows of a person."""
        person = record if unit.include_entry_links else without(record, *ENTRY_LINKS)
        ids = {AIRMEET_ID.name: unit.airmeet_id, PERSON_KEY.name: person_key(person, unit)}
        if not self.answers:
            yield self.table, with_ids(person, **ids)
            return
        yield self.table, with_ids(rest_of(person, self.answers), **ids)
        for answer in elements(pick(person, self.answers)):
            yield self.answers_table, _answer(answer, {**ids, EMAIL.name: pick(person, EMAIL.name)})

    def at_once(self, records: list[Record], unit: UnitContext) -> Mapping[str, list[Record] | Block] | None:
        """The same rows of many people, or None if any of them needs a look of its own."""
        people = block_of(records)
        spellings = {squash(name): name for name in (people.columns if people else ())}
        if people is None or len(spellings) < len(people.columns):
            return None
        if not people.columns.keys().isdisjoint((AIRMEET_ID.name, PERSON_KEY.name, UNPARSED)):
            return None
        if not unit.include_entry_links:
            for link in ENTRY_LINKS:
                people.columns.pop(spellings.pop(squash(link), ""), None)
        ids: dict[str, list[JSON]] = {
            AIRMEET_ID.name: [unit.airmeet_id] * len(records),
            PERSON_KEY.name: [person_key(record, unit) for record in records],
        }
        if not self.answers:
            return {self.table: Block({**people.columns, **ids})}
        ids_of_answers = {
            **ids,
            EMAIL.name: people.columns.get(spellings.get(EMAIL.name, ""), [None] * len(records)),
        }
        given = people.columns.pop(spellings.get(squash(self.answers), ""), [None] * len(records))
        answers = _answers(list(map(elements, given)), ids_of_answers)
        return {
            self.table: Block({**people.columns, **ids}),
            **({self.answers_table: answers} if answers else {}),
        }


def _answers(given: list[list[JSON]], ids: dict[str, list[JSON]]) -> list[Record] | Block:
    """The rows of what some people have answered, each of whom has a list and ids."""
    answers = [answer for person in given for answer in person]
    shared = {
        name: [value for value, person in zip(values, given, strict=True) for _ in person]
        for name, values in ids.items()
    }
    block = block_of(answers) if set(map(type, answers)) == {dict} else None
    if block is not None and block.columns.keys().isdisjoint((*shared, UNPARSED)):
        return Block({**block.columns, **shared})
    return [_answer(answer, row) for answer, row in zip(answers, Block(shared).rows(), strict=True)]


def _answer(answer: JSON, ids: Record) -> Record:
    return with_ids(answer if isinstance(answer, dict) else {"value": answer}, **ids)
