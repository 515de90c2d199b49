"""Arrow tables that wait to be handed over: in memory while they are small, then in a temporary file.

A whole list is handed over only when it is read to its end, and may be larger than the memory. What is
written here is what the load package will hold: personal data is protected already.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from weakref import WeakSet

import pyarrow as pa

IN_MEMORY = 16_000_000  # bytes of one table
IN_MEMORY_TOGETHER = 32_000_000  # of all tables and lists of a run


@dataclass(frozen=True, slots=True)
class _Written:
    """Tables in a file, as one."""

    file: IO[bytes]
    start: int
    length: int

    def read(self) -> pa.Table:
        self.file.seek(self.start)
        return pa.ipc.open_stream(self.file.read(self.length)).read_all()


class Room:
    """The memory that spools share: eight lists that are read at the same time have no more than one."""

    def __init__(self) -> None:
        self._spools: WeakSet[Spool] = WeakSet()

    def enter(self, spool: "Spool") -> None:
        """A spool's tables are in the same memory from now on, as long as there is the spool."""
        self._spools.add(spool)

    @property
    def is_full(self) -> bool:
        """Whether the next table belongs in a file."""
        return sum(spool.in_memory for spool in self._spools) >= IN_MEMORY_TOGETHER


class Spool:
    """Tables in the order in which they came.

    Its file has no name in any folder, so it is gone with the process, however that ends.

    Args:
        folder: of the file; by default the system's for temporary files.
        room: the memory that it shares with others.
    """

    def __init__(self, folder: Path | None = None, room: Room | None = None) -> None:
        self._folder = folder
        self._room = room or Room()
        self._room.enter(self)
        self._file: IO[bytes] | None = None
        self._parts: list[pa.Table | _Written] = []
        self.in_memory = 0  # bytes
        self.size = 0  # bytes
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Put a table behind the others."""
        self._parts.append(table)
        self.in_memory += table.nbytes
        self.size += table.nbytes
        self.rows += table.num_rows
        if self.in_memory >= IN_MEMORY or self._room.is_full:
            self._parts = list(map(self._written, self._joined()))
            self.in_memory = 0

    def absorb(self, other: "Spool") -> None:
        """Take over the tables of another one."""
        self._parts += other._parts  # noqa: SLF001 - its own kind
        self.in_memory, other.in_memory = self.in_memory + other.in_memory, 0
        self.size += other.size
        self.rows += other.rows

    def take(self) -> Iterator[pa.Table]:
        """Hand over everything, in a few tables of a size that suits the memory."""
        joined = self._joined()
        self._parts, self.in_memory, self.size, self.rows = [], 0, 0, 0
        for part in joined:
            yield part.read() if isinstance(part, _Written) else part

    def _joined(self) -> list[pa.Table | _Written]:
        """The parts, with tables in memory that follow one another as one."""
        joined: list[pa.Table | _Written] = []
        waiting: list[pa.Table] = []
        for part in (*self._parts, None):
            if isinstance(part, pa.Table):
                waiting.append(part)
                continue
            if waiting:
                joined.append(pa.concat_tables(waiting, promote_options="default"))
                waiting = []
            if part is not None:
                joined.append(part)
        return joined

    def _written(self, part: pa.Table | _Written) -> _Written:
        if isinstance(part, _Written):
            return part
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - as long as it is read
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, part.schema) as stream:
            stream.write_table(part)
        start = self._file.seek(0, 2)
        length = self._file.write(sink.getvalue())
        return _Written(self._file, start, length)
