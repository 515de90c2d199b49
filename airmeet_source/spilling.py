"""What grows with a list stays small in memory: beyond a size it goes on in a temporary file."""

import sqlite3
import weakref
from collections.abc import Collection, Mapping

_IN_MEMORY = 250_000  # entries, of some 120 bytes each
_CACHE_KIB = 8_000  # of the file


class NumberMap:
    """A map of 64-bit numbers, such as hashes, to others. One thread at a time may use it.

    The file has no name in any folder, so it is gone with the process, however that ends.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._file: sqlite3.Connection | None = None

    def get(self, key: int, default: int | None = None) -> int | None:
        """The number under a key."""
        if self._file is None:
            return self._numbers.get(key, default)
        found = self._file.execute("SELECT number FROM numbers WHERE key = ?", (key,)).fetchone()
        return default if found is None else int(found[0])

    def __contains__(self, key: int) -> bool:
        return key in self._numbers if self._file is None else self.get(key) is not None

    def isdisjoint(self, keys: Collection[int]) -> bool:
        """Whether none of the keys is there."""
        if self._file is None:
            return self._numbers.keys().isdisjoint(keys)
        return not any(key in self for key in keys)

    def update(self, numbers: Mapping[int, int]) -> None:
        """Put numbers under their keys."""
        if self._file is not None:
            self._file.executemany("INSERT OR REPLACE INTO numbers VALUES (?, ?)", numbers.items())
            return
        self._numbers.update(numbers)
        if len(self._numbers) > _IN_MEMORY:
            self._spill()

    def __setitem__(self, key: int, number: int) -> None:
        if self._file is not None or len(self._numbers) >= _IN_MEMORY:
            self.update({key: number})
        else:
            self._numbers[key] = number

    def count(self, key: int) -> int:
        """Count one more under a key, and say how many that makes."""
        number = (self.get(key) or 0) + 1
        self[key] = number
        return number

    def clear(self) -> None:
        """Forget everything."""
        self._numbers.clear()
        if self._file is not None:
            self._file.execute("DELETE FROM numbers")

    def _spill(self) -> None:
        file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, file.close)
        file.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        file.execute("PRAGMA journal_mode = OFF")
        file.execute("CREATE TABLE numbers (key INTEGER PRIMARY KEY, number INTEGER NOT NULL)")
        file.execute("BEGIN")
        file.executemany("INSERT INTO numbers VALUES (?, ?)", self._numbers.items())
        self._file, self._numbers = file, {}
