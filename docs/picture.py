"""Takes the README's picture of the report; needs Chromium and the extra ``test``."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parent / "images" / "report.png"
WIDTH, HEIGHT = 1280, 1180


def main() -> None:
    """Load the demo, write its report and take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        for words in (["load", "--demo", "--pipelines-dir", "pipelines"], ["report", "--html", str(page)]):
            subprocess.run([sys.executable, "-m", "airmeet_source", *words], cwd=folder, check=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            shown.goto(page.as_uri())
            shown.wait_for_function("document.querySelectorAll('.chart svg').length > 5")
            PICTURE.parent.mkdir(exist_ok=True)
            shown.screenshot(path=PICTURE)
            browser.close()


if __name__ == "__main__":
    main()
