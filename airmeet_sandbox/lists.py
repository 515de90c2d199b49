"""The small lists of an event: booths, tracks, custom registration fields."""

from airmeet_sandbox import names
from airmeet_sandbox.collection import Record
from airmeet_sandbox.event import Event
from airmeet_sandbox.seeds import key, mix, numbered_uuid, pick

_MAPPED = {
    "radio": "singleSelect",
    "checkbox": "multiSelect",
    "dropdown": "singleSelect",
    "text": "shortText",
}


def booth_records(event: Event) -> list[Record]:
    """Two to five booths."""
    if event.bare:
        return []
    seed = key(event.key, "booths")
    return [booth_record(event, number, mix(seed + number)) for number in range(2 + seed % 4)]


def booth_record(event: Event, number: int, bits: int) -> Record:
    """One booth."""
    company = pick(names.COMPANIES, bits)
    mailbox = company.split()[0].lower()
    tags = {pick(names.BOOTH_TAGS, bits >> 8), pick(names.BOOTH_TAGS, bits >> 12)}
    return {
        "uid": numbered_uuid(number, bits & 0xFFFFFFFF, bits),
        "name": company,
        "exhibitors": [f"booth.exhibitor.{person}@{mailbox}.example" for person in range(1, 1 + bits % 4)],
        "tags": sorted(tags),
        "airmeet_id": event.airmeet_id,
        "logo_url": f"https://images.airmeet.example/{mailbox}.png",
        "video": None,
        "faqs": [{"question": "Where are you based?", "answer": "Everywhere"}] if number % 2 else None,
        "order": number + 1,
        "resources": None,
        "layoutType": None,
        "layoutData": "null",
        "boothExhibitor": True,
        "social_media_links": {"linkedin": f"https://social.example/{mailbox}"} if number % 3 == 0 else None,
        "short_description": f"Meet the team of {company}.",
        "long_description": None,
        "banner_url": None,
        "register_interest_details": None,
        "offer_details": None,
        "doc_url": None,
        "doc_name": None,
        "booth_space_id": None,
    }


def track_records(event: Event) -> list[Record]:
    """Two or three tracks that share the sessions between them."""
    if event.bare:
        return []
    seed = key(event.key, "tracks")
    count = 2 + seed % 2
    return [
        {
            "uid": numbered_uuid(number, seed & 0xFFFFFFFF, mix(seed + number)),
            "name": names.TRACK_NAMES[number],
            "description": f"Sessions for: {names.TRACK_NAMES[number].lower()}",
            "track_order": None if number == 0 else number,
            "metaData": {"colorCode": f"hsl({mix(seed + number) % 360},96%,47%)"},
            "sessions": [session.session_id for session in event.planned_sessions[number::count]],
        }
        for number in range(count)
    ]


def custom_field_records(event: Event) -> list[Record]:
    """The questions of the registration form."""
    if event.bare:
        return []
    seed = key(event.key, "custom_fields")
    records = []
    for number, (label, name, input_type, options) in enumerate(names.CUSTOM_FIELDS):
        if number == 4 and seed % 2:
            continue
        records.append(
            {
                "label": label,
                "name": name,
                "fieldId": numbered_uuid(number, seed & 0xFFFFFFFF, mix(seed + number)),
                "options": [{"code": option, "displayValue": option} for option in options],
                "isRequired": number == 0,
                "type": {
                    "fieldType": "custom",
                    "inputType": input_type,
                    "mappedFrom": _MAPPED[input_type],
                },
            }
        )
    return records
