"""Children: who has a list of sessions or booths read, and who hears of it."""

from airmeet_source.api.children import Child
from airmeet_source.extract.children import Children, Family
from airmeet_source.resources import RESOURCES

FAMILY = Family([Child("s1", "FINISHED")], known=True)


def test_each_resource_that_needs_a_family_hears_of_it_once() -> None:
    children = Children()
    children.tell("sessions", "e1", FAMILY)
    children.tell("sessions", "e2", FAMILY)

    assert list(children.news(RESOURCES["session_attendance"])) == [("e1", FAMILY), ("e2", FAMILY)]
    assert list(children.news(RESOURCES["session_attendance"])) == []


def test_a_resource_hears_nothing_of_other_families_or_without_a_parent() -> None:
    children = Children()
    children.tell("sessions", "e1", FAMILY)

    assert list(children.news(RESOURCES["booth_attendance"])) == []
    assert list(children.news(RESOURCES["tracks"])) == []


def test_a_family_that_is_known_stays_known_and_one_that_is_expected_is_read_once() -> None:
    children = Children()
    assert not children.is_expected("sessions", "e1")
    children.expect("sessions", "e1")
    assert children.is_expected("sessions", "e1")
    assert not children.is_expected("booths", "e1")
    assert children.family("sessions", "e1") is None
    children.tell("sessions", "e1", FAMILY)
    assert children.family("sessions", "e1") is FAMILY
