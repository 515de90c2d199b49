"""dlt asks anew of what types settings and schemas are, for each client and each schema that it makes.

That is a fifth of a run. The answers are the same each time, so the tests remember them.
"""

import sys
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from dlt.common import typing, validation
from dlt.common.configuration.specs import base_configuration
from dlt.common.configuration.specs.base_configuration import BaseConfiguration, is_valid_configspec_field

_ASKED = (
    *(base_configuration.extract_inner_hint, base_configuration.is_secret_hint),
    *(base_configuration.is_hint_not_resolvable, base_configuration.is_valid_hint),
    *(typing.extract_inner_type, typing.get_all_types_of_class_in_union),
    *(typing.is_literal_type, typing.is_optional_type, typing.is_subclass, typing.is_union_type),
)


def remember_types() -> None:
    """Have every module of dlt ask for each type once in this process."""
    remembering = {function: _remembering(function) for function in _ASKED}
    for name in [name for name in sys.modules if name.startswith("dlt.")]:
        names = vars(sys.modules[name])
        for known_as, value in list(names.items()):
            if isinstance(value, FunctionType) and value in remembering:
                names[known_as] = remembering[value]
    # each injection of settings asks whether there are any, and they are counted
    count = cache(lambda spec: sum(map(is_valid_configspec_field, spec.__dataclass_fields__.values())))
    BaseConfiguration.__len__ = lambda self: count(type(self))  # type: ignore[method-assign]
    names = vars(validation)
    hints = cache(names["get_type_hints"])
    names["get_type_hints"] = lambda spec, **_: hints(spec)


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    remembered = cache(function)

    def ask(*types: Any, **options: bool) -> Any:
        try:
            return remembered(*types, **options)
        except TypeError:  # a type that cannot be looked up
            return function(*types, **options)

    return ask
