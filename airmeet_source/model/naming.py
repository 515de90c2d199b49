"""What the columns of undocumented fields are called."""

import hashlib
import re
import unicodedata

from dlt.common.normalizers.naming.snake_case import NamingConvention

from airmeet_source.fields import squash
from airmeet_source.model.columns import DELETED, UNPARSED

LONGEST_NAME = 63  # what Postgres takes, the least of all destinations: a column has one name everywhere

_NAMING = NamingConvention()
_OURS = re.compile(f"{DELETED}|{UNPARSED}|_dlt_.*")
# names that Postgres or BigQuery keep for themselves
_SYSTEM = re.compile(
    "ctid|cmax|cmin|xmax|xmin|tableoid|_(table_|file_|partition|row_timestamp|colidentifier|change_).*"
)
_NO_WORD = re.compile("[^A-Za-z0-9]+")
_TAG = re.compile("_x[0-9a-f]{10}")
_TAG_LENGTH = 12


def identity(field: str) -> str:
    """What makes a field this field: the same for all spellings that are one column.

    It is empty for what can have none: what is called like a column of ours, or is nothing but separators.
    """
    letters = squash(field)
    if letters.startswith(("dlt", "deleted", "unparsed")) and _OURS.fullmatch(_snake_case(field)):
        return ""
    return letters


def column_name(field: str) -> str:
    """The name of the column of a field that can have one.

    Usually that is the snake case that dlt makes of the field. Where that would leave something out (``c++``,
    names without Latin letters), is too long or means something to a destination, a tag ends it that is made
    of the whole field name. So a column belongs to one field, whatever else this run or another one finds.
    """
    letters, beginning = squash(field), field[: 2 * LONGEST_NAME]
    readable = unicodedata.normalize("NFKD", beginning).encode("ascii", "ignore").decode()
    words = _snake_case(_NO_WORD.sub("_", readable).strip("_"))
    for name in (_snake_case(beginning), words):
        if squash(name) == letters and _is_free(name):
            return name
    tag = hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{words[: LONGEST_NAME - _TAG_LENGTH].rstrip('_') or 'field'}_x{tag}"


def is_tagged(name: str) -> bool:
    """Whether the name of a column ends with a tag."""
    return _TAG.fullmatch(name[-_TAG_LENGTH:]) is not None


def _is_free(name: str) -> bool:
    return name.isascii() and len(name) <= LONGEST_NAME and not (_SYSTEM.fullmatch(name) or is_tagged(name))


def _snake_case(text: str) -> str:
    try:
        return _NAMING.normalize_identifier(text)
    except ValueError:  # nothing but blanks
        return ""
