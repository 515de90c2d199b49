"""`airmeet report --html`: one page, in a real browser."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page

from airmeet_source.reporting import words
from tests.reporting.conftest import PHONE, Report, fact, overflow, part
from tests.support.cli import FirstLoad

Opened = Callable[..., Page]

ALL_DRAWN = "document.querySelectorAll('.chart svg').length === document.querySelectorAll('.chart').length"
PARTS = (
    "funnel registrations minutes sessions campaigns booths polls custom_fields events".split()  # noqa: SIM905
)
HOSTILE = "</script><script>document.title = 'taken over'</script><img src=x onerror=alert(1)>\u202e"


def ask(query: str) -> list[tuple[object, ...]]:
    with duckdb.connect("airmeet.duckdb") as connection:
        return connection.execute(query).fetchall()


def one(query: str) -> float:
    [(value,)] = ask(f"SELECT {query}")
    return float(str(value))


def test_the_figures_are_those_of_the_views_fit_both_screens_and_are_the_owners_alone(
    loaded: FirstLoad, report: Report, opened: Opened
) -> None:
    loaded(views=True)
    assert report("--html", "report.html").out == "The report is in report.html.\n"
    assert stat.S_IMODE(Path("report.html").stat().st_mode) == 0o600
    page = opened("report.html")
    page.wait_for_function(ALL_DRAWN)

    assert overflow(page) == []
    emails = ask("SELECT DISTINCT email FROM airmeet_data_views.event_people WHERE email IS NOT NULL")
    text = Path("report.html").read_text(encoding="utf-8")
    assert emails
    assert not [email for (email,) in emails if str(email) in text]
    overview = "FROM airmeet_data_views.event_overview"
    for name in ("registrants", "registrants_attended", "attendees"):
        assert fact(page, name) == words.count(one(f"sum({name}) {overview}"))
    assert all(part(page, name).locator("h2").count() == 1 for name in PARTS)
    assert "Nothing is missing" in part(page, "state").inner_text()
    funnel = part(page, "funnel").locator("svg").text_content()
    assert f"{words.count(one(f'sum(registrants_attended) {overview}'))} · " in funnel
    assert part(page, "events").locator("tbody tr").count() == one(f"count(*) {overview}")
    part(page, "sessions").locator("summary").click()
    assert part(page, "sessions").locator("tbody tr").count() == one(
        "count(*) FROM airmeet_data_views.session_overview WHERE attendees > 0 OR replay_viewers > 0"
    )

    page.set_viewport_size({"width": PHONE, "height": 900})
    page.reload()
    page.wait_for_function(ALL_DRAWN)
    assert overflow(page) == []


@pytest.mark.usefixtures("quick_charts")
def test_what_is_pending_or_failed_is_said_and_names_are_text(
    loaded: FirstLoad, report: Report, opened: Opened
) -> None:
    loaded(views=True)
    [(event,), (other,)] = ask(
        "SELECT airmeet_id FROM airmeet_data_views.event_overview WHERE attendees > 0 "
        "ORDER BY start_time DESC LIMIT 2"
    )
    name = HOSTILE.replace("'", "''")
    ask(f"UPDATE airmeet_data.airmeets SET name = '{name}' WHERE airmeet_id = '{event}'")
    log = "UPDATE airmeet_data.sync_log SET finished_at = now(), outcome"
    ask(f"{log} = 'pending' WHERE resource = 'replay_attendance' AND airmeet_id = '{event}'")
    ask(f"{log} = 'failed', error = '<b>HTTP 503</b>' WHERE resource = 'utms' AND airmeet_id = '{other}'")

    assert report("--html", "report.html", "--events", f"{event},{other}").code == 0
    page = opened("report.html", width=PHONE)
    page.wait_for_function(ALL_DRAWN)

    said = part(page, "state").inner_text()
    assert "2 lists are still missing" in said
    assert f"Replay views of {HOSTILE[:-1]}" in said
    assert "Airmeet is still preparing it" in said
    assert "It could not be read: <b>HTTP 503</b>" in said
    assert page.title() == "Event report"
    assert overflow(page) == []


@pytest.mark.usefixtures("quick_charts")
def test_nothing_loaded_and_nothing_chosen_are_said(
    loaded: FirstLoad, report: Report, opened: Opened
) -> None:
    assert report("--html", "report.html").code == 0
    page = opened("report.html", width=PHONE)
    assert "Nothing has been loaded yet" in part(page, "nothing").inner_text()
    assert overflow(page) == []
    assert not list(Path().glob("*.duckdb*"))

    loaded(views=True)
    assert report("--html", "report.html", "--since", "2100-01-01").code == 0
    assert "No event fits" in Path("report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("quick_charts")
def test_it_never_takes_the_place_of_the_database(loaded: FirstLoad, report: Report) -> None:
    loaded(views=True)
    assert report("--html", "airmeet.duckdb").code == 2
    assert report("--html", ".").code == 2
    assert report("--html", "missing/report.html", "--since", "2100-01-01").code == 1
    assert report("--since", "2026-01-01").code == 2
    assert one("count(*) FROM airmeet_data.airmeets") > 0


@pytest.mark.usefixtures("quick_charts")
def test_it_reads_while_others_read_and_says_what_is_missing(
    loaded: FirstLoad, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(views=True)
    Path("snapshot.duckdb").write_bytes(Path("airmeet.duckdb").read_bytes())
    Path("snapshot.duckdb").chmod(0o400)
    Path("airmeet.duckdb").unlink()
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", "snapshot.duckdb")
    assert report("--html", "report.html", "--since", "2100-01-01").code == 0

    Path("snapshot.duckdb").chmod(0o600)
    with duckdb.connect("snapshot.duckdb") as connection:
        connection.execute("DROP VIEW airmeet_data_views.poll_overview")
    result = report("--html", "report.html")
    assert result.code == 2
    assert "has no views" in result.err

    monkeypatch.setitem(sys.modules, "altair", None)
    result = report("--html", "report.html")
    assert result.code == 2
    assert 'pip install "airmeet-source[report]"' in result.err
