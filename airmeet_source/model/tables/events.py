"""Events and what they consist of: sessions, tracks, booths, recordings."""

from dataclasses import replace

from airmeet_source.model.columns import (
    AIRMEET_ID,
    BOOTH_ID,
    SESSION_ID,
    TRACK_ID,
    bigint_column,
    flag_column,
    personal_column,
    text_column,
    time_column,
)
from airmeet_source.model.table import Parent, Reload, Table

EVENT = Parent(table="airmeets", key=("airmeet_id",))
SESSION = Parent(table="sessions", key=("airmeet_id", "session_id"))
BOOTH = Parent(table="booths", key=("airmeet_id", "booth_id"))
TRACK = Parent(table="tracks", key=("airmeet_id", "track_id"))

TABLES = (
    Table(
        name="airmeets",
        description="One row per event; archived events stay",
        key=("airmeet_id",),
        reload=Reload.BY_KEY,
        columns=(
            replace(AIRMEET_ID, api_names=("uid",)),
            text_column("name", "Name of the event"),
            text_column("status", "CREATED, ONGOING, PAUSED, FINISHED or whatever else the API says"),
            text_column("timezone", "Time zone that the organisers chose, as an IANA name"),
            time_column("start_time", "Planned start"),
            time_column("end_time", "Planned end"),
            text_column("community", "Name of the community whose keys listed the event"),
            time_column(
                "last_listed_at",
                "When the API last listed the event; if others of its community were listed later, "
                "it is archived",
            ),
        ),
    ),
    Table(
        name="airmeet_details",
        description="The event object of each event, with all its fields but the sessions",
        key=("airmeet_id",),
        reload=Reload.BY_EVENT,
        parent=EVENT,
        columns=(
            AIRMEET_ID,
            text_column("name", "Name of the event"),
            text_column("short_desc", "Short description"),
            text_column("long_desc", "Long description"),
            text_column("status", "Status of the event"),
            text_column("timezone", "Time zone of the event, as an IANA name"),
            time_column("start_time", "Planned start"),
            time_column("end_time", "Planned end"),
            personal_column("session_hosts", "Hosts of the event's sessions, as a JSON list of objects"),
        ),
    ),
    Table(
        name="sessions",
        description="Sessions of each event",
        key=("airmeet_id", "session_id"),
        reload=Reload.BY_EVENT,
        parent=EVENT,
        columns=(
            AIRMEET_ID,
            SESSION_ID,
            text_column("name", "Title of the session"),
            time_column("start_time", "Planned start"),
            text_column("status", "Status of the session; the same values as for events"),
            bigint_column("duration", "Planned length, in minutes"),
            text_column("summary", "Summary of the session"),
            text_column("type", "Kind of session, such as HOSTING"),
        ),
    ),
    Table(
        name="session_people",
        description="Hosts, co-hosts and speakers of each session, one row per person and role",
        key=("airmeet_id", "session_id", "role", "person_id"),
        reload=Reload.BY_EVENT,
        parent=SESSION,
        columns=(
            AIRMEET_ID,
            SESSION_ID,
            text_column("role", "Role of the person: host, cohost or speaker"),
            text_column("person_id", "Airmeet's id for the person"),
        ),
    ),
    Table(
        name="tracks",
        description="Tracks of each event",
        key=("airmeet_id", "track_id"),
        reload=Reload.BY_EVENT,
        parent=EVENT,
        columns=(
            AIRMEET_ID,
            TRACK_ID,
            text_column("name", "Name of the track"),
            text_column("description", "Description of the track"),
            bigint_column("track_order", "Position of the track"),
            text_column("color_code", "Colour of the track, as in CSS"),
        ),
    ),
    Table(
        name="track_sessions",
        description="Which sessions belong to which track",
        key=("airmeet_id", "track_id", "session_id"),
        reload=Reload.BY_EVENT,
        parent=TRACK,
        columns=(AIRMEET_ID, TRACK_ID, SESSION_ID),
    ),
    Table(
        name="booths",
        description="Booths of each event",
        key=("airmeet_id", "booth_id"),
        reload=Reload.BY_EVENT,
        parent=EVENT,
        columns=(
            AIRMEET_ID,
            BOOTH_ID,
            text_column("name", "Name of the booth"),
            bigint_column("order", "Position of the booth"),
            text_column("short_description", "Short description"),
            text_column("long_description", "Long description"),
            text_column("logo_url", "URL of the logo"),
            text_column("banner_url", "URL of the banner"),
            text_column("video", "Video shown at the booth"),
            text_column("faqs", "Frequently asked questions, as text or JSON"),
            text_column("resources", "Resources offered at the booth, as text or JSON"),
            text_column("layout_type", "Layout of the booth"),
            text_column("layout_data", "Data of the layout, as text or JSON"),
            flag_column("booth_exhibitor", "Whether the booth has exhibitors"),
            text_column("social_media_links", "Social media links, as text or JSON"),
            text_column(
                "register_interest_details",
                "What visitors see when they register their interest, as text or JSON",
            ),
            text_column("offer_details", "Offer of the booth, as text or JSON"),
            text_column("doc_url", "URL of the booth's document"),
            text_column("doc_name", "Name of the booth's document"),
            text_column("booth_space_id", "Id of the space that the booth belongs to"),
        ),
    ),
    Table(
        name="booth_exhibitors",
        description="Exhibitors of each booth",
        key=("airmeet_id", "booth_id", "email"),
        reload=Reload.BY_EVENT,
        parent=BOOTH,
        about_people=True,
        columns=(AIRMEET_ID, BOOTH_ID, personal_column("email", "E-mail address of the exhibitor")),
    ),
    Table(
        name="booth_tags",
        description="Tags of each booth",
        key=("airmeet_id", "booth_id", "tag"),
        reload=Reload.BY_EVENT,
        parent=BOOTH,
        columns=(AIRMEET_ID, BOOTH_ID, text_column("tag", "The tag")),
    ),
    Table(
        name="session_recordings",
        description="Recordings of sessions; a session may have several",
        key=("airmeet_id", "session_id"),
        reload=Reload.BY_EVENT,
        parent=SESSION,
        repeats=True,
        columns=(
            AIRMEET_ID,
            SESSION_ID,
            text_column("session_name", "Title of the session"),
            replace(text_column("download_link", "Signed URL of the recording"), volatile=True),
            replace(time_column("link_fetched_at", "When the link was fetched"), volatile=True),
            replace(
                time_column("link_expires_at", "When the link expires: six hours after it was fetched"),
                volatile=True,
            ),
        ),
    ),
)
