"""Columns: what they are made of, and those that several tables share."""

from dataclasses import dataclass

from airmeet_source.model.values import DataType

UNPARSED = "_unparsed"
DELETED = "_deleted"
LOAD_ID = "_dlt_load_id"


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


def text_column(name: str, description: str, *api_names: str) -> Column:
    """A text column."""
    return Column(name, "text", description, api_names)


def personal_column(name: str, description: str) -> Column:
    """A text column with personal data."""
    return Column(name, "text", description, personal=True)


def bigint_column(name: str, description: str, *api_names: str) -> Column:
    """A column of whole numbers."""
    return Column(name, "bigint", description, api_names)


def time_column(name: str, description: str, *api_names: str) -> Column:
    """A column of moments."""
    return Column(name, "timestamp", f"{description} (UTC)", api_names)


def flag_column(name: str, description: str, *api_names: str) -> Column:
    """A column of true and false."""
    return Column(name, "bool", description, api_names)


AIRMEET_ID = text_column("airmeet_id", "Id of the event, the same in every table")
SESSION_ID = text_column("session_id", "Id of the session within the event")
BOOTH_ID = text_column("booth_id", "Id of the booth within the event", "uid")
TRACK_ID = text_column("track_id", "Id of the track within the event", "uid")
FIELD_ID = text_column("field_id", "Id of the custom registration field")
PERSON_KEY = text_column(
    "person_key",
    "Stable key of the person within the event: user id, else e-mail, else a hash of the record",
)
USER_ID = text_column("user_id", "Airmeet's id of the person; null for people without an account")
EMAIL = personal_column("email", "E-mail address as Airmeet has it")
NAME = personal_column("name", "Name of the person")
TIME_STAMP = time_column("time_stamp", "When it happened")
TIME_SPENT = bigint_column("time_spent", "Time spent there, in milliseconds")
RECORD_ID = bigint_column(
    "id", "Id of the record, which is also its cursor; negative where the API gave none and we made one"
)
ATTENDANCE = (USER_ID, EMAIL, NAME, TIME_STAMP, TIME_SPENT)
PROFILE = (
    text_column("city", "City given at registration"),
    text_column("country", "Country given at registration"),
    text_column("organisation", "Organisation given at registration", "organization"),
    text_column("designation", "Job title given at registration"),
    time_column("registration_date", "When the person registered"),
)
ENTRY_LINK = personal_column("token", "Personal entry link: whoever has it enters as this person")

UNPARSED_COLUMN = text_column(
    UNPARSED, "Values that did not fit their column: JSON object of column name to raw value"
)
DELETED_COLUMN = flag_column(DELETED, "Internal: tells that an event has no rows; always null in the table")
LOAD_ID_COLUMN = text_column(LOAD_ID, "Id of the dlt load package that wrote the row, see _dlt_loads")
