"""VIEWS: what there is to say about each view, in the order in which they build on one another."""

from airmeet_source.views.view import View, day, flag, fraction, number, text, time

_EVENT = (
    text("community", "Name of the community that the event belongs to"),
    text("airmeet_id", "Id of the event"),
    text("event_name", "Name of the event"),
)
_MEDIAN = "Median of the attendees' live attendance, in minutes; null if there was none"
_RATE = "null where nobody is, and until attendance is known"
_REGISTRANTS_ATTENDED = number("registrants_attended", "Registrants who attended live")
_ATTENDANCE_RATE = fraction(
    "attendance_rate_of_registrants",
    f"registrants_attended / registrants, as a fraction of 1; {_RATE}",
)

EVENT_PEOPLE = View(
    name="event_people",
    description="One row per event and person: who they are, what they did, how engaged they were",
    key=("airmeet_id", "person"),
    columns=(
        *_EVENT,
        time("event_start_time", "Planned start of the event"),
        text("person", "The person within the event: user id, else e-mail, else a made-up key"),
        text("user_id", "Airmeet's id for the person; null for people without an account"),
        text("email", "E-mail address, trimmed and in lower case"),
        text("name", "Name of the person"),
        text("organisation", "Organisation given at registration"),
        text("designation", "Job title given at registration"),
        text("city", "City given at registration"),
        text("country", "Country given at registration"),
        time("registered_at", "When the person registered"),
        text(
            "population",
            "What the person counts as, the first that holds: staff, registrant, invited, guest, other, "
            "unidentified (attended without user id and e-mail), walk_in (attended without being listed)",
        ),
        flag("attended_live", "Whether the person attended the event or a session live"),
        time("first_seen_at", "Earliest time_stamp of the person's live attendance"),
        fraction("minutes_live", "Live attendance in minutes; null for who did not attend"),
        number("sessions_attended", "Sessions that the person attended live"),
        number("booths_visited", "Booths that the person visited"),
        number("poll_answers", "Answers that the person gave to polls"),
        number("questions_asked", "Questions that the person asked"),
        flag("wants_contact", "Whether the person asked to be contacted at any booth"),
        flag("attended_on_demand", "Whether the person watched a replay"),
        fraction(
            "minutes_on_demand", "Time that the person watched replays, in minutes; null for who did not"
        ),
        text(
            "attendance",
            "attended (live), attended_on_demand (only a replay), no_show (a registrant who did not come), "
            "expected (a registrant who may still come); null for all others",
        ),
        text(
            "crm_status",
            "The same in the words of Marketo and HubSpot: Attended, Attended On-Demand, No Show, Registered",
        ),
        text("utm_source", "UTM source of the person's registration, trimmed and in lower case"),
        text("utm_medium", "UTM medium of the person's registration, trimmed and in lower case"),
        text("utm_campaign", "UTM campaign of the person's registration, trimmed and in lower case"),
        text("utm_term", "UTM term of the person's registration, trimmed and in lower case"),
        text("utm_content", "UTM content of the person's registration, trimmed and in lower case"),
        fraction(
            "engagement_score_live",
            "0 to 100: what the person did live compared with who did most of it, weighted by the table "
            "engagement_weights; null for staff, and where nobody did anything",
        ),
        fraction(
            "engagement_score_on_demand",
            "0 to 100: minutes_on_demand compared with who watched most; null for staff, and where nobody "
            "watched",
        ),
    ),
)
DATA_STATUS = View(
    name="data_status",
    description="One row per event and resource: how complete its data is",
    key=("airmeet_id", "resource"),
    nullable=("airmeet_id",),
    columns=(
        *_EVENT,
        text("resource", "dlt resource, named after the first table that it fills"),
        text(
            "state",
            "failed, pending, current (will be asked for again), not_available or final; of several sessions "
            "or booths the worst, in this order",
        ),
        time("since", "End of the first of the tries that failed or were pending, of the oldest such unit"),
        number("tries", "How many tries of that unit have failed or been pending since then; 0 if none"),
        time("last_loaded_at", "When anything of it was last loaded"),
        number("rows", "Rows that were read when each of its units was last loaded"),
        text("error", "The newest reason why something is pending or failed"),
    ),
)
EVENT_OVERVIEW = View(
    name="event_overview",
    description="One row per event: how many people there were of each kind, who came, what they did",
    key=("airmeet_id",),
    columns=(
        *_EVENT,
        text("status", "CREATED, ONGOING, PAUSED, FINISHED or whatever else the API says"),
        time("start_time", "Planned start"),
        time("end_time", "Planned end"),
        text("timezone", "Time zone that the organisers chose, as an IANA name"),
        flag("is_archived", "Whether the newest list of the community's events lacks it"),
        flag("is_over", "Whether its status is FINISHED or its end_time has passed"),
        number("registrants", "Persons who registered"),
        number("invited", "Persons who were invited and did not register"),
        number("guests", "Persons who are listed as guests"),
        number("others", "Persons who are listed for another reason"),
        number("walk_ins", "Persons who took part without being listed"),
        number("unidentified", "Attendance and replays without user id and e-mail; each counts as a person"),
        number("staff", "Speakers, hosts, organisers, exhibitors and other staff"),
        number("attendees", "Persons who attended live, without staff"),
        _REGISTRANTS_ATTENDED,
        number("registrants_attended_on_demand", "Registrants who did not attend live but watched a replay"),
        number("no_shows", "Registrants who did neither, of an event that is over"),
        _ATTENDANCE_RATE,
        fraction(
            "attendance_rate_incl_on_demand_of_registrants",
            f"(registrants_attended + registrants_attended_on_demand) / registrants; {_RATE}",
        ),
        fraction("minutes_total", "Live attendance of all attendees together, in minutes"),
        fraction("minutes_average", "Live attendance of an attendee, in minutes; null if there was none"),
        fraction("minutes_median", _MEDIAN),
        number("sessions", "Sessions"),
        number("booths", "Booths"),
        number("poll_answers", "Answers to polls, also of staff and of people who cannot be identified"),
        number("questions", "Questions asked, also of staff and of people who cannot be identified"),
        number("booth_visits", "Visits of booths, without those of the booth's own exhibitors"),
        number("replay_viewers", "Persons who watched a replay, without staff"),
        fraction("replay_minutes", "Time that they watched replays, in minutes"),
        number("unidentified_attendance_rows", "Rows of event_attendance without user id and e-mail"),
        text("data_state", "Worst state of the event's rows in data_status"),
        time("data_since", "Since when something of it has been pending or failed"),
    ),
)
SESSION_OVERVIEW = View(
    name="session_overview",
    description="One row per session: who came, how long they stayed, who spoke",
    key=("airmeet_id", "session_id"),
    nullable=("session_id",),
    columns=(
        *_EVENT,
        text("session_id", "Id of the session within the event"),
        text("session_name", "Title of the session"),
        time("start_time", "Planned start"),
        number("duration", "Planned length, in minutes"),
        text("status", "Status of the session"),
        number(
            "attendees", "Persons who attended it live, without staff; each unidentified row counts as one"
        ),
        fraction("minutes_average", "Live attendance of an attendee, in minutes; null if there was none"),
        fraction("minutes_median", _MEDIAN),
        fraction(
            "attendance_share_of_attendees",
            f"attendees / attendees of the event, as a fraction of 1; {_RATE}",
        ),
        fraction(
            "completion_rate_of_attendees",
            f"Share of the attendees who stayed for 80 % of duration or more; {_RATE}, or without duration",
        ),
        number("replay_viewers", "Persons who watched a replay of it, without staff"),
        text(
            "speakers", "Names of its speakers in alphabetical order; those who are not listed are left out"
        ),
    ),
)
BOOTH_OVERVIEW = View(
    name="booth_overview",
    description="One row per booth: its visitors, without the booth's own exhibitors",
    key=("airmeet_id", "booth_id"),
    nullable=("booth_id",),
    columns=(
        *_EVENT,
        text("booth_id", "Id of the booth within the event"),
        text("booth_name", "Name of the booth"),
        number("visitors", "Persons who visited it; each unidentified row counts as one"),
        number("visits", "Visits of these"),
        fraction("minutes_average", "Time that a visitor spent there, in minutes; null if there was none"),
        number("wants_contact", "Visitors who asked to be contacted"),
    ),
)
CAMPAIGN_OVERVIEW = View(
    name="campaign_overview",
    description="One row per event and campaign: its registrants, and who of them came",
    key=("airmeet_id", "utm_source", "utm_medium", "utm_campaign"),
    columns=(
        *_EVENT,
        text("utm_source", "UTM source, (direct) for none"),
        text("utm_medium", "UTM medium, (direct) for none"),
        text("utm_campaign", "UTM campaign, (direct) for none"),
        number("registrants", "Registrants who came through it"),
        _REGISTRANTS_ATTENDED,
        _ATTENDANCE_RATE,
        fraction("minutes_average", "Live attendance of one who attended, in minutes; null if none did"),
        number("registrants_attended_on_demand", "Registrants who did not attend live but watched a replay"),
    ),
)
POLL_OVERVIEW = View(
    name="poll_overview",
    description="One row per poll and answer",
    key=("airmeet_id", "question", "answer"),
    nullable=("question",),
    columns=(
        *_EVENT,
        text("question", "Question of the poll"),
        text("answer", "The answer; several choices are a JSON list"),
        number("answers", "How often it was given"),
        fraction("share_of_answers", "answers / all answers to the question, as a fraction of 1"),
    ),
)
REGISTRATION_CURVE = View(
    name="registration_curve",
    description="One row per event and day on which somebody registered",
    key=("airmeet_id", "day"),
    columns=(
        *_EVENT,
        day("day", "The day"),
        number("registrations", "Registrants who registered on that day"),
        number("registrations_so_far", "Registrants who registered on that day or before"),
        number("days_before_start", "Days from then to the day of the planned start; negative after it"),
    ),
)
CUSTOM_FIELD_OVERVIEW = View(
    name="custom_field_overview",
    description="One row per custom registration field and answer: who gave it, and who of them came",
    key=("airmeet_id", "field_id", "answer"),
    nullable=("field_id",),
    columns=(
        *_EVENT,
        text("field_id", "Id of the custom registration field"),
        text("field_label", "Label that people see"),
        text("answer", "The answer; several choices are a JSON list"),
        number("people", "Persons who gave it"),
        number("registrants", "Registrants among them"),
        _REGISTRANTS_ATTENDED,
        _ATTENDANCE_RATE,
    ),
)
VIEWS = {
    view.name: view
    for view in (
        EVENT_PEOPLE,
        DATA_STATUS,
        EVENT_OVERVIEW,
        SESSION_OVERVIEW,
        BOOTH_OVERVIEW,
        CAMPAIGN_OVERVIEW,
        POLL_OVERVIEW,
        REGISTRATION_CURVE,
        CUSTOM_FIELD_OVERVIEW,
    )
}
