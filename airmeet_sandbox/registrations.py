"""The rows that come with registrations: participants, UTM parameters."""

from math import sqrt
from typing import NamedTuple

from airmeet_sandbox import names
from airmeet_sandbox.arrivals import over_time
from airmeet_sandbox.clock import DAY, iso_ms
from airmeet_sandbox.collection import Plan, Record, each
from airmeet_sandbox.event import Event
from airmeet_sandbox.lists import custom_field_records
from airmeet_sandbox.seeds import fraction, mix, pick

TRICKLE = 90 * DAY
_REGISTRATION_FIELDS = ("email", "name", "city", "country", "organisation", "Designation", "registrationDate")
_USER_TYPES = ("Registered User", "Registered User", "Registered User", "Guest", "Invitee")


def registered_at(event: Event, index: int) -> float:
    """When registration number `index` comes in: denser towards the event, and a trickle after it."""
    before = event.registrations_before_end
    jitter = fraction(mix(event.key ^ index))
    if index < before:
        return event.opens + (event.planned_end - event.opens) * sqrt((index + jitter) / before)
    late = (index - before + jitter) / (event.registrations - before)
    return event.planned_end + TRICKLE * late * sqrt(late)


def participants(event: Event) -> Plan:
    """People who registered, oldest first."""
    fields = _form(event)

    def record(index: int) -> Record:
        person = event.registrant(index)
        bits = mix(event.key + index)
        code = f"{mix(bits):016x}"
        return {
            "email": person.email,
            "name": person.name,
            "city": person.city,
            "country": person.country,
            "organisation": person.organisation,
            "Designation": person.designation,
            "registrationDate": iso_ms(registered_at(event, index)),
            "profile_url": f"https://people.airmeet.example/{person.user_id}" if bits % 3 == 0 else None,
            "user_type": pick(_USER_TYPES, bits >> 8),
            "token": f"https://join.airmeet.example/e/{event.airmeet_id}?code={code}",
            "invite_sent": bits % 5 != 0,
            "user_profile": _answers(fields, bits >> 4),
            "user_id": person.user_id,
        }

    return over_time(event, "participants", event.registrations, each(record), registered_at, with_id=False)


def as_registration(participant: Record) -> Record:
    """A participant as the first version of the API shows it."""
    return {field: participant[field] for field in _REGISTRATION_FIELDS if field in participant}


def utms(event: Event) -> Plan:
    """The UTM parameters of three registrations out of four."""
    size = 0 if event.bare else event.registrations - event.registrations // 4

    def record(index: int) -> Record:
        registration = _tracked(index)
        return {
            "airmeetId": event.airmeet_id,
            "email": event.registrant(registration).email,
            "id": 0,
            "utms": utm_parameters(mix(event.key ^ (registration << 20))),
        }

    def tracked_at(event: Event, index: int) -> float:
        return registered_at(event, _tracked(index))

    return over_time(event, "utms", size, each(record), tracked_at)


def _tracked(index: int) -> int:
    return index + index // 3


def utm_parameters(bits: int) -> dict[str, str | None]:
    """Parameters of a made-up link: what it did not carry is null or absent."""
    source, medium, campaign = pick(names.CAMPAIGNS, bits)
    utm: dict[str, str | None] = {"utm_source": source, "utm_medium": medium, "utm_campaign": campaign}
    if bits >> 8 & 1:
        utm = {name: value for name, value in utm.items() if value is not None}
    if medium == "cpc":
        utm["utm_term"] = pick(names.UTM_TERMS, bits >> 9)
    if bits >> 16 & 3 == 0:
        utm["utm_content"] = pick(names.UTM_CONTENTS, bits >> 18)
    return utm


class _Field(NamedTuple):
    field_id: str
    codes: list[str]
    takes_several: bool


def _form(event: Event) -> list[_Field]:
    return [
        _Field(
            field["fieldId"],
            [option["code"] for option in field["options"]],
            field["type"]["inputType"] == "checkbox",
        )
        for field in custom_field_records(event)
    ]


def _answers(form: list[_Field], bits: int) -> list[Record]:
    """Answers to three fields out of four: text where there are no options, several codes for a checkbox."""
    answers = []
    for field in form:
        bits = mix(bits)
        if bits % 4 == 0:
            continue
        value: object = pick(names.EXPECTATIONS, bits >> 8)
        if field.takes_several:
            value = field.codes[: 1 + (bits >> 8) % len(field.codes)]
        elif field.codes:
            value = field.codes[(bits >> 8) % len(field.codes)]
        answers.append({"value": value, "fieldId": field.field_id})
    return answers
