"""Columns: what they are made of, and those that several tables share."""

from dataclasses import dataclass

from airmeet_source.model.values import DataType

UNPARSED = "_unparsed"
DELETED = "_deleted"
LOAD_ID = "_dlt_load_id"
ROW_ID = "_dlt_row_id"
_LONGEST_FIELD = 200  # letters of its name in a description


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its type, what it means (units included) and its other names in the API.

    Spellings that differ in case and separators only (``startTime``) need no entry in ``api_names``.
    """

    name: str
    data_type: DataType
    description: str
    api_names: tuple[str, ...] = ()
    personal: bool = False  # hashed or dropped by setting `pii`
    volatile: bool = False  # made anew for each answer: no change of the row


def text_column(name: str, description: str, *api_names: str) -> Column:
    """A text column."""
    return Column(name=name, data_type="text", description=description, api_names=api_names)


def personal_column(name: str, description: str) -> Column:
    """A text column with personal data."""
    return Column(name=name, data_type="text", description=description, personal=True)


def bigint_column(name: str, description: str) -> Column:
    """A column of whole numbers."""
    return Column(name=name, data_type="bigint", description=description)


def double_column(name: str, description: str) -> Column:
    """A column of numbers with fractions."""
    return Column(name=name, data_type="double", description=description)


def time_column(name: str, description: str) -> Column:
    """A column of times."""
    return Column(name=name, data_type="timestamp", description=f"{description} (UTC)")


def flag_column(name: str, description: str) -> Column:
    """A column of true and false."""
    return Column(name=name, data_type="bool", description=description)


def time_stamp(what: str) -> Column:
    """The time of what a row is about, as Airmeet recorded it."""
    return time_column("time_stamp", f"When {what}, as Airmeet recorded it")


AIRMEET_ID = text_column("airmeet_id", "Id of the event; the same in every table")
SESSION_ID = text_column("session_id", "Id of the session within the event")
BOOTH_ID = text_column("booth_id", "Id of the booth within the event", "uid")
TRACK_ID = text_column("track_id", "Id of the track within the event", "uid")
FIELD_ID = text_column("field_id", "Id of the custom registration field")
PERSON_KEY = text_column(
    "person_key",
    "Stable key of the person within the event: user id, else e-mail address, else a hash of the record",
)
USER_ID = text_column("user_id", "Airmeet's id for the person; null for people without an account")
EMAIL = personal_column("email", "E-mail address, exactly as it is in Airmeet")
NAME = personal_column("name", "Name of the person")
TIME_SPENT = bigint_column("time_spent", "Time spent there, in milliseconds")
RECORD_ID = bigint_column(
    "id",
    "Id of the record, also its cursor in the API; negative if made up because the API sent none",
)
PERSON = (USER_ID, EMAIL, NAME)
PROFILE = (
    text_column("city", "City given at registration"),
    text_column("country", "Country given at registration"),
    text_column("organisation", "Organisation given at registration", "organization"),
    text_column("designation", "Job title given at registration"),
    time_column("registration_date", "When the person registered"),
)
ENTRY_LINK = personal_column("token", "Personal entry link: whoever has it enters as this person")

UNPARSED_COLUMN = text_column(
    UNPARSED, "Values that did not fit their columns: a JSON object of column names and raw values"
)
DELETED_COLUMN = flag_column(
    DELETED, "Internal: marks an event without rows while it is loaded; always null in the table"
)
ROW_ID_COLUMN = text_column(
    ROW_ID, "Internal: made of the values of the row, which a reload leaves alone while it is the same"
)
LOAD_ID_COLUMN = text_column(LOAD_ID, "Id of the dlt load package that wrote the row; see _dlt_loads")


def undocumented(field: str) -> str:
    """The description of a column for a field that nobody declared."""
    name = "".join(character if character.isprintable() else " " for character in field[:_LONGEST_FIELD])
    return f"{name}: a field that the API sends but its documentation does not mention"
