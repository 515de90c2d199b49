"""Origin: whose events a dataset holds, and what became of personal data in it.

What tells that is part of the state, so that it moves with the rows. Keys are not: they are replaced now and
then, and have no business in a database. The ids of some of the listed events do as well.
"""

import hashlib
import hmac
from collections.abc import Iterable
from heapq import nsmallest
from zlib import crc32

from airmeet_source.settings import Settings

_SAMPLE = 200  # ids: of a list that grows or shrinks, most of them stay the same
_PROOF = 16  # digits: enough to tell two salts apart, too few to find one


def sample(airmeet_ids: Iterable[str]) -> list[str]:
    """Some of the ids of a list, always the same ones of the same list."""
    return nsmallest(
        _SAMPLE, set(airmeet_ids), key=lambda airmeet_id: (crc32(airmeet_id.encode()), airmeet_id)
    )


def pii_of(settings: Settings) -> str:
    """What becomes of personal data; of a salt only what tells whether another one is the same."""
    if settings.pii != "hash":
        return settings.pii
    proof = hmac.new(settings.pii_salt.encode(), b"airmeet", hashlib.sha256).hexdigest()
    return f"{settings.pii} {proof[:_PROOF]}"
