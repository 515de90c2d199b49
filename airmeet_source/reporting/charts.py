"""The charts of a report: Altair, one palette, as wide as the place they are in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from airmeet_source.reporting.selection import Row
from airmeet_source.reporting.words import day

INK, MUTED, LINES = "#1e2a3a", "#5d6b7e", "#e4e8ee"
MAIN, PALE, ASIDE = "#2f5aa8", "#b9cbea", "#2a9d8f"
SERIES = (MAIN, ASIDE, "#e0912f", "#8a5fb0", "#c8504b", "#6b7d93")

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
# pixels: a bar, the line of words above it, a second one, what is left below, and a letter
_BAR, _LABEL, _UNDER, _GAP, _DIGIT = 14, 20, 15, 8, 7.5
_HEIGHT = 240  # of charts with axes
_WORDS = ("label", "under", "told")


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A chart, and the words above it, which say what it counts."""

    title: str
    chart: Any


def _finished(chart: Any, height: int, padding: int = 5) -> Any:
    """A chart that takes the width of its place."""
    return (
        chart.properties(
            width="container",
            height=height,
            padding=padding,
            background="transparent",
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
            usermeta={"embedOptions": {"actions": False, "renderer": "svg"}},
        )
        .configure(font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED,
            titleColor=MUTED,
            titleFontWeight="normal",
            gridColor=LINES,
            domainColor=LINES,
            tickColor=LINES,
            labelFontSize=11,
            titleFontSize=11,
        )
        .configure_legend(labelColor=INK, labelFontSize=11, labelLimit=300, symbolType="stroke")
    )


def _data(rows: Sequence[Row]) -> Any:
    return alt.InlineData(values=[dict(row) for row in rows])


def ranking(
    rows: Sequence[Row], *, title: str, largest: float | None = None, thickness: int = _BAR
) -> Drawing:
    """Bars from the top down, each below its own words, so that these may be long on a small screen too.

    Args:
        rows: ``label``, ``value`` and ``told`` (what stands at the right). If there are any: ``under``, a
            second line, and ``part``, the part of the value that is drawn in the stronger colour.
        title: says what the bars count.
        largest: value of a bar as long as the chart is wide; default: the largest of all.
        thickness: of the bars, in pixels.
    """
    has_parts = any(row.get("part") is not None for row in rows)
    above = _LABEL + (_UNDER if any(row.get("under") for row in rows) else 0)
    height = len(rows) * (above + thickness + _GAP)
    base = alt.Chart(_data([{**row, "place": place} for place, row in enumerate(rows)])).encode(
        y=alt.Y("place:Q").scale(domain=[0, len(rows)], range=[0, height]).axis(None),
        tooltip=[
            alt.Tooltip(f"{name}:N", title=" " * blanks)  # titles of their own, or one would be shown
            for blanks, name in enumerate(_WORDS, 1)
            if any(row.get(name) for row in rows)
        ],
    )
    top = largest or max([row["value"] or 0 for row in rows], default=0) or 1
    length = alt.X("value:Q").scale(domain=[0, top]).axis(None)
    bar = base.mark_bar(height=thickness, yOffset=above + thickness / 2, cornerRadius=2).encode(
        x2=alt.datum(0)
    )
    layers = [bar.encode(x=length, color=alt.value(PALE if has_parts else MAIN))]
    if has_parts:
        layers.append(bar.encode(x=alt.X("part:Q").axis(None), color=alt.value(MAIN)))
    return Drawing(title=title, chart=_finished(alt.layer(*layers, *_words(base, rows)), height, padding=0))


def _words(base: Any, rows: Sequence[Row]) -> list[Any]:
    """What stands above the bars."""
    told = base.mark_text(align="right", baseline="middle", dy=_LABEL / 2, color=MUTED, fontSize=12.5)
    wide = max([len(row["told"]) for row in rows], default=0) * _DIGIT
    label = base.mark_text(
        baseline="middle",
        dy=_LABEL / 2,
        color=INK,
        fontSize=12.5,
        align="left",
        limit=alt.expr(f"width - {wide}"),
    )
    under = base.mark_text(
        baseline="middle",
        dy=_LABEL + _UNDER / 2 - 2,
        color=MUTED,
        fontSize=11,
        align="left",
        limit=alt.expr("width"),
    )
    return [
        told.encode(x=alt.value(alt.expr("width")), text="told:N"),
        label.encode(x=alt.value(0), text="label:N"),
        *([under.encode(x=alt.value(0), text="under:N")] if any(row.get("under") for row in rows) else []),
    ]


