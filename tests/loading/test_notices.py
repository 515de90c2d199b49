"""Notices: told once when something becomes bad, once when it is well again, and nothing hangs on them."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source import UsageError, load
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.loading.notices import webhook
from airmeet_source.loading.notices.concerns import RUN, Concern, reason
from airmeet_source.loading.notices.message import News, message
from airmeet_source.loading.report import Report
from airmeet_source.settings import resolve_settings
from tests.support.cli import Cli, FirstLoad, query
from tests.support.hook import Hook, hook

FEW = ("--resources", "airmeets,tracks")
NOW = datetime(2026, 5, 6, tzinfo=UTC)
REPORT = Report(
    run_id="r1", status="partial", exit_code=3, community="default", pipeline="airmeet", destination="duckdb",
    dataset="airmeet_data", started_at=NOW, finished_at=NOW, requests=1, waited_seconds=0.0, rows={},
    units={}, problems=(), event_names={}, error=None, loaded_into=None,
)  # fmt: skip


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A few events of today."""
    with Sandbox(World(seed=7, events=12, people=2)) as running:
        yield running


@pytest.fixture
def hooked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A webhook that is configured."""
    with hook() as found:
        monkeypatch.setenv("SOURCES__AIRMEET__NOTIFY_URL", found.url)
        yield found


class TestRuns:
    def test_what_becomes_bad_is_told_once_and_once_that_it_is_well_again(
        self,
        cli: Cli,
        loaded: FirstLoad,
        hooked: Hook,
        sandbox: Sandbox,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        loaded(*FEW)
        event = sandbox.world.event_in("upcoming")
        rule = sandbox.faults.add(
            faults.status(500, message="jane@example.com <!channel>"), endpoint="tracks", path=event
        )
        assert cli(*FEW).code == 3
        assert hooked.taken() == []  # once may be an accident

        assert cli(*FEW).code == 3
        [told] = hooked.taken()
        assert f"tracks: 1 failed, HTTP 500 ({event})" in told
        assert not any(word in told for word in ("jane", "channel", "@", sandbox.access_key))

        monkeypatch.setenv("SOURCES__AIRMEET__SECRET_KEY", "anotherKeyThanTheSandboxHas")
        hooked.status = 500
        assert cli(*FEW).code == 2
        [undelivered] = hooked.taken()
        [warning] = [record.getMessage() for record in caplog.records if "told" in record.getMessage()]
        assert "HTTP 500" in warning
        assert "s3cretP4thOfTheHook" not in warning
        hooked.status = 200
        assert cli(*FEW).code == 2
        [told] = hooked.taken()
        assert told == undelivered
        assert told.splitlines()[1:] == [
            "the run failed: Airmeet refuses the keys",
            "airmeet status says more.",
        ]
        assert cli(*FEW).code == 2
        assert hooked.taken() == []

        monkeypatch.setenv("SOURCES__AIRMEET__SECRET_KEY", sandbox.secret_key)
        sandbox.faults.remove(rule)
        tracks = sandbox.world.records("tracks", event)
        sandbox.world.put(event, "tracks", [{**track, "newField": 7} for track in tracks])
        runs: list[object] = []
        hooked.meanwhile = lambda: runs.append(query("SELECT command FROM runs"))  # the file is free by then
        assert cli(*FEW).code == 0
        assert runs == [[("load",)] * 7]
        [told] = hooked.taken()
        assert told.splitlines()[1:] == ["new columns: tracks.new_field", "well again: runs, tracks"]

    def test_runs_that_do_not_get_to_the_destination_are_told_once_as_well(
        self, hooked: Hook, sandbox: Sandbox
    ) -> None:
        keys = {
            "access_key": sandbox.access_key,
            "secret_key": sandbox.secret_key,
            "base_url": sandbox.base_url,
        }
        for region in ("mars", "venus"):
            with pytest.raises(UsageError):
                load(resources=["airmeets"], pipelines_dir="p", **{**keys, "region": region})  # type: ignore[arg-type]
        [told] = hooked.taken()
        assert told.startswith("Airmeet into airmeet_data (duckdb, pipeline airmeet)\nthe run failed: ")

        load(resources=["airmeets"], pipelines_dir="p", **keys)  # type: ignore[arg-type]
        [told] = hooked.taken()
        assert told.endswith("\nwell again: runs")
        with pytest.raises(UsageError):
            load(demo=True, resources=["airmeets"], pipelines_dir="p", region="mars")
        assert hooked.taken() == []  # nobody is woken by a demo


class TestWebhooks:
    @pytest.mark.parametrize(
        ("seconds", "pause", "status", "why"),
        [
            (0, 0, 204, None),
            (0, 0, 500, "HTTP 500"),
            (0, 0, 302, "HTTP 302"),
            (5, 0, 200, "within"),
            (0, 0.1, 200, "within"),
        ],
    )
    def test_it_takes_no_longer_than_a_few_seconds(
        self, monkeypatch: pytest.MonkeyPatch, seconds: float, pause: float, status: int, why: str | None
    ) -> None:
        monkeypatch.setattr(webhook, "_SECONDS", 0.5)
        with hook() as found:
            found.seconds, found.pause, found.status = seconds, pause, status
            began = time.monotonic()
            failure = webhook.post(found.url, "words")
            assert time.monotonic() - began < 2
            assert found.posted == ["words"]  # a redirect is not followed
        assert (failure is None) == (why is None)
        assert why is None or why in str(failure)

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:9/x", "https://no-such-host.invalid/x", "https://127.0.0.1:9"]
    )
    def test_nobody_there(self, url: str) -> None:
        assert webhook.post(url, "words")

    @pytest.mark.parametrize(
        "url",
        ["http://hooks.example.com/T0/s3cretP4th1", "hooks.example.com/s3cretP4th1", "ftp://127.0.0.1/s3cretP4th1",
         "https://me:s3cretP4th1@example.com/", "https:///s3cretP4th1", "https://example.com:port/s3cretP4th1"],
    )  # fmt: skip
    def test_its_address_is_safe_and_secret(self, url: str) -> None:
        with pytest.raises(UsageError) as raised:
            resolve_settings(access_key="key", secret_key="secret", notify_url=url)
        assert "notify_url" in str(raised.value)
        assert "s3cretP4th1" not in str(raised.value)

        good = "https://hooks.example.com/services/T0AB/V3ryS3cretP4th"
        resolve_settings(access_key="key", secret_key="secret", notify_url=good)
        assert "V3ryS3cretP4th" not in without_secrets(f"POST {good}")


texts = st.text(max_size=200)


@given(
    said=texts, event=texts, column=texts, subject=st.sampled_from([RUN, "utms"]), number=st.integers(1, 300)
)
def test_a_message_is_short_and_commands_no_chat(
    said: str, event: str, column: str, subject: str, number: int
) -> None:
    bad = [
        Concern(subject=subject, key=str(n), told=f"failed, {reason(f'{said}{n % 20}')}", event=event[:40])
        for n in range(number)
    ]
    told = message(
        News(bad=bad, columns=[column] * number, well=["tracks"]), replace(REPORT, community="north")
    )

    assert len(told.splitlines()) <= 13
    assert len(told) < 4_000
    assert not set(told) & set("<>&@`*~|")
    assert "community north" in told


def test_a_reason_is_the_beginning_of_a_message() -> None:
    assert reason("HTTP 503: Jane Example was here (after 6 attempts)") == "HTTP 503"
    assert reason("Airmeet refuses the keys (HTTP 403 at /auth: no).\nAsked: …") == "Airmeet refuses the keys"
