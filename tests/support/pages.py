"""The project's pages as a reader sees them: their code blocks, commands, links and headings."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_COMMENT = re.compile(r"(^|\s{2,})#.*")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    """A Markdown page."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """All of it but the code blocks."""
        return _FENCE.sub("", self.text)

    def blocks(self, language: str) -> list[str]:
        """The code blocks in a language."""
        return [dedent(code) for marked, code in _FENCE.findall(self.text) if marked == language]

    def commands(self) -> list[str]:
        """The lines of the shell blocks, comments removed."""
        lines = (_COMMENT.sub("", line) for code in self.blocks("bash") for line in code.splitlines())
        return [line.strip() for line in lines if line.strip()]

    def section(self, heading: str) -> str:
        """The prose under a heading, up to the next one."""
        _, _, rest = self.prose.partition(f"\n{heading}\n")
        assert rest, f"{self} has no heading {heading!r}"
        return re.split(r"^#", rest, maxsplit=1, flags=re.MULTILINE)[0]

    def links(self) -> list[str]:
        """What its links and pictures lead to, but for other sites."""
        return [target for target in _LINK.findall(self.prose) if not target.startswith("http")]

    def anchors(self) -> set[str]:
        """Its headings as GitHub makes anchors of them."""
        names = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(self.prose))
        return {name.replace(" ", "-") for name in names}


README = Page(ROOT / "README.md")
CONTRIBUTING = Page(ROOT / "CONTRIBUTING.md")
SETTINGS = Page(ROOT / "docs" / "settings.md")
TROUBLESHOOTING = Page(ROOT / "docs" / "troubleshooting.md")
_NAMES = ("README.md", "CONTRIBUTING.md", "AGENTS.md", "CHANGELOG.md", "airmeet_sandbox/README.md")
_FILES = (*(ROOT / name for name in _NAMES), *sorted((ROOT / "docs").glob("*.md")))
PAGES = tuple(map(Page, _FILES))


def of_all_pages(language: str) -> dict[str, str]:
    """The code blocks in a language of all pages, named by page and number."""
    return {
        f"{page}-{number}": code
        for page in PAGES
        for number, code in enumerate(page.blocks(language), start=1)
    }
