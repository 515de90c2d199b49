"""Parsing options: a mistake is answered in a line or two, with the name that was probably meant."""

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from rich_argparse import RichHelpFormatter

from airmeet_source.disclosure.printable import printable
from airmeet_source.spelling import did_you_mean


class Parser(argparse.ArgumentParser):
    """argparse without the lines of usage that hide the message."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=RichHelpFormatter, allow_abbrev=False, **settings)

    def parse_args(  # type: ignore[override] # the base class has overloads for other namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse all arguments; a mistake ends the program with exit code 2."""
        parsed, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self.error(self._unknown(unknown[0].partition("=")[0]))
        return parsed

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end the program with exit code 2."""
        said = printable(message.removeprefix("argument "))
        self.exit(2, f"error: {said}\n{self.prog} --help lists what there is.\n")

    def _unknown(self, argument: str) -> str:
        if not argument.startswith("-"):
            return f"{argument!r} belongs to no option"
        known = [option for action in self._actions for option in action.option_strings]
        return f"{argument}: no such option{did_you_mean(argument, known)}"

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            hint = did_you_mean(str(value), choices)
            raise argparse.ArgumentError(action, f"{value!r} is not one of {', '.join(choices)}{hint}")
