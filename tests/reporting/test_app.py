"""`airmeet report`: the app, served by marimo and looked at in a real browser."""

import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from airmeet_source.reporting import words
from tests.reporting.conftest import PHONE, fact, overflow, part
from tests.support.cli import FirstLoad, query
from tests.support.pages import ROOT

AIRMEET = [sys.executable, "-m", "airmeet_source", "report", "--no-browser"]
NOTEBOOK = str(ROOT / "notebooks" / "event_report.py")


@contextmanager
def served() -> Iterator[str]:
    """The address of the app."""
    with subprocess.Popen(AIRMEET, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        try:
            told = next(filter(None, (re.search(r"http://\S+", line) for line in server.stdout)))
            yield told[0]
        finally:
            server.terminate()


def test_the_app_shows_the_figures_of_the_events_that_are_chosen(
    loaded: FirstLoad, opened: Callable[..., Page]
) -> None:
    loaded(views=True)
    views = "airmeet_data_views.event_overview"
    [(total,)] = query(f"SELECT sum(registrants) FROM {views}")
    [(name, one)] = query(f"SELECT event_name, registrants FROM {views} ORDER BY start_time LIMIT 1")
    with served() as url:
        stranger = opened(url.partition("?")[0])
        assert stranger.locator(".airmeet-report").count() == 0
        assert "password" in stranger.content()
        page = opened(url, width=PHONE)
        page.locator(".airmeet-report .chart svg").first.wait_for(timeout=60_000)

        assert fact(page, "registrants") == words.count(total)
        assert "Nothing is missing" in part(page, "state").inner_text()
        assert overflow(page) == []

        page.get_by_text("Select...").last.click()
        page.get_by_role("option", name=name).click()
        page.locator(".about", has_text=f"{name}, ").wait_for(timeout=60_000)
        assert fact(page, "registrants") == words.count(one)
        # the file is open only while it is read
        assert query("SELECT count(*) > 0 FROM airmeets") == [(True,)]


def test_the_notebook_is_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [NOTEBOOK])
    assert "report" in runpy.run_path(NOTEBOOK, run_name="__main__")