def registrations_by_day(rows: Sequence[Row], *, title: str) -> Drawing:
    """Registrations of one event up to each day, and those of the day itself."""
    points = [{**row, "day": row["day"].isoformat(), "told": day(row["day"])} for row in rows]
    x = (
        alt.X("day:T")
        .scale(type="utc")
        .title(None)
        .axis(grid=False, labelOverlap=True, format="%-d %b", tickCount=6)
    )
    so_far = alt.Y("registrations_so_far:Q").title(None).axis(tickMinStep=1, tickCount=5)
    tooltip = [
        alt.Tooltip("told:N", title="day"),
        alt.Tooltip("registrations:Q", title="on that day"),
        alt.Tooltip("registrations_so_far:Q", title="so far"),
    ]
    chart = (
        alt.Chart(_data(points))
        .mark_area(line={"color": MAIN, "strokeWidth": 2}, color=PALE, opacity=0.6, interpolate="step-after")
        .encode(x=x, y=so_far, tooltip=tooltip)
    )
    return Drawing(title=title, chart=_finished(chart, _HEIGHT))


def registrations_by_lead(rows: Sequence[Row], *, title: str) -> Drawing:
    """Registrations of several events, by the days that were left until their start."""
    names = list(dict.fromkeys(row["series"] for row in rows))
    points = [
        {**{name: row[name] for name in _OF_A_POINT}, "from_start": -row["days_before_start"]} for row in rows
    ]
    color = alt.Color("series:N").scale(domain=names, range=list(SERIES[: len(names)]))
    chart = (
        alt.Chart(_data(points))
        .mark_line(strokeWidth=2, interpolate="step-after")
        .encode(
            x=alt.X("from_start:Q")
            .title("days before (−) and after the day of the start")  # noqa: RUF001 - a minus
            .scale(nice=False)
            .axis(grid=False, tickMinStep=1, tickCount=7),
            y=alt.Y("registrations_so_far:Q").title(None).axis(tickMinStep=1, tickCount=5),
            color=color.legend(orient="bottom", columns=1, title=None),
            detail="airmeet_id:N",
            tooltip=[
                alt.Tooltip("series:N", title="event"),
                alt.Tooltip("from_start:Q", title="days from the start"),
                alt.Tooltip("registrations_so_far:Q", title="registrations so far"),
            ],
        )
    )
    return Drawing(title=title, chart=_finished(chart, _HEIGHT))


_OF_A_POINT = ("airmeet_id", "series", "registrations_so_far")


def stays(rows: Sequence[Row], *, title: str) -> Drawing:
    """How many people stayed how long.

    Args:
        rows: ``from`` and ``to`` in minutes, ``people`` and ``label``.
        title: says what the columns count.
    """
    chart = (
        alt.Chart(_data(rows))
        .mark_bar(color=MAIN, cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=alt.X("label:O", sort=None).title("minutes").axis(labelAngle=0, labelOverlap=True, ticks=False),
            y=alt.Y("people:Q").title(None).axis(tickMinStep=1, tickCount=5),
            tooltip=[alt.Tooltip("label:N", title="minutes"), alt.Tooltip("people:Q", title="people")],
        )
    )
    return Drawing(title=title, chart=_finished(chart, _HEIGHT))


def drop_off(rows: Sequence[Row], *, title: str) -> Drawing:
    """Which share of the people was still there after so many minutes.

    Args:
        rows: ``minutes``, ``people`` and ``share``, a fraction of 1.
        title: says what the line shows.
    """
    chart = (
        alt.Chart(_data(rows))
        .mark_area(line={"color": ASIDE, "strokeWidth": 2}, color=ASIDE, opacity=0.2)
        .encode(
            x=alt.X("minutes:Q").title("minutes").scale(nice=False).axis(grid=False, tickCount=7),
            y=alt.Y("share:Q").title(None).scale(domain=[0, 1]).axis(format="%", tickCount=5),
            tooltip=[
                alt.Tooltip("minutes:Q", title="minutes"),
                alt.Tooltip("share:Q", title="of the attendees", format=".0%"),
                alt.Tooltip("people:Q", title="people"),
            ],
        )
    )
    return Drawing(title=title, chart=_finished(chart, _HEIGHT))
