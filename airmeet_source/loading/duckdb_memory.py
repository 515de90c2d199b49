"""How much memory DuckDB takes of the default file: what a load package needs, and no more."""

import logging

import dlt
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

log = logging.getLogger("airmeet_source")

_MEGABYTE = 1_000_000
_LEAST = 96 * _MEGABYTE
_MOST = 4_000 * _MEGABYTE

# DuckDB undoes an aborted DELETE only when the file is closed: until then dlt's next attempts meet a conflict
_SHORT_OF_MEMORY = ("Out of Memory Error", "Conflict on tuple deletion")


def limited_credentials(file: str) -> DuckDbCredentials:
    """Credentials of a DuckDB file with a limit.

    Without one, DuckDB keeps what it has read of the file until most of the machine's memory is full.
    """
    return DuckDbCredentials(file, global_config=_config(_LEAST))


class DuckDbMemory:
    """The limit, for one run. Who names a file of their own has their own settings, or DuckDB's."""

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        credentials = pipeline.destination.config_params.get("credentials")
        self._credentials = credentials if isinstance(credentials, DuckDbCredentials) else None
        self._least = self._limit = _LEAST

    def give(self, package_size: int) -> None:
        """Have the limit follow the bytes of Arrow data of the load package that comes next.

        What DuckDB pins to replace rows grows with their number; it cannot put that on the disk. For rows
        that lie near each other, 24 MB and three times the package were measured to do with two threads.
        """
        self._set(max(self._least, 24 * _MEGABYTE + 3 * package_size))

    def give_more(self, failure: Exception) -> bool:
        """Raise the limit if it is why a load failed, for the rest of the run; False if it is not.

        Rows all over a large table need more, 8 bytes for each row of it: that cannot be told beforehand.
        """
        short = any(words in str(failure) for words in _SHORT_OF_MEMORY)
        if self._credentials is None or not short or self._limit >= _MOST:
            return False
        self._least = min(4 * self._limit, _MOST)  # dlt makes five attempts with each
        self._set(self._least)
        log.warning("DuckDB needs more memory to replace rows: up to %d MB.", self._least // _MEGABYTE)
        return True

    def _set(self, limit: int) -> None:
        self._limit = limit
        if self._credentials is not None:
            self._credentials.global_config = _config(limit)


def _config(limit: int) -> dict[str, str]:
    return {"memory_limit": f"{limit // _MEGABYTE}MB", "threads": "2"}
