"""TABLES: the data model. Columns, keys and reload rules are declared here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from airmeet_source.values import DataType

UNPARSED = "_unparsed"
DELETED = "_deleted"
LOAD_ID = "_dlt_load_id"


class Reload(Enum):
    """What happens to the rows that a table already holds when newer ones arrive."""

    BY_KEY = "rows with the same key are replaced"
    BY_EVENT = "all rows of the event are replaced"
    APPEND = "rows are added"


@dataclass(frozen=True)
class Column:
    """One column: its type, what it means (units included) and its other names in the API.

    Spellings that differ in case and separators only (``startTime``) need no entry in ``api_names``.
    """

    name: str
    data_type: DataType
    description: str
    api_names: tuple[str, ...] = ()
    personal: bool = False  # hashed or dropped by setting `pii`


@dataclass(frozen=True)
class Table:
    """One destination table. ``key`` says what identifies a row to a reader."""

    name: str
    description: str
    key: tuple[str, ...]
    reload: Reload
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the declared columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def about_people(self) -> bool:
        """Whether a row is about a person, so that a field nobody knows may be personal, too."""
        return any(column.personal and column.name in ("email", "name", "value") for column in self.columns)


def _text(name: str, description: str, *api_names: str) -> Column:
    return Column(name, "text", description, api_names)


def _personal(name: str, description: str) -> Column:
    return Column(name, "text", description, personal=True)


def _bigint(name: str, description: str, *api_names: str) -> Column:
    return Column(name, "bigint", description, api_names)


def _time(name: str, description: str, *api_names: str) -> Column:
    return Column(name, "timestamp", f"{description} (UTC)", api_names)


def _bool(name: str, description: str, *api_names: str) -> Column:
    return Column(name, "bool", description, api_names)


AIRMEET_ID = _text("airmeet_id", "Id of the event, the same in every table")
SESSION_ID = _text("session_id", "Id of the session within the event")
BOOTH_ID = _text("booth_id", "Id of the booth within the event", "uid")
TRACK_ID = _text("track_id", "Id of the track within the event", "uid")
FIELD_ID = _text("field_id", "Id of the custom registration field")
PERSON_KEY = _text(
    "person_key",
    "Stable key of the person within the event: user id, else e-mail, else a hash of the record",
)
USER_ID = _text("user_id", "Airmeet's id of the person; null for people without an account")
EMAIL = _personal("email", "E-mail address as Airmeet has it")
NAME = _personal("name", "Name of the person")
TIME_STAMP = _time("time_stamp", "When it happened")
TIME_SPENT = _bigint("time_spent", "Time spent there, in milliseconds")
RECORD_ID = _bigint(
    "id", "Id of the record, which is also its cursor; negative where the API gave none and we made one"
)
ATTENDANCE = (USER_ID, EMAIL, NAME, TIME_STAMP, TIME_SPENT)
PROFILE = (
    _text("city", "City given at registration"),
    _text("country", "Country given at registration"),
    _text("organisation", "Organisation given at registration", "organization"),
    _text("designation", "Job title given at registration"),
    _time("registration_date", "When the person registered"),
)
ENTRY_LINK = _personal("token", "Personal entry link: whoever has it enters as this person")

_TABLES = (
    Table(
        "airmeets",
        "Events, one row each; archived ones stay",
        ("airmeet_id",),
        Reload.BY_KEY,
        (
            replace(AIRMEET_ID, api_names=("uid",)),
            _text("name", "Name of the event"),
            _text("status", "CREATED, ONGOING, PAUSED, FINISHED or whatever the API says"),
            _text("timezone", "IANA name of the time zone that the organisers chose"),
            _time("start_time", "Planned start"),
            _time("end_time", "Planned end"),
            _time(
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
            _text("name", "Name of the event"),
            _text("short_desc", "Short description"),
            _text("long_desc", "Long description"),
            _text("status", "Status of the event"),
            _text("timezone", "IANA name of the event's time zone"),
            _time("start_time", "Planned start"),
            _time("end_time", "Planned end"),
            _personal("session_hosts", "Hosts of the event's sessions: JSON list of objects"),
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
            _text("name", "Title of the session"),
            _time("start_time", "Planned start"),
            _text("status", "Status of the session, as of events"),
            _bigint("duration", "Planned length, in minutes"),
            _text("summary", "Summary of the session"),
            _text("type", "Kind of session, such as HOSTING"),
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
            _text("role", "host, cohost or speaker"),
            _text("person_id", "Airmeet's id of the person"),
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
            _text("label", "Label that people see"),
            _text("name", "Name within the form"),
            _bool("is_required", "Whether an answer is required"),
            _text("field_type", "Type of the field, such as custom"),
            _text("input_type", "Form control, such as text, radio or checkbox"),
            _text("mapped_from", "Kind of field it was made from"),
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
            _text("code", "Code of the choice"),
            _text("display_value", "What people see"),
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
            _personal("profile_url", "Address of the person's public profile"),
            _text("user_type", "Registered User, invitee, guest …"),
            _bool("invite_sent", "Whether an invitation was sent"),
        ),
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
            _personal("value", "The answer; several choices as JSON text"),
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
            _text("name", "Name of the booth"),
            _bigint("order", "Position of the booth in the hall"),
            _text("short_description", "Short description"),
            _text("long_description", "Long description"),
            _text("logo_url", "Address of the logo"),
            _text("banner_url", "Address of the banner"),
            _text("video", "Video shown at the booth"),
            _text("faqs", "Frequent questions: text or JSON"),
            _text("resources", "Resources offered: text or JSON"),
            _text("layout_type", "Layout of the booth"),
            _text("layout_data", "Data of the layout: text or JSON"),
            _bool("booth_exhibitor", "Whether the booth has exhibitors"),
            _text("social_media_links", "Social media links: text or JSON"),
            _text("register_interest_details", "What visitors who leave their interest see: text or JSON"),
            _text("offer_details", "Offer of the booth: text or JSON"),
            _text("doc_url", "Address of the booth's document"),
            _text("doc_name", "Name of the booth's document"),
            _text("booth_space_id", "Id of the space that the booth belongs to"),
        ),
    ),
    Table(
        "booth_exhibitors",
        "Exhibitors of each booth",
        ("airmeet_id", "booth_id", "email"),
        Reload.BY_EVENT,
        (AIRMEET_ID, BOOTH_ID, _personal("email", "E-mail address of the exhibitor")),
    ),
    Table(
        "booth_tags",
        "Tags of each booth",
        ("airmeet_id", "booth_id", "tag"),
        Reload.BY_EVENT,
        (AIRMEET_ID, BOOTH_ID, _text("tag", "The tag")),
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
            _bool("interested_in_being_contacted", "Whether the visitor asked to be contacted"),
            _bigint("visits", "Number of visits"),
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
            _text("question", "The poll's question"),
            _text("answer", "The person's answer; several choices as JSON text"),
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
            _text("question", "The question"),
            _bigint("upvote_count", "How many people upvoted it"),
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
            _text("name", "Name of the track"),
            _text("description", "Description of the track"),
            _bigint("track_order", "Position of the track"),
            _text("color_code", "Colour as CSS"),
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
                _text(f"utm_{part}", f"UTM {part} of the link the person registered through")
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
            _text("session_name", "Title of the session"),
            _text("download_link", "Signed address of the recording"),
            _time("link_fetched_at", "When the link was fetched"),
            _time("link_expires_at", "When the link dies: six hours after it was fetched"),
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
        "sync_log",
        "What each run did: one row per unit of work (an endpoint of an event, session or booth)",
        (),
        Reload.APPEND,
        (
            _text("resource", "dlt resource that the unit belongs to"),
            AIRMEET_ID,
            _text("entity_id", "Id of the session or booth; null for units of a whole event"),
            _text("outcome", "loaded, pending, not_available or failed"),
            _bigint("rows", "Rows written, all tables of the unit together"),
            _bigint("requests", "Requests sent, retries included"),
            Column("waited_seconds", "double", "Seconds spent waiting for Airmeet to prepare the result"),
            _text("error", "Why it was not loaded, in the API's words where it has some"),
            _time("started_at", "Start of the first request"),
            _time("finished_at", "End of the last request"),
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}

UNPARSED_COLUMN = _text(
    UNPARSED, "Values that did not fit their column: JSON object of column name to raw value"
)
DELETED_COLUMN = _bool(DELETED, "Internal: marks an event that has no rows; always null in the table")
LOAD_ID_COLUMN = _text(LOAD_ID, "Id of the dlt load package that wrote the row, see _dlt_loads")


def all_columns(table: Table) -> Iterable[Column]:
    """The declared columns, and those that the connector itself adds to the table."""
    yield from table.columns
    if table.reload is Reload.BY_EVENT:
        yield DELETED_COLUMN
    yield LOAD_ID_COLUMN
