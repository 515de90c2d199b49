"""The people of the demo."""

from airmeet_source.push.columns import name_of
from airmeet_source.push.form import Form
from airmeet_source.push.sheet import Sheet, numbered

_PEOPLE = (
    ("ada@lovelace.example", "Ada", "Lovelace", "Analytical Engines"),
    ("grace@hopper.example", "Grace", "Hopper", "Compilers & Co"),
    ("mary@jackson.example", "Mary", "Jackson", "Wind Tunnels"),
)


def example(form: Form) -> Sheet:
    """Three people who have answered what a form requires."""
    required = [field for field in form.fields if field.is_required]
    columns = ["email", "first_name", "last_name", "organisation", *map(name_of, required)]
    answers = [field.options[0].code if field.options else "Yes" for field in required]
    return numbered(columns, [dict(zip(columns, (*person, *answers), strict=True)) for person in _PEOPLE])
