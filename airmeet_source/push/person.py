"""People to send: what is known of one, and the body that each version of the API takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from airmeet_source.api.regions import Api
from airmeet_source.api.writing import Action
from airmeet_source.fields import Record
from airmeet_source.push.form import Value


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person, checked."""

    line: int
    email: str
    first_name: str = ""
    last_name: str = ""
    profile: Mapping[str, str] = field(default_factory=dict)  # by column, what is known
    answers: Mapping[str, Value] = field(default_factory=dict)  # by the ids of custom fields

    @property
    def key(self) -> str:
        """What tells people apart."""
        return self.email.lower()


def body_of(person: Person, api: Api, action: Action, *, invites: bool) -> Record:
    """What is sent of a person. What Airmeet has a default for is always said."""
    if api is Api.LEGACY:
        return _legacy_body(person, action)
    body: Record = {
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        **person.profile,
        "registerAttendee": action == "register",
        "sendEmailInvite": invites,
    }
    if person.answers:
        body["customFieldMapping"] = [
            {"fieldId": field_id, "value": value} for field_id, value in person.answers.items()
        ]
    return body


def _legacy_body(person: Person, action: Action) -> Record:
    profile = dict(person.profile)
    if action == "authorise" and "organisation" in profile:  # one of the two calls spells it so
        profile["organization"] = profile.pop("organisation")
    name = f"{person.first_name} {person.last_name}".strip()
    return {"email": person.email, "name": name, **profile}
