"""What the connector tells its users: the texts of errors and warnings, with … for what varies."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from airmeet_source import errors
from tests.support.pages import ROOT, Page

_CLASSES = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.AirmeetError)
}
_FIXED = re.compile(r"[A-Za-z]{3}.* .*[A-Za-z]{3}")  # a text of more than a word and a placeholder
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%[sdg.\d]+")
_BOLD = re.compile(r"\*\*`?(.+?)`?\*\*", re.DOTALL)
_MODULES = sorted((ROOT / "airmeet_source").rglob("*.py"))


def messages() -> set[str]:
    """Those of errors that are raised, of warnings that are logged and of options that are refused."""
    named = _CLASSES | {"warning", "error"}
    return {text for path in _MODULES for text in _calls_in(path, named) if _FIXED.search(text)}


def reasons() -> set[str]:
    """Why a list was not read, as the connector says it."""
    named = {"Failed", "NotAvailable", "GiveUp", "Doubtful", "CutShort", "Endless", "_TooMuch"}
    return {text for path in _MODULES for text in _calls_in(path, named) if _FIXED.search(text)}


def texts() -> str:
    """Every text in the code, whatever becomes of it."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in _MODULES)
    return "\n".join(
        _plain(_template(node, {}))
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr | ast.Constant)
    )


def described(page: Page, heading: str) -> set[str]:
    """The messages that a part of a page, up to the next one of its rank, has in bold letters."""
    _, _, rest = page.prose.partition(f"\n{heading}\n")
    assert rest, heading
    part = re.split(rf"^{heading.split(maxsplit=1)[0]} ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return {_plain(text) for text in _BOLD.findall(part)}


def _calls_in(path: Path, named: set[str]) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        node.targets[0].id: _template(node.value, {})
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        if name not in named:
            continue
        if name == errors.NotInstalled.__name__:
            yield "… needs packages that are not installed"
        else:
            yield from (_plain(_template(argument, constants)) for argument in node.args)


def _template(node: ast.AST, constants: Mapping[str, str]) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return _PLACEHOLDER.sub("…", text)
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)
        case ast.BinOp(left=left, right=right):
            return _template(left, constants) + _template(right, constants)
        case ast.Call(func=ast.Attribute(value=text, attr="format")):
            return _template(text, constants)
        case ast.Name(id=name):
            return constants.get(name, "…")
    return "…"


def _plain(text: str) -> str:
    """The text on one line, without the marks at its end."""
    return re.sub(r"…+", "…", " ".join(text.split())).rstrip(" .:,…")
