"""The questions that docs/analysts.md answers: query, printed result and the truth are the same."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from airmeet_sandbox import Sandbox, World, faults
from airmeet_sandbox.phases import QUARTER_HOUR
from tests.support.cli import Cli, FirstLoad, query
from tests.support.pages import ROOT, Page
from tests.views.people import Row
from tests.views.reference import views
from tests.views.sandbox_tables import tables_of

PAGE = Page(ROOT / "docs" / "analysts.md")
STAYED = "Which campaign brought the people who stayed longest?"
LOST = "Which session lost its audience?"
ABSENT = "Who did not come?"
COMPLETE = "Is last week's event complete?"
Views = dict[str, list[Row]]
Line = tuple[str, ...]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The events of the demo."""
    now = datetime.fromtimestamp(datetime.now(UTC).timestamp() // QUARTER_HOUR * QUARTER_HOUR, UTC)
    with Sandbox(World(seed=7, events=12, now=now)) as running:
        running.clock.freeze(now)
        yield running


def question(heading: str) -> tuple[str, list[Line]]:
    """The query under a heading, and the rows that the page prints below it."""
    section = PAGE.text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    sql, rest = section.partition("```sql\n")[2].split("```", 1)
    lines = [tuple(line.strip("| ").split(" | ")) for line in re.findall(r"^\|.*\|$", rest, re.MULTILINE)]
    return sql, lines[2:]


def printed(rows: list[tuple[Any, ...]]) -> list[Line]:
    """Rows as the page has them."""
    return [tuple(str(round(v) if isinstance(v, float) else v) for v in row) for row in rows]


# -- the truth -----------------------------------------------------------------------------------


def who_stayed(truth: Views) -> list[tuple[Any, ...]]:
    campaigns: dict[str, list[Row]] = defaultdict(list)
    for person in truth["event_people"]:
        if person["population"] == "registrant":
            campaigns[person["utm_campaign"] or "(direct)"].append(person)
    found = []
    for campaign, people in campaigns.items():
        minutes = [person["minutes_live"] for person in people if person["attended_live"]]
        found.append((campaign, len(people), len(minutes), sum(minutes) / len(minutes)))
    return sorted(found, key=lambda row: row[3], reverse=True)


def who_left(truth: Views) -> list[tuple[Any, ...]]:
    large = [row for row in truth["session_overview"] if row["attendees"] >= 10]
    columns = ("event_name", "session_name", "attendees", "duration", "minutes_median")
    found = [
        (*(row[name] for name in columns), 100 * row["minutes_median"] / row["duration"]) for row in large
    ]
    return sorted(found, key=lambda row: row[5])[:5]


def who_was_absent(truth: Views) -> list[tuple[Any, ...]]:
    last = max((e for e in truth["event_overview"] if e["is_over"]), key=lambda event: event["end_time"])
    found = [
        (person["name"], person["email"], person["organisation"], person["utm_campaign"] or "(direct)")
        for person in truth["event_people"]
        if person["airmeet_id"] == last["airmeet_id"] and person["attendance"] == "no_show"
    ]
    return sorted(found, key=lambda row: row[2])


TRUTHS: dict[str, Callable[[Views], list[tuple[Any, ...]]]] = {
    STAYED: who_stayed,
    LOST: who_left,
    ABSENT: who_was_absent,
}


def test_the_answers_are_the_truth(loaded: FirstLoad, sandbox: Sandbox) -> None:
    loaded(views=True)
    truth = views({**tables_of(sandbox.world), "sync_log": []})

    for heading, answer in TRUTHS.items():
        sql, told = question(heading)
        assert printed(query(sql)) == printed(answer(truth)) == told, heading
    sql, told = question(COMPLETE)
    assert printed(query(sql)) == told


def test_an_event_that_lacks_a_list_is_not_complete(cli: Cli, sandbox: Sandbox) -> None:
    sql, told = question(COMPLETE)
    name = told[0][0]
    ids = {event["name"]: event["uid"] for event in sandbox.world.records("airmeets")}
    sandbox.faults.add(faults.status(500), path=f"{ids[name]}/tracks$")

    assert cli("--resources", "airmeets,tracks", views=True).code == 3

    answers = {row[0]: row[3] for row in query(sql)}
    assert answers == {row[0]: row[3] for row in told} | {name: "no"}
