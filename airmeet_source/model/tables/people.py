"""Who registered for an event, through which link, and what they answered on the form."""

from airmeet_source.model.columns import (
    AIRMEET_ID,
    EMAIL,
    ENTRY_LINK,
    FIELD_ID,
    NAME,
    PERSON_KEY,
    PROFILE,
    RECORD_ID,
    USER_ID,
    flag_column,
    personal_column,
    text_column,
)
from airmeet_source.model.table import Parent, Reload, Table
from airmeet_source.model.tables.events import EVENT

TABLES = (
    Table(
        name="custom_fields",
        description="Custom registration fields of each event",
        key=("airmeet_id", "field_id"),
        reload=Reload.BY_EVENT,
        parent=EVENT,
        columns=(
            AIRMEET_ID,
            FIELD_ID,
            text_column("label", "Label that people see"),
            text_column("name", "Name of the field within the form"),
            flag_column("is_required", "Whether an answer is required"),
            text_column("field_type", "Type of the field, such as custom"),
            text_column("input_type", "Form control, such as text, radio or checkbox"),
            text_column("mapped_from", "Kind of field that it was made from, such as singleSelect"),
        ),
    ),
    Table(
        name="custom_field_options",
        description="Choices of the custom registration fields",
        key=("airmeet_id", "field_id", "code"),
        reload=Reload.BY_EVENT,
        parent=Parent(table="custom_fields", key=("airmeet_id", "field_id")),
        columns=(
            AIRMEET_ID,
            FIELD_ID,
            text_column("code", "Code of the choice"),
            text_column("display_value", "Text that people see"),
        ),
    ),
    Table(
        name="participants",
        description="Everyone on the list of an event: registered people, invitees and guests",
        key=("airmeet_id", "person_key"),
        reload=Reload.BY_EVENT,
        parent=EVENT,
        partition="registration_date",
        about_people=True,
        entry_link=ENTRY_LINK,
        columns=(
            AIRMEET_ID,
            PERSON_KEY,
            EMAIL,
            USER_ID,
            NAME,
            *PROFILE,
            personal_column("profile_url", "URL of the person's public profile"),
            text_column("user_type", "Kind of participant, such as Registered User, Invitee or Guest"),
            flag_column("invite_sent", "Whether an invitation was sent"),
        ),
    ),
    Table(
        name="participant_custom_fields",
        description="Answers to the custom registration fields, one row per person and field",
        key=("airmeet_id", "person_key", "field_id"),
        reload=Reload.BY_EVENT,
        parent=Parent(table="participants", key=("airmeet_id", "person_key")),
        about_people=True,
        columns=(
            AIRMEET_ID,
            PERSON_KEY,
            FIELD_ID,
            EMAIL,
            personal_column("value", "The answer; several choices are a JSON list"),
        ),
    ),
    Table(
        name="utms",
        description="UTM parameters captured at registration",
        key=("airmeet_id", "id"),
        reload=Reload.BY_KEY,
        parent=EVENT,
        about_people=True,
        columns=(
            AIRMEET_ID,
            RECORD_ID,
            EMAIL,
            *(
                text_column(f"utm_{part}", f"UTM {part} of the link through which the person registered")
                for part in ("source", "medium", "campaign", "term", "content")
            ),
        ),
    ),
    Table(
        name="registrations",
        description="Registrations of each event, only from the legacy API; the current one has participants",
        key=("airmeet_id", "person_key"),
        reload=Reload.BY_EVENT,
        parent=EVENT,
        partition="registration_date",
        about_people=True,
        columns=(AIRMEET_ID, PERSON_KEY, EMAIL, NAME, *PROFILE),
    ),
)
