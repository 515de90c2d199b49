"""Personal data: kept, hashed or dropped, before anything is written anywhere.

Hashing is HMAC-SHA-256 of the trimmed, lower-cased value with a secret salt: the same person has the same
value in every table, so joins still work, and nobody without the salt can try out addresses.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Literal

from airmeet_source.fields import JSON, to_text
from airmeet_source.model.table import Table

Mode = Literal["keep", "hash", "drop"]

_TELLS_OF_PEOPLE = re.compile(
    "mail|phone|mobile|name|host|speaker|contact|person|people|user|profile|address"
)


@dataclass(frozen=True, repr=False)
class Privacy:
    """What to do with personal data; the default is to keep it."""

    mode: Mode = "keep"
    salt: str = ""

    @property
    def keeps(self) -> bool:
        """Whether personal data is loaded as it is."""
        return self.mode == "keep"

    def protect(self, value: JSON) -> str | None:
        """What is loaded instead of a personal value; None stays None."""
        if value is None or self.mode == "drop":
            return None
        return self.digest(to_text(value).strip().lower())

    def digest(self, text: str) -> str:
        """A key made of a text that must not be readable from it."""
        if self.keeps:
            return hashlib.sha256(text.encode()).hexdigest()
        return hmac.new(self.salt.encode(), text.encode(), hashlib.sha256).hexdigest()

    def personal_columns(self, table: Table) -> frozenset[str]:
        """The declared columns whose values are protected."""
        return frozenset() if self.keeps else frozenset(c.name for c in table.columns if c.personal)

    def protects_unknown(self, table: Table, column: str) -> bool:
        """Whether an undocumented column is taken for personal: all of them in tables about people."""
        if self.keeps:
            return False
        return table.about_people or _TELLS_OF_PEOPLE.search(column) is not None

    def protect_misfit(self, table: Table, field: str, value: JSON) -> JSON:
        """What is kept of a value that did not fit its column, or whose field has no column."""
        if self.keeps:
            return value
        typed = any(column.name == field and column.data_type != "text" for column in table.columns)
        return value if typed else self.protect(value)
