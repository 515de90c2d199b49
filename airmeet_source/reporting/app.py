"""The event report as a marimo app: choosers, and the report below them.

It takes the options of ``airmeet report`` that say where the data is, behind ``--``.
"""

import marimo

app = marimo.App(width="full", app_title="Event report")

with app.setup:
    import marimo as mo

    from airmeet_source.reporting.serving import choosers, events_of, report, target_of


@app.cell
def _():
    arguments = mo.cli_args().to_dict()
    target = target_of(arguments)
    overview = events_of(target)
    return arguments, overview, target


@app.cell
def _(arguments, overview):
    chosen = choosers(overview, arguments.get("community"))
    chosen if overview else None
    return (chosen,)


@app.cell
def _(chosen, target):
    report(target, chosen.value)
    return


if __name__ == "__main__":
    app.run()
