"""The parts of a report about what people answered: in polls, and on the registration form."""

from collections.abc import Iterable, Mapping

from airmeet_source.reporting import charts, words
from airmeet_source.reporting.figures import Figures
from airmeet_source.reporting.part import Column, Part, Table, bars
from airmeet_source.reporting.selection import Row

_MOST_QUESTIONS = 6
_MOST_FIELDS = 4
_POLLS = (
    Column(heading="question", field="question", kind="text"),
    Column(heading="answer", field="answer", kind="text"),
    Column(heading="answers", field="answers"),
    Column(heading="share", field="share", kind="percent"),
)
_FIELDS = (
    Column(heading="field", field="field_label", kind="text"),
    Column(heading="answer", field="answer", kind="text"),
    Column(heading="people", field="people"),
    Column(heading="registrants", field="registrants"),
    Column(heading="attended", field="registrants_attended"),
    Column(heading="rate", field="attendance_rate_of_registrants", kind="percent"),
)


def polls(figures: Figures) -> Part:
    """What people answered."""
    questions = {
        question: _with_shares(rows)
        for question, rows in _largest_first(figures.polls, "question", "answers").items()
    }

    def told(row: Row) -> str:
        return f"{words.count(row['answers'])} · {words.percent(row['share'])}"

    more = f" The charts have {_MOST_QUESTIONS} of {len(questions):,} questions."
    return Part(
        name="polls",
        title="Polls",
        lead="Answers to each question, those of staff included. What several events asked is added up."
        + (more if len(questions) > _MOST_QUESTIONS else ""),
        charts=[
            charts.ranking(bars(rows, told, label="answer", value="share"), title=question, largest=1)
            for question, rows in [*questions.items()][:_MOST_QUESTIONS]
        ],
        table=Table(columns=_POLLS, rows=[row for rows in questions.values() for row in rows]),
        nothing="Nobody has answered a poll.",
    )


def custom_fields(figures: Figures) -> Part:
    """What people wrote on the registration form, and whether they came."""
    fields = _largest_first(figures.answers, "field_label", "people")
    hidden = ", ".join(words.text(label) for label in figures.free_text)
    return Part(
        name="custom_fields",
        title="The registration form, and who came",
        lead="Of the registrants who gave an answer, the share that attended live. Answers that one person "
        "alone gave are left out."
        + (f" So is what nearly everybody answers differently: {hidden}." if hidden else ""),
        charts=[
            charts.ranking(
                bars(rows, words.came, label="answer", value="attendance_rate_of_registrants"),
                title=f"{field} · share that attended",
                largest=1,
            )
            for field, rows in [*fields.items()][:_MOST_FIELDS]
        ],
        table=Table(columns=_FIELDS, rows=[row for rows in fields.values() for row in rows]),
        nothing="There are no answers to fields of your own.",
    )


def _largest_first(rows: Iterable[Row], name: str, size: str) -> Mapping[str, list[Row]]:
    """Rows by question or field, the one with most answers first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(words.text(row[name]), []).append({**row, "answer": words.choices(row["answer"])})
    return dict(sorted(found.items(), key=lambda item: (-sum(row[size] for row in item[1]), item[0])))


def _with_shares(rows: Iterable[Row]) -> list[Row]:
    counted = list(rows)
    everything = sum(row["answers"] for row in counted)
    return [{**row, "share": row["answers"] / everything if everything else None} for row in counted]
