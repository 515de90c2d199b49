"""A real browser, started once, and the command that it looks at the results of."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from altair.utils.schemapi import debug_mode
from playwright.sync_api import Browser, Page, sync_playwright

from airmeet_source.cli.main import call
from tests.support.cli import Result

DESK, PHONE = 1280, 390  # pixels
NO_BROWSER = "The report is tested in Chromium, which is not here: apt-get install -y chromium"

Report = Callable[..., Result]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page in the browser; what it asks others for and what goes wrong in it is an error."""
    pages: list[Page] = []
    wrong: list[str] = []

    def open_page(url: str, *, width: int = DESK) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, offline="://" not in url)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.extend(_from_others(request.url)))
        pages.append(page)
        page.goto(url if "://" in url else Path(url).resolve().as_uri())
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert wrong == []


def _from_others(url: str) -> list[str]:
    return (
        [] if url.startswith(("file:", "data:", "blob:", "http://localhost:", "http://127.0.0.1:")) else [url]
    )


@pytest.fixture
def quick_charts() -> Iterator[None]:
    """Altair does not compare charts with its schema, which is half the time of a report."""
    with debug_mode(False):
        yield


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    """The command."""

    def run(*words: str) -> Result:
        try:
            code = call("report", words, prog="airmeet report")
        except SystemExit as stopped:
            code = int(str(stopped.code))
        return Result(code, *capsys.readouterr())

    return run


def overflow(page: Page) -> list[Any]:
    """What is wider than the screen; tables scroll in themselves."""
    found: list[Any] = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(each => !each.closest('.wide') && !each.closest('svg'))
            .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .map(each => each.outerHTML.slice(0, 200))"""
    )
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *(["the page itself"] if wide else [])]


def fact(page: Page, name: str) -> str:
    """One of the large numbers."""
    return page.locator(f"[data-fact={name}] b").inner_text()


def part(page: Page, name: str) -> Any:
    """One of the parts."""
    return page.locator(f"[data-part={name}]")
