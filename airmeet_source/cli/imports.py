"""What a run imports: nothing that it does not need, and nothing that is searched for garbage."""

import argparse
import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # --help has no need of them
    from airmeet_source.cli.shared_options import SharedOptions

# pyarrow and DuckDB import them wherever they find them, which takes half as long as importing dlt. Drivers
# of other destinations may need them.
_UNNEEDED = frozenset({"numpy", "pandas"})
_WORK_WITHOUT = ("duckdb", "postgres")


class _Absent:
    """Has packages seem not to be installed, as they are not in an environment of ours alone."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the import system's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname in _UNNEEDED:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def leave_out_unneeded(options: "argparse.Namespace | SharedOptions") -> None:
    """Have this process, which is a run and nothing else, import neither pandas nor numpy."""
    if options.destination in _WORK_WITHOUT:
        sys.meta_path.insert(0, _Absent())


@contextmanager
def staying() -> Iterator[None]:
    """Have what is imported in the context spared from the search for garbage, then and later: it stays.

    The search would go through all of it again and again, which is a twelfth of a run that finds nothing new.
    """
    is_first = gc.isenabled() and "dlt" not in sys.modules  # to count what is spared takes 10 ms each time
    if is_first:
        gc.disable()
    try:
        yield
    finally:
        if is_first:
            gc.freeze()
            gc.enable()
