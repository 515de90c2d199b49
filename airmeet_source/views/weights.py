"""engagement_weights: the table by which users say what engagement is; made once, never overwritten."""

from airmeet_source.model.columns import double_column, text_column
from airmeet_source.model.table import Reload, Table

WEIGHTS = Table(
    name="engagement_weights",
    description=(
        "What each activity weighs in engagement_score_live; change the rows as you like, they stay so"
    ),
    key=("activity",),
    reload=Reload.APPEND,
    columns=(
        text_column("activity", "Name of a column of event_people"),
        double_column("weight", "Its weight; an activity without a row weighs nothing"),
    ),
)
FIRST_WEIGHTS = {
    "minutes_live": 40,
    "sessions_attended": 15,
    "poll_answers": 15,
    "questions_asked": 15,
    "booths_visited": 15,
}
