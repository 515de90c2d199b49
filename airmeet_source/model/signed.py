"""Signed addresses: what is made anew for each answer in them is no change of a record."""

import re

_URL = re.compile(r'https?://[^"\\\s]*')
_SIGNED = re.compile("sign|expir|token|policy|credential|sig=", re.IGNORECASE)  # in its query


def unsigned(text: str) -> str:
    """A text, perhaps of JSON, with its addresses; without their queries, if these are signatures."""
    return _URL.sub(_unsigned, text)


def _unsigned(url: re.Match[str]) -> str:
    place, _, query = url.group().partition("?")
    return place if _SIGNED.search(query) else url.group()
