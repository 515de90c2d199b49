"""Naming: one column for one field, under a name that every destination takes as it is."""

import time
from itertools import combinations

import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention
from hypothesis import given

from airmeet_source.fields import squash
from airmeet_source.model.naming import LONGEST_NAME, column_name, identity
from tests.support.names import ANY_NAME, GROUPS, HOMELESS, NAMES

IN_POSTGRES = NamingConvention(max_length=LONGEST_NAME)


@pytest.mark.parametrize("spellings", [group for group in GROUPS if len(group) > 1])
def test_names_that_differ_in_case_width_or_separators_are_one_field(spellings: tuple[str, ...]) -> None:
    assert len({identity(name) for name in spellings}) == 1


def test_no_two_other_names_are_one_field_or_have_one_column() -> None:
    for one, other in combinations(GROUPS, 2):
        assert identity(one[0]) != identity(other[0])
        assert not {column_name(name) for name in one} & {column_name(name) for name in other}


@given(ANY_NAME, ANY_NAME)
def test_two_fields_never_have_one_column(one: str, other: str) -> None:
    if identity(one) != identity(other) and identity(one) and identity(other):
        assert column_name(one) != column_name(other)


@pytest.mark.parametrize("name", HOMELESS)
def test_a_name_of_ours_or_none_at_all_has_no_column(name: str) -> None:
    assert identity(name) == ""


@given(ANY_NAME)
def test_a_column_is_called_the_same_by_dlt_and_by_every_destination(field: str) -> None:
    if not identity(field):
        return
    name = column_name(field)

    assert IN_POSTGRES.normalize_identifier(name) == name
    assert name.isascii()
    assert len(name) <= LONGEST_NAME
    assert identity(name)
    assert name not in {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("newField", "new_field"),
        ("utm source", "utm_source"),
        ("1st", "_1st"),
        ("select", "select"),
        ("c-", "c"),
        ("prénom", "prenom_x3d79ffd71c"),
        ("名前", "field_x7ec2629241"),
        ("xmin", "xmin_xeafb2f50be"),
        ("q" * 70, "q" * 51 + "_xefc93e11a2"),
    ],
)
def test_names_stay_as_they_once_were(field: str, column: str) -> None:
    assert column_name(field) == column


def test_a_name_of_megabytes_takes_no_more_than_its_length_in_time() -> None:
    started = time.process_time()
    for name in ("a" * 3_000_000, "A" * 3_000_000, "_" * 3_000_000, "é" * 3_000_000, "_-" * 1_500_000 + "a"):
        identity(name)
        column_name(name)

    assert time.process_time() - started < 5.0


@given(ANY_NAME)
def test_a_name_is_squashed_once(name: str) -> None:
    assert squash(squash(name)) == squash(name)


def test_all_names_are_different() -> None:
    assert len(NAMES) == len(set(NAMES))
