"""Build a site of all pages: ``python docs/build_site.py`` writes it to ``build/site``.

The pages are made to be read as plain Markdown, so they and what they link to are copied as they lie in the
repository. A link that leads nowhere fails.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAGE = ROOT / "build" / "pages"
LINK = re.compile(r"\]\(([^)\s#]+)[^)\s]*\)")


def linked_from(pages: list[Path]) -> set[Path]:
    """The pages, and all files that they or pages that they link to link to."""
    found, waiting = set(pages), list(pages)
    while waiting:
        page = waiting.pop()
        if page.suffix != ".md":
            continue
        targets = (page.parent / name for name in LINK.findall(page.read_text(encoding="utf-8")))
        news = {path.resolve() for path in targets if path.is_file()} - found
        found |= news
        waiting += news
    return {path for path in found if path.is_relative_to(ROOT)}


def main() -> int:
    """Copy the pages, and have them built."""
    shutil.rmtree(STAGE, ignore_errors=True)
    for path in linked_from([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]):
        copy = STAGE / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
