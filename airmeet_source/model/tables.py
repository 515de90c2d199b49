"""TABLES: the data model. Columns, keys and reload rules are declared here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from airmeet_source.model.columns import (
    AIRMEET_ID,
    ATTENDANCE,
    BOOTH_ID,
    DELETED_COLUMN,
    EMAIL,
    ENTRY_LINK,
    FIELD_ID,
    LOAD_ID_COLUMN,
    NAME,
    PERSON_KEY,
    PROFILE,
    RECORD_ID,
    SESSION_ID,
    TIME_SPENT,
    TIME_STAMP,
    TRACK_ID,
    USER_ID,
    Column,
    bigint_column,
    flag_column,
    personal_column,
    text_column,
    time_column,
)


class Reload(Enum):
    """What happens to the rows that a table already holds when newer ones arrive."""

    BY_KEY = "rows with the same key are replaced"
    BY_EVENT = "all rows of the event are replaced"
    APPEND = "rows are added"


@dataclass(frozen=True)
class Table:
    """One destination table. ``key`` says what identifies a row to a reader."""

    name: str
    description: str
    key: tuple[str, ...]
    reload: Reload
    columns: tuple[Column, ...]
    entry_link: Column | None = None  # loaded only where the settings ask for it

    def with_entry_link(self) -> "Table":
        """The table where entry links are loaded."""
        return self if self.entry_link is None else replace(self, columns=(*self.columns, self.entry_link))

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the declared columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def about_people(self) -> bool:
        """Whether a row is about a person, so that a field nobody knows may be personal, too."""
        return any(column.personal and column.name in ("email", "name", "value") for column in self.columns)


_TABLES = (
    Table(
        "airmeets",
        "Events, one row each; archived ones stay",
        ("airmeet_id",),
        Reload.BY_KEY,
        (
            replace(AIRMEET_ID, api_names=("uid",)),
            text_column("name", "Name of the event"),
            text_column("status", "CREATED, ONGOING, PAUSED, FINISHED or whatever the API says"),
            text_column("timezone", "IANA name of the time zone that the organisers chose"),
            time_column("start_time", "Planned start"),
            time_column("end_time", "Planned end"),
            time_column(
                "last_listed_at",
                "Time of the newest listing that showed it; older than the newest in the table: archived",
            ),
        ),
    ),
    Table(
        "airmeet_details",
        "The event object of each event, every field of it",
        ("airmeet_id",),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            text_column("name", "Name of the event"),
            text_column("short_desc", "Short description"),
            text_column("long_desc", "Long description"),
            text_column("status", "Status of the event"),
            text_column("timezone", "IANA name of the event's time zone"),
            time_column("start_time", "Planned start"),
            time_column("end_time", "Planned end"),
            personal_column("session_hosts", "Hosts of the event's sessions: JSON list of objects"),
        ),
    ),
    Table(
        "sessions",
        "Sessions of each event",
        ("airmeet_id", "session_id"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            SESSION_ID,
            text_column("name", "Title of the session"),
            time_column("start_time", "Planned start"),
            text_column("status", "Status of the session, as of events"),
            bigint_column("duration", "Planned length, in minutes"),
            text_column("summary", "Summary of the session"),
            text_column("type", "Kind of session, such as HOSTING"),
        ),
    ),
    Table(
        "session_people",
        "Hosts, co-hosts and speakers of each session, one row per person and role",
        ("airmeet_id", "session_id", "role", "person_id"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            SESSION_ID,
            text_column("role", "host, cohost or speaker"),
            text_column("person_id", "Airmeet's id of the person"),
        ),
    ),
    Table(
        "custom_fields",
        "Custom registration fields of each event",
        ("airmeet_id", "field_id"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            FIELD_ID,
            text_column("label", "Label that people see"),
            text_column("name", "Name within the form"),
            flag_column("is_required", "Whether an answer is required"),
            text_column("field_type", "Type of the field, such as custom"),
            text_column("input_type", "Form control, such as text, radio or checkbox"),
            text_column("mapped_from", "Kind of field it was made from"),
        ),
    ),
    Table(
        "custom_field_options",
        "Choices of the custom registration fields",
        ("airmeet_id", "field_id", "code"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            FIELD_ID,
            text_column("code", "Code of the choice"),
            text_column("display_value", "What people see"),
        ),
    ),
    Table(
        "participants",
        "Everybody on the list of an event: registered, invited and guests",
        ("airmeet_id", "person_key"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            PERSON_KEY,
            EMAIL,
            USER_ID,
            NAME,
            *PROFILE,
            personal_column("profile_url", "Address of the person's public profile"),
            text_column("user_type", "Registered User, invitee, guest …"),
            flag_column("invite_sent", "Whether an invitation was sent"),
        ),
        entry_link=ENTRY_LINK,
    ),
    Table(
        "participant_custom_fields",
        "Answers to the custom registration fields, one row per person and field",
        ("airmeet_id", "person_key", "field_id"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            PERSON_KEY,
            FIELD_ID,
            EMAIL,
            personal_column("value", "The answer; several choices as JSON text"),
        ),
    ),
    Table(
        "event_attendance",
        "Who attended an event, and for how long",
        ("airmeet_id", "id"),
        Reload.BY_KEY,
        (AIRMEET_ID, RECORD_ID, *ATTENDANCE),
    ),
    Table(
        "session_attendance",
        "Who attended a session, and for how long; stays when the session is deleted later",
        ("airmeet_id", "session_id", "id"),
        Reload.BY_KEY,
        (AIRMEET_ID, SESSION_ID, RECORD_ID, *ATTENDANCE),
    ),
    Table(
        "booths",
        "Booths of each event",
        ("airmeet_id", "booth_id"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            BOOTH_ID,
            text_column("name", "Name of the booth"),
            bigint_column("order", "Position of the booth in the hall"),
            text_column("short_description", "Short description"),
            text_column("long_description", "Long description"),
            text_column("logo_url", "Address of the logo"),
            text_column("banner_url", "Address of the banner"),
            text_column("video", "Video shown at the booth"),
            text_column("faqs", "Frequent questions: text or JSON"),
            text_column("resources", "Resources offered: text or JSON"),
            text_column("layout_type", "Layout of the booth"),
            text_column("layout_data", "Data of the layout: text or JSON"),
            flag_column("booth_exhibitor", "Whether the booth has exhibitors"),
            text_column("social_media_links", "Social media links: text or JSON"),
            text_column(
                "register_interest_details", "What visitors who leave their interest see: text or JSON"
            ),
            text_column("offer_details", "Offer of the booth: text or JSON"),
            text_column("doc_url", "Address of the booth's document"),
            text_column("doc_name", "Name of the booth's document"),
            text_column("booth_space_id", "Id of the space that the booth belongs to"),
        ),
    ),
    Table(
        "booth_exhibitors",
        "Exhibitors of each booth",
        ("airmeet_id", "booth_id", "email"),
        Reload.BY_EVENT,
        (AIRMEET_ID, BOOTH_ID, personal_column("email", "E-mail address of the exhibitor")),
    ),
    Table(
        "booth_tags",
        "Tags of each booth",
        ("airmeet_id", "booth_id", "tag"),
        Reload.BY_EVENT,
        (AIRMEET_ID, BOOTH_ID, text_column("tag", "The tag")),
    ),
    Table(
        "booth_attendance",
        "Who visited a booth, and for how long; stays when the booth is deleted later",
        ("airmeet_id", "booth_id", "id"),
        Reload.BY_KEY,
        (
            AIRMEET_ID,
            BOOTH_ID,
            RECORD_ID,
            USER_ID,
            EMAIL,
            NAME,
            flag_column("interested_in_being_contacted", "Whether the visitor asked to be contacted"),
            bigint_column("visits", "Number of visits"),
            TIME_STAMP,
            TIME_SPENT,
        ),
    ),
    Table(
        "poll_responses",
        "Answers to polls, one row per answer",
        ("airmeet_id", "user_id", "email", "question"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            USER_ID,
            EMAIL,
            NAME,
            SESSION_ID,
            text_column("question", "The poll's question"),
            text_column("answer", "The person's answer; several choices as JSON text"),
            TIME_STAMP,
        ),
    ),
    Table(
        "questions",
        "Questions that people asked, one row per question asked",
        ("airmeet_id", "user_id", "email", "question"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            USER_ID,
            EMAIL,
            NAME,
            SESSION_ID,
            text_column("question", "The question"),
            bigint_column("upvote_count", "How many people upvoted it"),
            TIME_STAMP,
        ),
    ),
    Table(
        "tracks",
        "Tracks of each event",
        ("airmeet_id", "track_id"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            TRACK_ID,
            text_column("name", "Name of the track"),
            text_column("description", "Description of the track"),
            bigint_column("track_order", "Position of the track"),
            text_column("color_code", "Colour as CSS"),
        ),
    ),
    Table(
        "track_sessions",
        "Which sessions belong to which track",
        ("airmeet_id", "track_id", "session_id"),
        Reload.BY_EVENT,
        (AIRMEET_ID, TRACK_ID, SESSION_ID),
    ),
    Table(
        "utms",
        "UTM parameters captured at registration",
        ("airmeet_id", "id"),
        Reload.BY_KEY,
        (
            AIRMEET_ID,
            RECORD_ID,
            EMAIL,
            *(
                text_column(f"utm_{part}", f"UTM {part} of the link the person registered through")
                for part in ("source", "medium", "campaign", "term", "content")
            ),
        ),
    ),
    Table(
        "session_recordings",
        "Recordings of sessions; a session may have several",
        ("airmeet_id", "session_id"),
        Reload.BY_EVENT,
        (
            AIRMEET_ID,
            SESSION_ID,
            text_column("session_name", "Title of the session"),
            text_column("download_link", "Signed address of the recording"),
            time_column("link_fetched_at", "When the link was fetched"),
            time_column("link_expires_at", "When the link dies: six hours after it was fetched"),
        ),
    ),
    Table(
        "replay_attendance",
        "Who watched a replay, and for how long",
        ("airmeet_id", "id"),
        Reload.BY_KEY,
        (
            AIRMEET_ID,
            RECORD_ID,
            SESSION_ID,
            USER_ID,
            EMAIL,
            NAME,
            Column("duration_viewed", "double", "Time watched, in minutes"),
        ),
    ),
    Table(
        "registrations",
        "Registrations for each event, from the legacy API only; the current one has participants",
        ("airmeet_id", "person_key"),
        Reload.BY_EVENT,
        (AIRMEET_ID, PERSON_KEY, EMAIL, NAME, *PROFILE),
    ),
    Table(
        "sync_log",
        "What each run did: one row per unit of work (an endpoint of an event, session or booth)",
        (),
        Reload.APPEND,
        (
            text_column("resource", "dlt resource that the unit belongs to"),
            AIRMEET_ID,
            text_column("entity_id", "Id of the session or booth; null for units of a whole event"),
            text_column("outcome", "loaded, pending, not_available or failed"),
            bigint_column("rows", "Rows written, all tables of the unit together"),
            bigint_column("requests", "Requests sent, retries included"),
            Column("waited_seconds", "double", "Seconds spent waiting for Airmeet to prepare the result"),
            text_column("error", "Why it was not loaded, in the API's words where it has some"),
            time_column("started_at", "Start of the first request"),
            time_column("finished_at", "End of the last request"),
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}


def all_columns(table: Table) -> Iterable[Column]:
    """The declared columns, and those that the connector itself adds to the table."""
    yield from table.columns
    if table.reload is not Reload.APPEND:
        yield DELETED_COLUMN
    yield LOAD_ID_COLUMN
