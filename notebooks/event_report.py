"""The event report for ``marimo run notebooks/event_report.py``; the app itself is part of the package."""

import marimo

app = marimo.App(width="full", app_title="Event report")

with app.setup:
    from airmeet_source.reporting.app import app as report


@app.cell
async def _():
    shown = await report.embed()
    shown.output
    return


if __name__ == "__main__":
    app.run()
