"""Hypothesis strategies: everything that a JSON parser can hand over, and what it is compared with."""

import json
from typing import Any

from hypothesis import strategies as st

from airmeet_source.fields import json_text

# lone surrogates and NUL included: JSON can spell both, "\ud800" and "\u0000"
TEXTS = st.text(st.characters(), max_size=12)
NUMBERS = st.one_of(
    st.integers(-5, 5),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**300]),
    st.floats(),  # NaN and infinity included: Python's parser takes them
)
NUMBER_TEXTS = NUMBERS.map(str)
TIME_TEXTS = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.sampled_from(["2021:12:25T12:20:56.00Z", "2021-12-25 12:20", "2021-02-30T00:00:00Z", "0000-01-01"]),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), NUMBERS, NUMBER_TEXTS, TIME_TEXTS, TEXTS, st.sampled_from(["true", "No", ""])
)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def as_kept(value: Any) -> Any:
    """What a raw value looks like after it was kept as JSON text."""
    return json.loads(json_text(value))
