"""No log record holds a secret, whichever logger writes it, and no exception tells one."""

import logging
import traceback
from collections.abc import Iterator

import pytest

from airmeet_source.disclosure.exceptions import chain, retold, without_originals
from airmeet_source.disclosure.records import keep_secrets_out_of_records
from airmeet_source.disclosure.secrets import SECRETS
from tests.support.disguises import DISGUISES, Disguise

BROKEN = "there is only one %s %s"
KEY = "rec0rds+Key/4Logs="


@pytest.fixture(autouse=True)
def _records() -> Iterator[None]:
    make = logging.getLogRecordFactory()
    SECRETS.add(KEY)
    keep_secrets_out_of_records()
    yield
    logging.setLogRecordFactory(make)


@pytest.mark.parametrize("name", ["root", "dlt", "urllib3.connectionpool", "airmeet_source", "anything"])
@pytest.mark.parametrize("disguise", [DISGUISES["plain"], DISGUISES["for urls"], DISGUISES["base64"]])
def test_records_of_any_logger(caplog: pytest.LogCaptureFixture, name: str, disguise: Disguise) -> None:
    secret = disguise(KEY)
    logger = logging.getLogger(None if name == "root" else name)
    logger.addHandler(caplog.handler)  # not all of them propagate
    try:
        with caplog.at_level(logging.DEBUG, logger.name):
            logger.debug("GET /?key=%s", secret)
            logger.info(f"key {secret}")  # noqa: G004
            logger.warning("%(key)s", {"key": secret})
            logger.log(logging.ERROR, BROKEN, secret)
            logger.error(ValueError(secret))
    finally:
        logger.removeHandler(caplog.handler)

    assert len(caplog.records) >= 5
    for record in caplog.records:
        assert secret not in record.getMessage()
        assert secret not in repr(vars(record))


def test_tracebacks_in_records(caplog: pytest.LogCaptureFixture) -> None:
    try:
        try:
            raise KeyError(KEY)
        except KeyError as error:
            raise ValueError(f"no {KEY}") from error
    except ValueError:
        logging.getLogger("dlt").exception("failed")
        logging.getLogger("anything").exception("failed")

    assert "Traceback" in caplog.text
    assert KEY not in caplog.text
    assert all(KEY not in repr(vars(record)) for record in caplog.records)


def test_other_records_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("nothing to hide")
    logging.getLogger("anything").warning("%s is %d", "one", 1, exc_info=error)

    (record,) = caplog.records
    assert (record.msg, record.args) == ("%s is %d", ("one", 1))
    assert record.exc_info is not None
    assert record.exc_info[1] is error


def test_causes_and_notes_of_an_exception_are_told_without_secrets() -> None:
    try:
        try:
            try:
                raise ConnectionError(f"postgresql://me:{KEY}@host")
            except ConnectionError as error:
                raise ValueError(KEY) from error
        except ValueError:
            raise RuntimeError("failed")  # noqa: B904 - a context counts as well
    except RuntimeError as error:
        error.add_note(f"key: {KEY}")
        without_originals(error, lambda cause: f"no words of {type(cause).__name__}")
        told = "".join(traceback.format_exception(error))
        links = list(chain(error))

    assert KEY not in told
    assert "ConnectionError: no words of ConnectionError" in told
    assert "raise ConnectionError" in told  # where it happened
    assert [type(link).__name__ for link in links] == ["RuntimeError", "Retold", "Retold"]
    assert all(KEY not in repr(link) and link.__context__ is None for link in links)


def test_a_chain_may_be_a_circle() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one

    assert str(retold(one, str)) == "ValueError: one"
