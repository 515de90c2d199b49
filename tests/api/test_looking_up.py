"""Looking up: a list of which only some people are asked for is read to its end; lies are not believed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from airmeet_source.api.answers import Answer, Failed, classify
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.looking_up import FoundPages, read_list
from airmeet_source.api.retrying import Patience
from airmeet_source.errors import LookUpFailed
from airmeet_source.resources import RESOURCES

PARTICIPANTS = RESOURCES["participants"].endpoint
ANN, BEA = {"email": "ann@example.com"}, {"email": "bea@example.com"}


class Answers:
    """Gives answers in turn, the last one for ever."""

    patience = Patience(pending_wait=0, pending_timeout=60, max_attempts=3, backoff=0)

    def __init__(self, *bodies: Any) -> None:
        self._bodies = iter(bodies)
        self._last: Any = None
        self.asked: list[dict[str, str]] = []

    def ask(self, endpoint: Endpoint, path: str, params: dict[str, str]) -> Answer:
        assert path == "/p"
        self.asked.append(params)
        self._last = next(self._bodies, self._last)
        if isinstance(self._last, int):
            return classify(endpoint, self._last, {}, b'{"message": "No"}')
        if isinstance(self._last, Failed):
            return self._last
        return classify(endpoint, 200, {}, json.dumps(self._last).encode())

    def pause(self, seconds: float, silence: bool) -> None:
        pass


def found(*bodies: Any, size: int = 2, endpoint: Endpoint = PARTICIPANTS) -> tuple[list[Any], int]:
    answers = Answers(*bodies)
    people = read_list(answers, endpoint, "/p", FoundPages(size, {"emailIds": "ann@example.com"}))
    assert all(params["emailIds"] for params in answers.asked)
    return people, len(answers.asked)


def page(*people: Any, **counts: int) -> dict[str, Any]:
    return {"participants": list(people), **counts}


@pytest.mark.parametrize(
    ("bodies", "people"),
    [
        ([page()], []),
        ([page(userCount=0, totalUserCount=0)], []),
        ([page(userCount=0, totalUserCount=125)], []),  # the total of the whole event
        ([page(ANN, userCount=1, totalUserCount=125), page(userCount=0, totalUserCount=125)], [ANN]),
        ([page(ANN, userCount=1, totalUserCount=125)], [ANN]),  # the same page again and again
        ([page(ANN, BEA), page()], [ANN, BEA]),
        ([page(ANN, totalUserCount=2), page(BEA, totalUserCount=2)], [ANN, BEA]),
        ([500, page(ANN)], [ANN]),
        ([{"participants": None}, {"participants": None}], []),
        ([page(userCount=1, totalUserCount=1), page(ANN, userCount=1)], [ANN]),
    ],
    ids=str,
)
def test_a_list_is_read_to_its_end(bodies: list[Any], people: list[Any]) -> None:
    assert found(*bodies)[0] == people


@pytest.mark.parametrize(
    "body", [500, page(userCount=1), page(totalUserCount=3), page(ANN, userCount=2), {}, {"message": "No"}]
)
def test_an_answer_that_is_no_list_or_contradicts_itself_is_never_an_empty_list(body: Any) -> None:
    with pytest.raises(LookUpFailed):
        found(body)


def test_a_refusal_and_a_plan_without_such_a_list_are_told_apart() -> None:
    with pytest.raises(LookUpFailed) as refused:
        found(404)
    assert (refused.value.status, refused.value.is_of_the_plan) == (404, False)

    with pytest.raises(LookUpFailed) as gated:
        found(404, endpoint=RESOURCES["custom_fields"].endpoint)
    assert gated.value.is_of_the_plan


def test_a_page_with_the_same_people_again_ends_the_list() -> None:
    def for_ever() -> Iterator[Any]:
        while True:
            yield page(ANN, BEA)

    answers = Answers()
    answers._bodies = for_ever()
    assert read_list(answers, PARTICIPANTS, "/p", FoundPages(2, {"emailIds": "x"})) == [ANN, BEA]
    assert len(answers.asked) == 2
