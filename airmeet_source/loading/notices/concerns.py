"""Concerns: what somebody on call has to know, in words that name nobody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from airmeet_source.disclosure.printable import printable
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import AirmeetError
from airmeet_source.extract.sync_log import gist
from airmeet_source.loading.analysts import place_of
from airmeet_source.loading.catalogues import Catalogue
from airmeet_source.loading.log_tables import Row
from airmeet_source.model.tables import TABLES
from airmeet_source.views.building import query_of

RUN = "run"  # the subject of what is wrong with runs as such

_OFTEN = 2  # failures in a row
_LONGEST = 100  # characters
_PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,40}")


@dataclass(frozen=True, kw_only=True)
class Concern:
    """Something that is wrong for now.

    Attributes:
        subject: A resource, or RUN.
        key: What tells it apart from others of the subject.
        told: What is wrong; the same for concerns of one kind.
        event: The id of the event, if it can be told.
    """

    subject: str
    key: str
    told: str
    event: str | None = None


def of_run(error: AirmeetError | None) -> Iterator[Concern]:
    """What is wrong with a run that has ended."""
    if error is not None:
        yield Concern(subject=RUN, key=type(error).__name__, told=reason(str(error)))


def of_units(catalogue: Catalogue, community: str, patience: timedelta, now: datetime) -> Iterator[Concern]:
    """The units that failed twice in a row, or have been pending for longer than ``patience``."""
    stored = catalogue.columns(catalogue.dataset, [*TABLES])
    if "sync_log" not in stored:
        return
    for unit in catalogue.rows(query_of("open_units", place_of(catalogue, stored))):
        is_old = now - unit["since"] >= patience
        if unit["community"] in (None, community) and (unit["failures"] >= _OFTEN or is_old):
            yield _of_unit(unit)


def _of_unit(unit: Row) -> Concern:
    ids = "\0".join(str(unit[name] or "") for name in ("airmeet_id", "entity_id"))
    event = str(unit["airmeet_id"] or "")
    said = reason(unit["error"] or "")
    return Concern(
        subject=unit["resource"],
        key=blake2b(ids.encode("utf-8", "replace"), digest_size=6).hexdigest(),
        told=f"{unit['state']}, {said}" if said else unit["state"],
        event=event if _PLAIN_ID.fullmatch(event) else None,
    )


def reason(message: str) -> str:
    """The beginning of a message, which is ours; what it quotes is left out."""
    return printable(without_secrets(gist(message)))[:_LONGEST].rstrip(" .")
