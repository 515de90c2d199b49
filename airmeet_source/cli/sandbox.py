"""``airmeet sandbox``: a stand-in for the API in the foreground."""

import argparse
from types import ModuleType

from airmeet_source.errors import NotInstalled


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the sandbox itself."""
    _sandbox().add_options(parser)


def run(_parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    _sandbox().serve(parsed)
    return 0


def _sandbox() -> ModuleType:
    try:
        from airmeet_sandbox import __main__ as sandbox  # noqa: PLC0415 - it needs the extra `demo`
    except ImportError:
        raise NotInstalled("The sandbox", "airmeet-source[demo]") from None
    return sandbox
